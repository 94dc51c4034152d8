public import GraphClient
public import RedisClient

/// What a ``PoolManager`` opens, and how it looks after it.
///
/// Any store may be missing. Make one in code, or read it from flags, the environment and a file:
/// ``load(file:section:environment:overrides:)``. The chapter "Connection pools" of the documentation has a table of all keys, as does
/// ``keys``.
public struct StoresConfiguration: Sendable {
    /// The SQLite database.
    public struct SQLite: Sendable, Hashable {
        /// The database's file. It is created if there is none; its folder must exist.
        public var path: String
        /// Its pools.
        public var pool: SQLitePoolConfiguration

        /// A database.
        public init(path: String, pool: SQLitePoolConfiguration = SQLitePoolConfiguration()) {
            self.path = path
            self.pool = pool
        }
    }

    /// The graph database.
    public struct Graph: Sendable, Hashable {
        /// The database's file. It is created if there is none.
        public var path: String
        /// The engine that runs it; nil for the one that the environment names, or that made the database: see
        /// `GraphEngine.load(forDatabaseAt:_:)`.
        public var engine: GraphEngine.Kind?
        /// Its pools.
        public var pool: GraphPoolConfiguration

        /// A database.
        public init(
            path: String, engine: GraphEngine.Kind? = nil, pool: GraphPoolConfiguration = GraphPoolConfiguration()
        ) {
            self.path = path
            self.engine = engine
            self.pool = pool
        }
    }

    /// Redis: one server, or a cluster.
    public enum Redis: Sendable {
        /// One server.
        case server(RedisEndpoint, RedisPoolConfiguration = RedisPoolConfiguration())
        /// A cluster, found through any of its nodes.
        case cluster([RedisEndpoint], RedisClusterPoolConfiguration = RedisClusterPoolConfiguration())
    }

    /// The SQLite database; nil for none.
    public var sqlite: SQLite?
    /// The graph database; nil for none.
    public var graph: Graph?
    /// Redis; nil for none.
    public var redis: Redis?
    /// The most connections of all stores together (P7). Nil, the default, lets each store have its own maximum; then there is nothing to
    /// rebalance.
    public var connectionBudget: Int?
    /// How health is watched (P6).
    public var health = HealthConfiguration()
    /// How connections are moved between stores (P7).
    public var rebalancing = RebalancingConfiguration()
    /// How often gauges are updated (M1). Default 5 s.
    public var metricsInterval: Duration = .seconds(5)
    /// How long opening may take until every store answers. Default 10 s.
    public var openTimeout: Duration = .seconds(10)
    /// How long a shutdown waits for connections in use, all stores together. Default 20 s: orchestrators often kill after 30.
    public var drainTimeout: Duration = .seconds(20)

    /// No store, and the defaults that stand at each property.
    public init() {}

    var keeping: StoreKeeping {
        StoreKeeping(
            connectionBudget: connectionBudget, health: health, rebalancing: rebalancing,
            metricsInterval: metricsInterval, drainTimeout: drainTimeout)
    }
}
