import Failpoints

extension CoordinatorCore {
    /// The graph has committed units, and its writer is still held.
    func graphHasCommitted(_ units: Int) {
        guard checkpoints.committed(units), let graph = participants.graph else { return }
        do {
            checkpoints.measured(try graph.load(), age: clock.now - lastCheckpoint)
            isCheckpointDue.store(checkpoints.urgency != .none, ordering: .relaxed)
        } catch {
            logger.warning("the graph does not say how full it is", metadata: ["error": "\(error)"])
        }
        checkpointIfDue()
    }

    /// Begins a checkpoint if one is due and would not have to wait for a snapshot.
    func checkpointIfDue() {
        guard checkpoint == nil, case .open = phase else { return }
        switch checkpoints.urgency {
        case .none: return
        case .whenQuiet where gate.hasSnapshots: return
        case .whenQuiet, .now: break
        }
        checkpoint = Task {
            do {
                try await makeCheckpoint()
            } catch is CancellationError {
                return
            } catch {
                logger.warning(
                    "the graph's checkpoint failed; it is tried again after more transactions",
                    metadata: ["error": "\(error)"])
            }
        }
    }

    /// See ``Coordinator/checkpointGraph()``.
    func checkpointGraph() async throws {
        while let checkpoint { try? await checkpoint.value }
        try Task.checkCancellation()
        try checkOpen()
        let made = Task { try await makeCheckpoint() }
        checkpoint = made
        try await withTaskCancellationHandler {
            try await made.value
        } onCancel: {
            made.cancel()
        }
    }

    /// Takes the graph's lock while nothing is in the graph's transaction that is not decided yet.
    private func lockDecidedGraph(_ id: UnitID) async throws {
        while true {
            try await lockAlone(id, .store(.graph), .exclusive)
            guard group.usesGraph else { return }
            requestClosing()
            resume(locks.release(.store(.graph), of: id))
            await groupEnd()
            try Task.checkCancellation()
        }
    }

    /// Moves the graph's log into its file while no unit uses the graph. What the journal holds for the graph up to here
    /// is not needed any more after that.
    private func makeCheckpoint() async throws {
        var isDone = false
        defer {
            checkpoints.ended(isDone: isDone)
            lastCheckpoint = clock.now
            isCheckpointDue.store(false, ordering: .relaxed)
            checkpoint = nil
            wakeIdleWaits()
        }
        guard let graph = participants.graph else { return }
        let id = makeID()
        try await lockDecidedGraph(id)
        defer { resume(locks.release(id)) }
        // Who reads it without a lock may wait for somebody who waits for the graph.
        try await lockAlone(id, .graphViews, .exclusive)
        try await graph.acquire()
        defer { graph.release() }
        _ = try await graph.prepareToBegin()
        // Whoever writes to the graph holds its lock until that is committed, so the graph has all of these.
        let number = lastNumber
        try graph.trimMarkers()
        Failpoint.checkpointMarkers.pass()
        try await graph.checkpoint()
        checkpointed = number
        counters.checkpoints += 1
        isDone = true
    }
}
