extension CoordinatorCore {
    /// Begins a snapshot: until ``snapshotIsOpen(_:)`` no unit commits, so that the stores can be opened at the same
    /// point.
    ///
    /// - Parameter isCounted: whether it is somebody's snapshot, and not a transaction's own view.
    /// - Returns: what the snapshot is called here, and the number that it reads at.
    func beginSnapshot(isCounted: Bool = true) async throws -> (id: UnitID, number: UInt64) {
        // Transactions that run when the coordinator closes may end.
        if isCounted {
            try checkOpen()
        } else if case .stopped(let error) = phase {
            throw TransactionError.stopped(error)
        }
        lastUnit += 1
        let id = UnitID(rawValue: lastUnit)
        let limit = configuration.maximumSnapshotAge
        try await lockAlone(id, .commit, .shared, limit: limit, TransactionError.commitTookLong(limit))
        // Whoever held the stores may have stopped halfway.
        if case .stopped(let error) = phase {
            resume(locks.release(id))
            throw TransactionError.stopped(error)
        }
        snapshots[id] = lastNumber
        if isCounted { counters.snapshots += 1 }
        return (id, lastNumber)
    }

    /// The snapshot's stores are open; units may commit again.
    func snapshotIsOpen(_ id: UnitID) {
        resume(locks.release(id))
    }

    /// Ends a snapshot, wherever it is.
    func endSnapshot(_ id: UnitID) {
        guard snapshots.removeValue(forKey: id) != nil else { return }
        resume(locks.release(id))
        cacheQueue.forget(before: snapshots.values.min())
        confirmAll()
        checkpointIfDue()
    }
}

extension TransactionError {
    fileprivate static func commitTookLong(_ limit: Duration) -> TransactionError {
        TransactionError(
            .snapshotTooOld, "a commit was under way for longer than \(limit)",
            remedy: "Look at why the graph does not follow SQLite: the log tells.", isTransient: true)
    }
}
