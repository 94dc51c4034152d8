import Synchronization

/// The router behind a lock, and the signals about what it decided. Whoever asks it performs the steps.
final class SharedRouter: Sendable {
    let router: Mutex<ClusterRouter>
    /// Fires when the map has changed.
    let topologyChanged = Signal()
    /// Fires when a refresh is due earlier than planned.
    let refreshWanted = Signal()
    private let closed = Atomic<Bool>(false)

    init(_ router: ClusterRouter) {
        self.router = Mutex(router)
    }

    var isClosed: Bool { self.closed.load(ordering: .acquiring) }

    func close() {
        self.closed.store(true, ordering: .releasing)
        self.topologyChanged.fire()
        self.refreshWanted.fire()
    }

    /// One transition; wakes the refresh if that is called for.
    func update<Value: Sendable>(_ body: (inout ClusterRouter) -> sending Value) -> Value {
        let (value, wakes) = self.router.withLock { router in
            let value = body(&router)
            return (value, router.refresh.takeWakeUp())
        }
        if wakes { self.refreshWanted.fire() }
        return value
    }

    func next(_ call: inout RoutedCall) -> ClusterRouter.Step {
        // The closure's own copy: a lock's body may not change what it captures and others could see.
        let (step, changed) = self.update { [call] router in
            var call = call
            let step = router.next(&call, now: .now)
            return (step, call)
        }
        call = changed
        return step
    }

    func judge(
        _ call: inout RoutedCall, _ failure: ClusterRouter.Failure, at hop: RoutedCall.Hop
    ) -> ClusterRouter.Step {
        let (step, changed) = self.update { [call] router in
            var call = call
            let step = router.judge(&call, failure, at: hop, now: .now)
            return (step, call)
        }
        call = changed
        return step
    }

    func connectionLost() {
        self.update { $0.refresh.demand(now: .now) }
    }

    /// Waits as a step says.
    ///
    /// - Parameter seen: the topology's generation before the step was decided.
    /// - Throws: when the task is cancelled or the client closed.
    func wait(until: ContinuousClock.Instant, untilNewTopology: Bool, seen: UInt64) async throws(RedisError) {
        if untilNewTopology {
            await self.topologyChanged.wait(after: seen, until: until)
        } else {
            try? await Task.sleep(until: until, clock: .continuous)
        }
        if Task.isCancelled { throw .cancelled(sent: false) }
        if self.isClosed { throw .closedByClient }
    }
}
