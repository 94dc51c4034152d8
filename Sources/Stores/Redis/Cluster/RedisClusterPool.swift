import Logging
public import Pooling
public import RedisClient

/// Connections to the nodes of a Redis Cluster, for any number of tasks (P3).
///
/// Commands find their node by themselves and follow the cluster when it changes, as `RedisClusterClient` describes; what it says of commands over
/// several slots holds here too. The connections come from one pool for each node, with the same two ways of use as a ``RedisPool``:
/// commands of many tasks share few connections, and ``withConnection(for:timeout:isolation:file:line:_:)`` lends one to the master of a key's slot, for
/// WATCH and whatever speaks of the connection itself.
///
/// Pools of nodes that leave the cluster are drained and closed. Each is named after its node: "redis.10.0.0.7:6379", for reads from a replica
/// "redis.10.0.0.7:6379.replica".
///
/// The cluster is looked for at the first use, or ``start()``; as long as it is not found commands wait, within their time limits.
///
/// Everything can be called from any task. Use ``withPool(seeds:configuration:name:observers:logger:isolation:_:)``, or end the pool with ``shutdown(within:)``.
public final class RedisClusterPool: Sendable {
    /// The nodes that are asked for the others.
    public let seeds: [RedisEndpoint]
    /// What the pool was made with.
    public let configuration: RedisClusterPoolConfiguration
    /// The beginning of the pools' names.
    public let name: String

    /// Is told of operations, each of which may meet several nodes.
    let observer: (any PoolObserver)?
    let opening: ClusterOpening
    let retries: RetryRule

    /// A pool. It opens no connection yet.
    ///
    /// - Parameters:
    ///   - seeds: some of the cluster's nodes. One that answers is enough; more help when it is down.
    ///   - name: what errors, logs and metrics call the pool; each node's pool has its address behind it.
    ///   - observers: called with each node's pool's name; is told of its events then, nil for none. Called with the cluster's name too: that one
    ///     is told of operations, each of which may meet several nodes.
    ///   - logger: gets warnings of leaks and incomplete shutdowns, and at most info of anything else.
    /// - Throws: ``PoolError`` with the code ``PoolError/Code-swift.struct/invalidConfiguration``.
    public init(
        seeds: [RedisEndpoint], configuration: RedisClusterPoolConfiguration = RedisClusterPoolConfiguration(),
        name: String = "redis", observers: PoolObservers? = nil, logger: Logger = Logger(label: "trivet.redis")
    ) throws(PoolError) {
        try configuration.validate()
        guard !seeds.isEmpty else { throw .invalidConfiguration(["no seed nodes are given"], pool: name) }
        self.seeds = seeds
        self.configuration = configuration
        self.name = name
        observer = observers?(name)
        retries = RetryRule(retries: configuration.retries)
        opening = ClusterOpening(
            name: name, seeds: seeds, configuration: configuration, observers: observers, logger: logger)
    }

    /// Runs the closure with a pool, and shuts the pool down afterwards, with its ``PoolConfiguration/drainTimeout``.
    ///
    /// - Throws: ``PoolError`` for a configuration that makes no sense; what the closure throws.
    public static func withPool<Value>(
        seeds: [RedisEndpoint], configuration: RedisClusterPoolConfiguration = RedisClusterPoolConfiguration(),
        name: String = "redis", observers: PoolObservers? = nil, logger: Logger = Logger(label: "trivet.redis"),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisClusterPool) async throws -> sending Value
    ) async throws -> sending Value {
        let pool = try RedisClusterPool(
            seeds: seeds, configuration: configuration, name: name, observers: observers, logger: logger)
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

    /// The masters as far as they are known now; none before the first use.
    public var masters: [RedisEndpoint] { opening.current?.client.masters ?? [] }

    /// What has been met so far: redirections, waits, refreshes.
    public var statistics: RedisClusterClient.Statistics {
        opening.current?.client.statistics ?? RedisClusterClient.Statistics()
    }
}
