extension Recovery {
    /// Decides what a graph with this marker needs.
    ///
    /// - Parameters:
    ///   - found: the identity in the graph; nil if it has none.
    ///   - marker: its highest number.
    static func plan(_ meta: Journal.Meta, found: String?, marker: UInt64, store: String) throws -> Plan {
        guard let found else {
            // Without a marker it has nothing; that is fine as long as the journal has everything.
            guard meta.trimmedGraph == 0 else {
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
        guard marker >= meta.trimmedGraph else {
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

    /// Decides where Redis is to be brought on from.
    static func plan(_ meta: Journal.Meta, cache: CacheAdoption) throws -> (after: UInt64, isLoss: Bool) {
        switch cache {
        case .new: return (meta.trimmed, meta.trimmed > 0)
        case .known(let marker):
            guard marker <= meta.lastNumber else {
                throw TransactionError.aheadOfSQLite(number: "\(marker)", last: meta.lastNumber)
            }
            return (max(marker, meta.trimmed), marker < meta.trimmed)
        }
    }
}

extension TransactionError {
    /// Redis holds what SQLite knows nothing of.
    static func aheadOfSQLite(number: String, last: UInt64) -> TransactionError {
        TransactionError(
            .foreignStore,
            "Redis has number \(number), and SQLite knew only \(last) when it was opened: SQLite was restored from an older backup, or its last commits were lost",
            remedy:
                "Restore SQLite, or delete the key \(RedisFunctions.markerKey) and the managed keys in Redis to have them rebuilt."
        )
    }
}
