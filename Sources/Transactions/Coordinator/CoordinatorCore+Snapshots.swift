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
                giveUpSnapshot(id)
            }
            defer { timer.cancel() }
            try await withCheckedThrowingContinuation { snapshotWaits[id] = $0 }
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
        snapshots[id] = nil
        resume(locks.release(id))
        cacheQueue.forget(before: snapshots.values.min())
    }

    func snapshotLockGranted(_ id: UnitID) {
        snapshotWaits.removeValue(forKey: id)?.resume()
    }

    private func giveUpSnapshot(_ id: UnitID) {
        guard let wait = snapshotWaits.removeValue(forKey: id) else { return }
        resume(locks.release(id))
        wait.resume(
            throwing: TransactionError(
                .snapshotTooOld, "a commit was under way for longer than \(configuration.maximumSnapshotAge)",
                remedy: "Look at why the graph does not follow: the log and Coordinator.status tell.", isTransient: true
            ))
    }
}
