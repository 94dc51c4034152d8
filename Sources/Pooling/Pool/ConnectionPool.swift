import Logging

/// A pool of connections to one store.
///
/// Connections are lent for a scope, ``withConnection(timeout:isolation:file:line:_:)``. A connection that is idle is handed out
/// without waiting and without another thread; otherwise the task waits its turn, first come first served, and the pool opens more
/// connections up to its maximum.
///
/// The pool works from its first use on and drives its own timers. Either ``run()`` it beside an application's other services, or end
/// it with ``shutdown(within:)``. If a pool is simply let go of, its connections are closed behind it.
///
/// Everything can be called from any task and thread. What the pool decides is in `PoolState`; this class reads the clock, takes the
/// lock, performs the actions outside of it, and waits.
public final class ConnectionPool<Connection: PoolableConnection>: Sendable {
    /// The pool's name in errors and logs.
    public let name: String
    /// What the pool was made with; ``resize(minimum:maximum:)`` changes the bounds later.
    public let configuration: PoolConfiguration

    let factory: ConnectionFactory<Connection>
    let logger: Logger
    @usableFromInline let time: PoolTime
    package let observer: (any PoolObserver)?
    /// The observer, if it takes plain numbers.
    private let meter: (any PoolMeter)?
    /// Whether there is an observer, asked without copying it.
    @usableFromInline let isObserved: Bool
    @usableFromInline let guarded: PoolLock<Guarded>

    /// What the lock protects.
    @usableFromInline
    struct Guarded: Sendable {
        @usableFromInline var state: PoolState
        /// By slot.
        @usableFromInline var connections: [Connection?] = []
        var waiting: [WaiterID: CheckedContinuation<WaiterOutcome, Never>] = [:]
        /// Calls of the factory's that are under way.
        var operations: [PoolTicket: Task<Void, Never>] = [:]
        var timer: Task<Void, Never>?
        /// When the timer will call; never when there is none.
        var timerMoment = PoolInstant.never
        /// Tells the latest timer from those it replaced.
        var timerSerial: UInt64 = 0
        var report: PoolDrainReport?
        var draining: [CheckedContinuation<PoolDrainReport, Never>] = []
        /// Of calls of `run`.
        var runs: [AsyncStream<Never>.Continuation] = []

        init(state: PoolState) {
            self.state = state
        }
    }

    /// A pool. It opens no connection before its first use.
    ///
    /// - Parameters:
    ///   - name: what errors and logs call it.
    ///   - observer: is told of each event; nil for none.
    ///   - logger: gets warnings of leaks and incomplete shutdowns, and at most info of anything else.
    /// - Throws: ``PoolError`` with the code ``PoolError/Code-swift.struct/invalidConfiguration``.
    public convenience init(
        name: String,
        configuration: PoolConfiguration = PoolConfiguration(),
        factory: ConnectionFactory<Connection>,
        observer: (any PoolObserver)? = nil,
        logger: Logger = Logger(label: "trivet.pool")
    ) throws(PoolError) {
        try self.init(
            name: name, configuration: configuration, factory: factory, observer: observer, logger: logger,
            timeSource: nil)
    }

    /// The same with another clock.
    package init(
        name: String, configuration: PoolConfiguration, factory: ConnectionFactory<Connection>,
        observer: (any PoolObserver)?, logger: Logger, timeSource: (any PoolTimeSource)?
    ) throws(PoolError) {
        do {
            try configuration.validate()
        } catch {
            var named = error
            named.pool = name
            throw named
        }
        self.name = name
        self.configuration = configuration
        self.factory = factory
        self.observer = observer
        self.meter = observer as? any PoolMeter
        self.isObserved = observer != nil
        self.time = PoolTime(source: timeSource)
        var logger = logger
        logger[metadataKey: "pool"] = "\(name)"
        self.logger = logger
        self.guarded = PoolLock(Guarded(state: PoolState(settings: configuration.settings)))
    }

    deinit {
        // Whoever uses a connection or waits for one holds the pool, so these are idle or being probed.
        let (rest, operations, timer) = guarded.withLock { guarded in
            let state = guarded.state
            let operations = guarded.operations.filter { state.slots[$0.key.slot].phase != .closing }
            return (guarded.connections.compactMap { $0 }, operations.values.map { $0 }, guarded.timer)
        }
        timer?.cancel()
        for operation in operations { operation.cancel() }
        guard !rest.isEmpty else { return }
        let factory = factory
        Task.detached {
            for connection in rest { await factory.close(connection) }
        }
    }

    // MARK: Looking and changing

    /// The pool's counts at this moment.
    public var status: PoolStatus { guarded.withLock { $0.state.status() } }

    /// Those who hold connections, the longest first.
    ///
    /// - Parameter limit: the most to list, at least 0.
    public func longestHolders(_ limit: Int = 5) -> [PoolHolder] {
        let now = time.now()
        return guarded.withLock { $0.state.longestHolders(max(0, limit), now: now) }
    }

    /// Opens connections up to the minimum, without waiting for them. The first acquire does so too.
    public func start() {
        transition { state, now, actions in state.start(now: now, actions: &actions) }
    }

    /// Closes idle connections that say themselves that they are broken. For factories that hear of it: otherwise they are found when
    /// they are taken, or by their keep-alive.
    package func closeBroken() {
        var broken: [Int] = []
        transition(prepare: { guarded in
            broken = guarded.state.idle.filter { guarded.connections[$0]?.isUsable == false }
        }) { state, now, actions in
            state.discard(idle: broken, now: now, actions: &actions)
        }
    }

    /// Changes the bounds while the pool runs.
    ///
    /// With more room those who wait get connections at once. With less, idle connections are closed now, those in use when they come
    /// back.
    ///
    /// - Throws: ``PoolError`` with the code ``PoolError/Code-swift.struct/invalidConfiguration``.
    public func resize(minimum: Int, maximum: Int) throws(PoolError) {
        let problems = PoolConfiguration.sizeProblems(minimum: minimum, maximum: maximum)
        guard problems.isEmpty else { throw .invalidConfiguration(problems, pool: name) }
        transition { state, now, actions in
            state.resize(minimum: minimum, maximum: maximum, now: now, actions: &actions)
        }
        observer?.record(.resized(minimum: minimum, maximum: maximum))
    }

    // MARK: Telling the observer

    /// Someone got a connection. Where nobody observes, nothing happens.
    @usableFromInline
    package func tellAcquired() {
        tellAcquired(waited: .zero)
    }

    /// Someone got a connection after a wait.
    func tellAcquired(waited: PoolSpan) {
        if let meter { return meter.acquired(waited: waited) }
        observer?.record(.acquired(waited: waited.duration))
    }

    /// Someone gave a connection back.
    @usableFromInline
    package func tellReleased(held: PoolSpan) {
        if let meter { return meter.released(held: held) }
        observer?.record(.released(held: held.duration))
    }

    /// An operation on the store has ended, for all of which a connection was held that was idle.
    package func tellUsed(_ system: String, _ name: String, took: PoolSpan) {
        if let meter { return meter.used(system, name, took: took) }
        tellAcquired()
        tellReleased(held: took)
        tellOperated(system, name, took: took)
    }

    /// An operation on the store has ended.
    @usableFromInline
    package func tellOperated(_ system: String, _ name: String, took: PoolSpan, error: (any Error)? = nil) {
        if let meter, error == nil { return meter.operated(system, name, took: took) }
        observer?.record(.operation(PoolOperation(system: system, name: name, duration: took.duration, error: error)))
    }
}
