extension ConnectionPool {
    /// Opens the minimum of connections, and shuts the pool down when the task is cancelled, with the configuration's
    /// ``PoolConfiguration/drainTimeout``. Returns when the pool is closed, also by ``shutdown(within:)``.
    ///
    /// For service groups. The pool works without it too, but then ends only with `shutdown`.
    public func run() async throws {
        start()
        let (ending, end) = AsyncStream<Never>.makeStream()
        let isOver = guarded.withLock { guarded in
            if guarded.report == nil { guarded.runs.append(end) }
            return guarded.report != nil
        }
        if isOver { return }
        for await _ in ending {}
        await shutdown()
    }

    /// Ends the pool: serves those who wait already, refuses others, closes connections as they come back.
    ///
    /// At the deadline those who still wait get an error (``PoolError/Code-swift.struct/shutDown``), and connections still in use are
    /// interrupted through the factory; they are closed when they come back. Returns then at the latest, also when called on a cancelled
    /// task. Further calls wait for the same end; they can bring the deadline forward.
    ///
    /// - Parameter limit: how long to wait for those who have connections or wait for them; nil for the configuration's.
    /// - Returns: what was left at the deadline.
    @discardableResult
    public func shutdown(within limit: Duration? = nil) async -> PoolDrainReport {
        let span = PoolSpan(limit ?? configuration.drainTimeout)
        return await withCheckedContinuation { continuation in
            var report: PoolDrainReport?
            transition(prepare: { guarded in
                report = guarded.report
                if report == nil { guarded.draining.append(continuation) }
            }) { state, now, actions in
                state.drain(deadline: now.advanced(by: span), now: now, actions: &actions)
            }
            if let report { continuation.resume(returning: report) }
        }
    }
}
