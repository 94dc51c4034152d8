import Logging
import Stores

/// Brings the stores to the decided state, before anything else is done with them. Can be killed at any point and run
/// again.
struct Recovery {
    let sqlite: SQLitePool
    let logger: Logger

    /// Raises the epoch, so that nobody else's changes are taken any more.
    func openJournal() async throws -> Journal.Meta {
        try await sqlite.write { try Journal.open(in: $0) }
    }

    // MARK: The graph

    /// Decides what a graph with this marker needs.
    ///
    /// - Parameters:
    ///   - found: the identity in the graph; nil if it has none.
    ///   - marker: its highest number.
    static func plan(_ meta: Journal.Meta, found: String?, marker: UInt64, store: String) throws -> Plan {
        guard let found else {
            // Without a marker it has nothing; that is fine as long as the journal has everything.
            guard meta.trimmed == 0 else {
                throw TransactionError(
                    .foreignStore,
                    "\(store) is new or was never part of these stores, and SQLite's journal only reaches back to number \(meta.trimmed + 1)",
                    remedy: "Give the \(store) that belongs to this SQLite database, or restore it from a backup.")
            }
            return Plan(adopts: true, after: 0)
        }
        guard found == meta.identity else {
            throw TransactionError(
                .foreignStore,
                "\(store) belongs to the SQLite database with the identity \(found), and this one has \(meta.identity)",
                remedy: "Open the stores that belong together.")
        }
        guard marker <= meta.lastNumber else {
            throw TransactionError(
                .foreignStore,
                "\(store) has number \(marker), and SQLite knows only \(meta.lastNumber): SQLite was restored from an older backup, or its last commits were lost",
                remedy: "Restore all stores from the same backup. Nothing was written.")
        }
        guard marker >= meta.trimmed else {
            throw TransactionError(
                .foreignStore,
                "\(store) has number \(marker), and SQLite's journal only reaches back to number \(meta.trimmed + 1): \(store) was restored from an older backup",
                remedy: "Restore all stores from the same backup. Nothing was written.")
        }
        return Plan(adopts: false, after: marker)
    }

    struct Plan: Hashable {
        /// Whether the store gets its marker now.
        var adopts: Bool
        /// The number up to which it has everything.
        var after: UInt64
    }

    /// The most units that one transaction of the graph does again.
    private static let chunk = 100

    /// Does in the graph again what it lacks. Called on the lane, with the graph's writer held.
    static func replay(_ rows: [JournalRow], in graph: any GraphParticipant) throws -> Int {
        let missing = rows.filter { !$0.graph.isEmpty }
        var start = missing.startIndex
        while start < missing.endIndex {
            let chunk = missing[start..<min(start + Self.chunk, missing.endIndex)]
            try graph.begin()
            do {
                for row in chunk { try graph.replay(row.graph) }
                try graph.commit(number: chunk[chunk.endIndex - 1].number)
            } catch {
                graph.rollback()
                throw error
            }
            start = chunk.endIndex
        }
        return missing.count
    }

    // MARK: Redis

    /// Decides where Redis is to be brought on from.
    static func plan(_ meta: Journal.Meta, cache: RedisParticipant.Adoption) throws -> (after: UInt64, isLoss: Bool) {
        switch cache {
        case .new: return (meta.trimmed, meta.trimmed > 0)
        case .known(let marker):
            guard marker <= meta.lastNumber else {
                throw TransactionError(
                    .foreignStore,
                    "Redis has number \(marker), and SQLite knows only \(meta.lastNumber): SQLite was restored from an older backup, or its last commits were lost",
                    remedy:
                        "Restore SQLite, or delete the key \(RedisFunctions.markerKey) and the managed keys in Redis to have them rebuilt."
                )
            }
            return (max(marker, meta.trimmed), marker < meta.trimmed)
        }
    }
}
