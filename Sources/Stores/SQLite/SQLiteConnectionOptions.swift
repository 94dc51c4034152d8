import Foundation
import GRDB
import Synchronization

/// What each connection of a pool is opened with.
struct SQLiteConnectionOptions: Sendable {
    let configuration: SQLitePoolConfiguration
    /// The user's own preparation: functions, collations.
    let prepare: (@Sendable (Database) throws -> Void)?
    /// The file of the first connection; nil for the first itself.
    let file: SQLiteFile?

    /// Opens a connection. Blocks.
    func connect(
        _ role: SQLiteSession.Role, at path: String, interrupter: SQLiteInterrupter
    ) throws -> DatabaseQueue {
        try file?.check()
        let queue = try DatabaseQueue(path: path, configuration: grdb(role, interrupter: interrupter))
        // Again: it may have been replaced between the look and the opening.
        try file?.check()
        if role == .writer, configuration.synchronous != .normal {
            // Only now: setting the journal mode makes it NORMAL.
            try queue.inDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = \(configuration.synchronous.rawValue)")
            }
        }
        return queue
    }

    private func grdb(_ role: SQLiteSession.Role, interrupter: SQLiteInterrupter) -> Configuration {
        var options = Configuration()
        options.label = "trivet-sqlite"
        options.readonly = role == .reader
        options.journalMode = role == .writer ? .wal : .default
        // A transaction that is left open is the session's business: it is closed with it, where GRDB would end the process.
        options.allowsUnsafeTransactions = true
        options.busyMode = .callback(busyHandler(interrupter))
        let cache = "PRAGMA cache_size = -\(configuration.cacheKilobytes)"
        options.prepareDatabase { [prepare] database in
            try database.execute(sql: cache)
            try prepare?(database)
        }
        return options
    }

    /// Waits for a lock as SQLite's own handler does, in pauses that grow, and gives up when the task is cancelled, which SQLite's does not.
    private func busyHandler(_ interrupter: SQLiteInterrupter) -> Database.BusyCallback {
        let limit = configuration.busyTimeout
        let start = Mutex(ContinuousClock.now)
        let pauses = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100]
        return { tries in
            let now = ContinuousClock.now
            let waited = start.withLock { start in
                if tries == 0 { start = now }
                return now - start
            }
            guard waited < limit, interrupter.mayWait, !Task.isCancelled else { return false }
            let pause = Duration.milliseconds(pauses[min(tries, pauses.count - 1)])
            Thread.sleep(forTimeInterval: min(pause, limit - waited) / .seconds(1))
            return true
        }
    }
}
