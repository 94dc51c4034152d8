import Failpoints

extension CoordinatorCore {
    /// Ends the work: no new units, then those that run and Redis are waited for.
    func close(within limit: Duration) async {
        if case .open = phase { phase = .closing }
        gate.refuseUsers()
        cacheState.withLock { $0.isClosing = true }
        let timer = Task {
            try await clock.sleep(for: limit)
            stop(
                TransactionError(
                    .stopped, "the coordinator was closed before everything had ended",
                    remedy: "Allow more time, or end work before."))
            wakeIdleWaits()
        }
        while !isIdle {
            await withCheckedContinuation { continuation in
                if isIdle { continuation.resume() } else { idleWaits.append(continuation) }
            }
        }
        timer.cancel()
        Failpoint.closeIdle.pass()
        if holdsGraph { participants.graph?.release() }
        holdsGraph = false
        // Whoever brings on a Redis that has lost something would try for ever.
        for wait in cacheState.withLock({ $0.stop() }) { wait.resume(returning: false) }
        if case .closing = phase {
            phase = .stopped(
                TransactionError(.stopped, "the coordinator is closed", remedy: "Open another one."))
        }
    }

    private var isIdle: Bool {
        guard units.isEmpty, group.isEmpty, checkpoint == nil else { return false }
        if case .stopped = phase { return true }
        return cacheState.withLock { $0.queue.isIdle }
    }

    /// Lets ``close(within:)`` look again whether Redis has everything.
    nonisolated func wakeThoseWhoClose() {
        guard cacheState.withLock({ $0.isClosing }) else { return }
        Task(executorPreference: lane) { await self.wakeIdleWaits() }
    }

    func wakeIdleWaits() {
        let waits = idleWaits
        idleWaits = []
        for wait in waits { wait.resume() }
    }
}
