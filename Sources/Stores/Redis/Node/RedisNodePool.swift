import Logging
import Pooling
import RedisClient

/// The connections to one server: exclusive ones from a ``ConnectionPool``, and shared ones, which are leases of that same pool, so that
/// both stand under one bound. The single-node pool has one of these, a cluster's one for each node.
///
/// What is decided stands in ``SharedLanes`` and in the pool's own state; this class locks, waits, and gives back.
final class RedisNodePool: Sendable {
    let name: String
    let endpoint: RedisEndpoint
    let pool: ConnectionPool<PooledRedis>
    /// Whether to give up as soon as connecting fails while no connection is open: for callers who can go elsewhere.
    let failsWhenUnreachable: Bool
    let observer: (any PoolObserver)?
    /// Whether there is an observer, asked without copying it.
    let isObserved: Bool
    let sharing: RedisPoolConfiguration.Sharing
    let guarded: PoolLock<Guarded>
    /// Fires when there may be a lane for those who wait, or a reason to give up.
    let changed = Signal()

    struct Guarded: Sendable {
        var lanes: SharedLanes<SharedRedis>
        /// Waits in the pool for a connection to share.
        var opener: Task<Void, Never>?
        var isOpening = false
        /// How often there was none, and why at the last time.
        var failures: UInt64 = 0
        var lastFailure: (any Error)?
        /// What the waits for lanes came to, in the terms of the pool's own counters.
        var waits = PoolCounters()
    }

    /// - Parameter connect: opens a connection.
    init(
        name: String, endpoint: RedisEndpoint, configuration: PoolConfiguration,
        sharing: RedisPoolConfiguration.Sharing,
        failsWhenUnreachable: Bool, observer: (any PoolObserver)?, logger: Logger,
        connect: @escaping @Sendable () async throws -> RedisConnection
    ) throws(PoolError) {
        self.name = name
        self.endpoint = endpoint
        self.failsWhenUnreachable = failsWhenUnreachable
        self.observer = observer
        isObserved = observer != nil
        self.sharing = sharing
        let hook = LossHook()
        let factory = ConnectionFactory<PooledRedis>(
            open: {
                let connection = try await connect()
                connection.onClose { _ in hook.fire() }
                return PooledRedis(connection: connection)
            },
            validate: { try await $0.renew() },
            close: { await $0.connection.close() },
            interrupt: { $0.connection.startClosing() },
            isLasting: { error in
                guard let error = error as? RedisError else { return false }
                return error.code == .authenticationFailed || error.code == .notRedis
            })
        pool = try ConnectionPool(
            name: name, configuration: configuration, factory: factory, observer: observer, logger: logger)
        guarded = PoolLock(
            Guarded(
                lanes: SharedLanes(
                    maximum: RedisNodePool.lanes(sharing, of: configuration.maximumSize),
                    depth: sharing.commandsPerConnection)))
        hook.set { [weak pool] in pool?.closeBroken() }
    }

    /// At most half of the connections are shared at a time, but one always may be.
    private static func lanes(_ sharing: RedisPoolConfiguration.Sharing, of connections: Int) -> Int {
        max(1, min(sharing.maximumConnections, connections / 2))
    }

    // MARK: The whole

    /// The pool's counts, with each command that shared a connection as one use of it, and those who wait for a shared one.
    var status: PoolStatus {
        let (reuses, waiting, waits) = guarded.withLock { guarded in
            (guarded.lanes.reuses, max(0, guarded.lanes.waiting - (guarded.isOpening ? 1 : 0)), guarded.waits)
        }
        var status = pool.status
        status.waiting += waiting
        status.counters.acquired += reuses
        status.counters.reused += reuses
        status.counters.waited += waits.waited
        status.counters.timedOut += waits.timedOut
        status.counters.cancelled += waits.cancelled
        status.counters.waitNanoseconds += waits.waitNanoseconds
        return status
    }

    func resize(minimum: Int, maximum: Int) throws(PoolError) {
        try pool.resize(minimum: minimum, maximum: maximum)
        let lanes = RedisNodePool.lanes(sharing, of: maximum)
        guarded.withLock { guarded in
            guarded.lanes.maximum = lanes
            guarded.lanes.leave(.max, keeping: lanes)
        }
        giveBackUnneeded()
    }

    func shutdown(within limit: Duration?) async -> PoolDrainReport {
        guarded.withLock { $0.lanes.end() }
        giveBackUnneeded()
        return await pool.shutdown(within: limit)
    }
}
