import Logging
import Metrics
public import ServiceLifecycle

/// The pools of all stores of an application: opened from one configuration, watched, balanced and ended together.
///
/// ```swift
/// let configuration = try await StoresConfiguration.load(file: "stores.yaml")
/// let manager = try await PoolManager.open(configuration, logger: logger)
/// let group = ServiceGroup(services: [manager, server], gracefulShutdownSignals: [.sigterm], logger: logger)
/// try await group.run()
/// ```
///
/// In a service group the manager stands before what uses it: services end in the reverse order, so that its users end first. Scripts and
/// tests use
/// ``withManager(_:logger:metrics:isolation:_:)`` instead.
///
/// The pools work without ``run()`` too; then nobody probes the stores, moves connections, or updates gauges.
public final class PoolManager: Service {
    /// What the manager was opened with.
    public let configuration: StoresConfiguration

    let keeper: StoreKeeper
    private let stores: OpenStores

    init(_ configuration: StoresConfiguration, _ stores: OpenStores, factory: any MetricsFactory, logger: Logger) throws
    {
        self.configuration = configuration
        self.stores = stores
        keeper = try StoreKeeper(stores.all, configuration.keeping, factory: factory, logger: logger)
    }

    // MARK: Stores

    /// The SQLite database's pool.
    ///
    /// - Throws: ``PoolManagerError`` if there is none in the configuration.
    public var sqlite: SQLitePool {
        get throws(PoolManagerError) {
            guard let pool = stores.sqlite else { throw .notConfigured("SQLite", keys: "sqlite.path") }
            return pool
        }
    }

    /// The graph database's pool.
    ///
    /// - Throws: ``PoolManagerError`` if there is none in the configuration.
    public var graph: GraphPool {
        get throws(PoolManagerError) {
            guard let pool = stores.graph else { throw .notConfigured("the graph", keys: "graph.path") }
            return pool
        }
    }

    /// The Redis server's pool.
    ///
    /// - Throws: ``PoolManagerError`` if there is none in the configuration, or a cluster.
    public var redis: RedisPool {
        get throws(PoolManagerError) {
            guard let pool = stores.redis else {
                throw .notConfigured("a Redis server", keys: "redis.host, or use redisCluster for redis.cluster")
            }
            return pool
        }
    }

    /// The Redis cluster's pool.
    ///
    /// - Throws: ``PoolManagerError`` if there is none in the configuration, or a single server.
    public var redisCluster: RedisClusterPool {
        get throws(PoolManagerError) {
            guard let pool = stores.redisCluster else {
                throw .notConfigured("a Redis cluster", keys: "redis.cluster, or use redis for redis.host")
            }
            return pool
        }
    }

    /// Which stores are configured.
    public var kinds: [StoreKind] { stores.all.map(\.kind) }

    // MARK: Watching

    /// How the stores are now (P6). Changes only while the manager runs.
    public var health: HealthReport { keeper.health.report }

    /// The stores' health now, then every change, until the manager shuts down (P6).
    public func healthChanges() -> HealthChanges { HealthChanges(stream: keeper.health.subscribe()) }

    /// Everything at this moment, for people and dashboards.
    public var status: StoresStatus { keeper.status }

    // MARK: Life

    /// Probes the stores, moves connections between them and updates gauges, until a graceful shutdown begins, the task is cancelled, or
    /// ``shutdown(within:)`` is called. Then drains all pools and returns.
    ///
    /// - Throws: ``PoolManagerError`` if it is called twice.
    public func run() async throws { try await keeper.run() }

    /// Ends all pools: serves those who wait already, refuses others, closes connections as they come back. Ends ``run()`` and
    /// ``healthChanges()`` too.
    ///
    /// Returns at the deadline at the latest, also on a cancelled task. Later calls get the report of the first.
    /// - Parameter limit: one deadline for all stores; nil for the configuration's `drainTimeout`.
    /// - Returns: what was left of each store at the deadline; the log has it too.
    @discardableResult
    public func shutdown(within limit: Duration? = nil) async -> ShutdownReport { await keeper.shutdown(within: limit) }
}
