import Logging
public import Pooling
public import RedisClient

/// Connections to one Redis server, for any number of tasks (P2).
///
/// Two ways of use stand under the one bound of the pool:
///
/// - **Shared.** ``send(_:)`` and all typed commands of `RedisCommands`, ``pipeline(_:)-([RedisCommand])`` and ``transaction(_:)-([RedisCommand])``
///   travel on a few connections together with those of other tasks. Nobody waits for a connection of his own, and many commands
///   share one write.
/// - **Exclusive.** ``withConnection(timeout:isolation:file:line:_:)`` lends a connection for a scope: for WATCH, SELECT, client-side caching and all that
///   speaks of the connection itself. Such a connection is brought back to its configured state afterwards (RESET), or closed.
///
/// Blocking commands (BLPOP, XREAD with BLOCK, …) given to ``send(_:)`` get a connection of their own for their time. Commands that change
/// the connection, or speak of it (SELECT, AUTH, MULTI, WATCH, SUBSCRIBE, CLIENT TRACKING, WAIT, …), are refused there, and the error says what
/// to use instead.
///
/// No connection is opened before the first use, or ``start()``. ``RedisPoolConfiguration/Retries`` tells exactly what is ever sent again.
///
/// Everything can be called from any task. Use ``withPool(to:configuration:name:observers:logger:isolation:_:)``, or end the pool with ``shutdown(within:)``.
public final class RedisPool: Sendable {
    /// The server.
    public let endpoint: RedisEndpoint
    /// What the pool was made with; ``setConnectionLimit(_:)`` changes the maximum later.
    public let configuration: RedisPoolConfiguration
    /// The pool's name in errors, logs and metrics.
    public let name: String

    let node: RedisNodePool
    let retries: RetryRule

    /// A pool. It opens no connection yet.
    ///
    /// - Parameters:
    ///   - endpoint: the server.
    ///   - name: what errors, logs and metrics call the pool.
    ///   - observers: called with the pool's name; is told of each event then, nil for none. A command on a shared connection counts as one
    ///     use of it.
    ///   - logger: gets warnings of leaks and incomplete shutdowns, and at most info of anything else.
    /// - Throws: ``PoolError`` with the code ``PoolError/Code-swift.struct/invalidConfiguration``.
    public init(
        to endpoint: RedisEndpoint, configuration: RedisPoolConfiguration = RedisPoolConfiguration(),
        name: String = "redis",
        observers: PoolObservers? = nil, logger: Logger = Logger(label: "trivet.redis")
    ) throws(PoolError) {
        try configuration.validate()
        self.endpoint = endpoint
        self.configuration = configuration
        self.name = name
        self.retries = RetryRule(retries: configuration.retries)
        let connection = configuration.connection
        node = try RedisNodePool(
            name: name, endpoint: endpoint, configuration: configuration.pool, sharing: configuration.sharing,
            failsWhenUnreachable: false, observer: observers?(name), logger: logger
        ) {
            try await RedisConnection.connect(to: endpoint, configuration: connection, logger: logger)
        }
    }

    /// Runs the closure with a pool, and shuts the pool down afterwards, with its ``PoolConfiguration/drainTimeout``.
    ///
    /// - Throws: ``PoolError`` for a configuration that makes no sense; what the closure throws.
    public static func withPool<Value>(
        to endpoint: RedisEndpoint, configuration: RedisPoolConfiguration = RedisPoolConfiguration(),
        name: String = "redis",
        observers: PoolObservers? = nil, logger: Logger = Logger(label: "trivet.redis"),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisPool) async throws -> sending Value
    ) async throws -> sending Value {
        let pool = try RedisPool(
            to: endpoint, configuration: configuration, name: name, observers: observers, logger: logger)
        let value: Value
        do {
            value = try await body(pool)
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
        return value
    }
}
