import FaultInjection
import Foundation
import GRDB
import GraphClient
import LocalEngines
import Scenarios
import Stores
import Synchronization
import Threads

/// What keeps a fault going, until it is let go.
struct HeldFault: Sendable {
    fileprivate let release: @Sendable () async throws -> Void
}

/// A fault that these engines can't have.
struct ImpossibleFault: Error, CustomStringConvertible {
    var description: String
}

extension LiveEngines {
    /// Breaks something.
    ///
    /// - Parameter others: faults that go on meanwhile.
    func begin(_ kind: FaultKind, with others: [FaultKind]) async throws -> HeldFault? {
        if let worker, kind.isInWorker {
            try await worker.begin(kind, with: others)
            return nil
        }
        switch kind {
        case .redisLatency, .redisBandwidth, .redisSlice, .redisReset, .redisRefuse, .redisBlackHole, .redisDrop:
            try await network(others + [kind])
        case .redisKill: await server.kill()
        case .redisFreeze: server.suspend()
        case .redisRestart(let isEmpty): try await server.restart(empty: isEmpty)
        case .sqliteBusy: return try await holdWriteLock()
        case .sqliteFull: return try await stopGrowth()
        case .graphReader: return try await holdReader()
        case .workerKill: try await needWorker().kill()
        case .workerDiskFull: try DiskLimit.fill()
        case .graphFull: try await stopGraphLog()
        }
        return nil
    }

    /// Heals it.
    func heal(_ kind: FaultKind, _ held: HeldFault?, with others: [FaultKind]) async throws {
        if let worker, kind.isInWorker { return try await worker.heal(kind, with: others) }
        try await held?.release()
        switch kind {
        case .redisKill: try await server.restart()
        case .redisFreeze: server.resume()
        // It is not waited for: what it needs to open the stores and to recover them is part of the recovery.
        case .workerKill: try await needWorker().start()
        case .workerDiskFull, .graphFull: try limitFiles(others)
        case _ where kind.isOfNetwork: try await network(others)
        default: break
        }
    }

    private func needWorker() throws -> Worker {
        guard let worker else {
            throw ImpossibleFault(description: "the operations are done in no process of their own")
        }
        return worker
    }

    private func network(_ faults: [FaultKind]) async throws {
        guard let proxy else { throw ImpossibleFault(description: "there is no proxy before Redis") }
        try await proxy.apply(ProxyRules(faults))
    }

    // MARK: SQLite

    /// A connection that Trivet knows nothing of begins to write and does not end.
    private func holdWriteLock() async throws -> HeldFault {
        let path = try stores.needSQLite().path
        let queue = try await onThread("fault-busy") {
            var configuration = Configuration()
            configuration.busyMode = .timeout(30)
            configuration.allowsUnsafeTransactions = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inDatabase { try $0.beginTransaction(.immediate) }
            return queue
        }
        return HeldFault {
            try await onThread("fault-busy") {
                try queue.inDatabase { try $0.rollback() }
                try queue.close()
            }
        }
    }

    /// The writer's file may have no more pages than it has, and those that are free in it are few.
    private func stopGrowth() async throws -> HeldFault {
        let sqlite = try stores.needSQLite()
        @Sendable func limit(to pages: Int) async throws {
            try await sqlite.withWriter { session in
                try await session.run { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
            }
        }
        // SQLite takes the present size where it is more.
        try await limit(to: 1)
        return HeldFault { try await limit(to: 1_073_741_823) }
    }

    // MARK: Files of this process

    private func limitFiles(_ faults: [FaultKind]) throws {
        let folder = (try stores.needGraph().path as NSString).deletingLastPathComponent
        try Self.limitFiles(faults.map(\.name), in: folder)
    }

    /// What faults of the disk leave of it: the strictest counts.
    ///
    /// In a process that is started while they last, the graph's log may be as long as it is then, or as it was made for the fault.
    static func limitFiles(_ faults: [String], in folder: String) throws {
        if faults.contains(FaultKind.workerDiskFull.name) {
            try DiskLimit.fill()
        } else if faults.contains(FaultKind.graphFull.name) {
            var log = stat()
            let isThere = stat("\(folder)/\(DataFolder.graph).wal", &log) == 0
            try DiskLimit.limit(to: max(isThere ? Int(log.st_size) : 0, longLog))
        } else {
            try DiskLimit.free()
        }
    }

    /// Longer than SQLite's log becomes within seconds.
    private static let longLog = 2 << 20

    /// The system limits the files of a process all alike. So the graph's log is made the longest, and SQLite's short.
    private func stopGraphLog() async throws {
        let graph = try stores.needGraph()
        try await stores.needSQLite().withWriter { session in
            try await session.run { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        }
        try await graph.withWriter { session in
            try await session.execute(
                "CREATE NODE TABLE IF NOT EXISTS TrivetBallast(id INT64 PRIMARY KEY, text STRING)")
            while graph.logSize < Self.longLog {
                try await session.execute(
                    "UNWIND range(1, 4) AS i CREATE (:TrivetBallast {id: i, text: lpad('x', 250000, 'x')})")
                try await session.execute("MATCH (b:TrivetBallast) DELETE b")
            }
            try await session.execute("DROP TABLE TrivetBallast")
        }
        try DiskLimit.limit(to: graph.logSize)
    }

    // MARK: The graph

    /// A reader that does not end, and a checkpoint that waits for it.
    private func holdReader() async throws -> HeldFault {
        let graph = try stores.needGraph()
        let begun = Flag(), ended = Flag()
        let reader = Task {
            defer { begun.set() }
            try await graph.read { connection in
                _ = try connection.query("CALL show_tables() RETURN name")
                begun.set()
                // A thread of the reader's own, which may block.
                while !ended.isSet { Thread.sleep(forTimeInterval: 0.005) }
            }
        }
        // A checkpoint before the reader would have nobody to wait for.
        do {
            while !begun.isSet { try await Task.sleep(for: .milliseconds(1)) }
        } catch {
            ended.set()
            reader.cancel()
            _ = await reader.result
            throw error
        }
        let checkpoint = Task { try await graph.checkpoint() }
        return HeldFault {
            ended.set()
            try await reader.value
            try await checkpoint.value
        }
    }
}

extension FaultKind {
    /// Whether it is made where the stores are open.
    fileprivate var isInWorker: Bool {
        switch self {
        case .sqliteBusy, .sqliteFull, .graphReader, .graphFull, .workerDiskFull: true
        default: false
        }
    }
}

private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
