extension CoordinatorCore {
    /// Begins a snapshot: until ``snapshotIsOpen(_:)`` no unit commits, so that the stores can be opened at the same
    /// point.
    ///
    /// - Returns: what the snapshot is called here, and the number that it reads at.
    func beginSnapshot() async throws -> (id: UnitID, number: UInt64) {
        try checkOpen()
        lastUnit += 1
        let id = UnitID(rawValue: lastUnit)
        switch locks.request(.commit, .shared, for: id, work: { _ in 0 }) {
        case .granted: break
        case .waiting, .deadlocked:
            let timer = Task {
                try await clock.sleep(for: configuration.maximumSnapshotAge)
                giveUpSnapshot(id, TransactionError.commitTookLong(configuration.maximumSnapshotAge))
            }
            defer { timer.cancel() }
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    snapshotWaits[id] = continuation
                    if Task.isCancelled { giveUpSnapshot(id, CancellationError()) }
                }
            } onCancel: {
                Task { await self.giveUpSnapshot(id, CancellationError()) }
            }
        }
        snapshots[id] = lastNumber
        counters.snapshots += 1
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
    }

    func snapshotLockGranted(_ id: UnitID) {
        snapshotWaits.removeValue(forKey: id)?.resume()
    }

    private func giveUpSnapshot(_ id: UnitID, _ error: any Error) {
        guard let wait = snapshotWaits.removeValue(forKey: id) else { return }
        resume(locks.release(id))
        wait.resume(throwing: error)
    }
}

extension TransactionError {
    fileprivate static func commitTookLong(_ limit: Duration) -> TransactionError {
        TransactionError(
            .snapshotTooOld, "a commit was under way for longer than \(limit)",
            remedy: "Look at why the graph does not follow SQLite: the log tells.", isTransient: true)
    }
}
