import Foundation
import GRDB

/// Changes of mapped rows that wait in SQLite for a ``CacheSynchronizer``.
public struct ChangeBacklog: Sendable, Hashable, Codable {
    /// Changes; those of one row may count several times.
    public var changes = 0
    /// Rows whose keys are to be made anew.
    public var backfill = 0
    /// How long ago the oldest of the changes was made, in seconds; nil if there is none.
    public var oldestSeconds: Double?
}

extension Coordinator {
    /// What waits for a ``CacheSynchronizer``, whether one runs or not.
    ///
    /// - Throws: what SQLite throws.
    public func changeBacklog() async throws -> ChangeBacklog {
        try await sqlite.read { database in
            guard try ChangeLog.exists(in: database) else { return ChangeBacklog() }
            var backlog = ChangeBacklog()
            backlog.changes = try Int.fetchOne(database, sql: "SELECT count(*) FROM trivet_changes") ?? 0
            backlog.backfill = try Int.fetchOne(database, sql: "SELECT count(*) FROM trivet_backfill") ?? 0
            let oldest = try Double.fetchOne(database, sql: "SELECT min(moment) FROM trivet_changes")
            backlog.oldestSeconds = oldest.map { max(0, Double.now - $0) / 1_000 }
            return backlog
        }
    }

    /// Waits until Redis has all that was decided before the call.
    ///
    /// - Returns: whether it has it in time; true for a coordinator without Redis.
    package func waitForRedis(within limit: Duration) async -> Bool {
        guard core.participants.cache != nil else { return true }
        // The last of all decided units may have had nothing for Redis.
        return await core.waitForCache(core.cacheState.withLock { $0.queue.lastWritten }, limit: limit)
    }
}
