import Stores

/// Snapshots need nothing of the lane, which would let them wait for the units' statements and commits.
extension CoordinatorCore {
    /// Begins a snapshot: until ``snapshotHasBegun(_:)`` no unit commits, so that the stores can be opened at the same
    /// point.
    ///
    /// - Parameters:
    ///   - isCounted: whether it is somebody's snapshot, and not a transaction's own view.
    ///   - waiting: called before it waits for a commit.
    /// - Returns: what the snapshot is called here, and the number that it reads at.
    nonisolated func beginSnapshot(
        isCounted: Bool = true, waiting: () -> Void = {}
    ) async throws -> (id: SnapshotID, number: UInt64) {
        try await gate.begin(isCounted: isCounted, limit: configuration.maximumSnapshotAge, waiting: waiting)
    }

    /// The readers of a snapshot have begun; units may commit again.
    nonisolated func snapshotHasBegun(_ id: SnapshotID) {
        gate.hasBegun(id)
    }

    /// Ends a snapshot, wherever it is.
    nonisolated func endSnapshot(_ id: SnapshotID) {
        guard let oldest = gate.end(id) else { return }
        cacheState.withLock { $0.queue.forget(before: oldest) }
        confirmAll()
        if isCheckpointDue.load(ordering: .relaxed) {
            Task(executorPreference: lane) { await self.checkpointIfDue() }
        }
    }

    // MARK: Views

    /// The stores as they are now, through these readers.
    nonisolated func openView(
        of readers: StoreReaders, stores: StoreSet = [.sqlite, .graph], isCounted: Bool = false
    ) async throws -> StoreView {
        let readable = readers.readable(of: stores)
        let last = gate.number
        let (id, number, open): (SnapshotID, UInt64, StoreSet)
        if readers.show(readable, at: last), let begun = gate.begin(isCounted: isCounted, at: last) {
            readers.resume(readable)
            (id, number, open) = (begun, last, readable)
        } else {
            // What the last view has left may keep the graph from being put in order, for which the commit may wait.
            (id, number) = try await beginSnapshot(isCounted: isCounted, waiting: readers.endStanding)
            open = readable.members.reduce(into: []) { if readers.resume($1, at: number) { $0.insert($1) } }
        }
        let state = SnapshotState(maximumAge: configuration.maximumSnapshotAge)
        let view = StoreView(id: id, number: number, of: readers, stores: stores, open: open, state: state) {
            self.snapshotHasBegun(id)
        }
        // At its age it lets go of everything, whatever its body does.
        view.watchAge(timers, limit: configuration.maximumSnapshotAge) { view in
            guard state.end(.tooOld) else { return }
            self.endSnapshot(id)
            view.end()
        }
        gate.begin(id) { view.begin() }
        return view
    }

    /// Ends a snapshot's view, and keeps its readers for the next one.
    nonisolated func close(_ view: StoreView, _ readers: StoreReaders, keptIn stash: ReaderStash) {
        guard view.state.end(.scopeEnded) else { return close(view, readers) }
        view.forgetAge(timers)
        let isOver = view.retire()
        endSnapshot(view.id)
        if isOver { stash.keep(readers) } else { readers.giveBack(after: view) }
    }

    /// Ends a view, and gives its readers back.
    nonisolated func close(_ view: StoreView, _ readers: StoreReaders? = nil) {
        if view.state.end(.scopeEnded) { endSnapshot(view.id) }
        view.forgetAge(timers)
        if let readers { readers.giveBack(after: view) } else { view.end() }
    }
}
