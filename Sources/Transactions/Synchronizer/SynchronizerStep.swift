import GRDB

/// What one step of the synchronizer did.
struct SynchronizerStep: Sendable {
    /// Changes that are settled, for their lag.
    var settled: [ChangeLog.Entry] = []
    var rows = 0
    /// Rows whose keys others hold.
    var postponed = 0
    /// There may be more to do at once.
    var isFull = false
}

extension Transaction {
    /// Brings rows that have changed to Redis, as the body of a transaction: the values are those of this moment, and
    /// the notes go with its commit.
    ///
    /// Keys that others hold are left for later, since waiting would hold up all who write to SQLite.
    func synchronize(
        _ rows: MappedRows, _ configuration: CacheSynchronizer.Configuration
    ) async throws -> SynchronizerStep {
        var step = SynchronizerStep()
        let limit = configuration.batch
        let changes = try await sqlite { database in
            try ChangeLog.entries(.changes, limit: limit, of: rows.tables, in: database)
        }
        // Few of them beside changes, which somebody waits for.
        let backfillLimit = changes.isEmpty ? limit : max(1, limit / 10)
        let backfill = try await sqlite { database in
            try ChangeLog.entries(.backfill, limit: backfillLimit, of: rows.tables, in: database)
        }
        step.isFull = changes.count == limit || backfill.count == backfillLimit
        let impatientBefore = Int64(Double.now - configuration.patience / .milliseconds(1))
        for (source, entries) in [(ChangeLog.Source.changes, changes), (.backfill, backfill)] where !entries.isEmpty {
            let moments = Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0.moment ?? .max) })
            var done: Set<Int64> = []
            for work in ChangePlan(entries).works {
                let isUrgent = work.ids.contains { (moments[$0] ?? .max) < impatientBefore }
                if try await bring(work, rows, waits: isUrgent) {
                    done.formUnion(work.ids)
                    step.rows += 1
                } else {
                    step.postponed += 1
                }
            }
            let settled = entries.filter { done.contains($0.id) }
            if source == .changes { step.settled = settled }
            try await sqlite { try ChangeLog.remove(settled.map(\.id), from: source, in: $0) }
        }
        return step
    }

    /// - Returns: false when somebody has the key and it is not to be waited for.
    private func bring(_ work: ChangePlan.Work, _ rows: MappedRows, waits: Bool) async throws -> Bool {
        guard let key = rows.cacheKey(of: work) else { return true }
        if try await !core.lockIfFree(id, key) {
            guard waits else { return false }
            try await core.lock(id, .key(key), .exclusive)
        }
        let effects = try await sqlite { try rows.effects(of: work, in: $0) }
        try await core.add(effects ?? [], to: key, for: id)
        return true
    }
}
