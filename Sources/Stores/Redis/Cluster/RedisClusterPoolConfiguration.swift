public import Pooling
public import RedisClient

/// How a ``RedisClusterPool`` behaves.
public struct RedisClusterPoolConfiguration: Sendable {
    /// How the cluster is used: each connection's credentials and TLS, where reads go, redirections, topology.
    public var cluster: RedisClusterClient.Configuration
    /// How many connections there are to **each node**, and how long they live. Default: 1 to 15, otherwise as ``PoolConfiguration`` says, but with
    /// no more than 1 s between attempts to connect.
    public var pool: PoolConfiguration
    /// How tasks share a node's connections.
    public var sharing: RedisPoolConfiguration.Sharing
    /// When commands are sent again, besides redirections and waits for a cluster that changes.
    public var retries: RedisPoolConfiguration.Retries

    /// A configuration; each parameter is explained at its property. It is checked when a pool is made of it.
    public init(
        cluster: RedisClusterClient.Configuration = RedisClusterClient.Configuration(),
        pool: PoolConfiguration = PoolConfiguration(
            minimumSize: 1, maximumSize: 15, maximumConnectBackOff: .seconds(1)),
        sharing: RedisPoolConfiguration.Sharing = RedisPoolConfiguration.Sharing(),
        retries: RedisPoolConfiguration.Retries = RedisPoolConfiguration.Retries()
    ) {
        self.cluster = cluster
        self.pool = pool
        self.sharing = sharing
        self.retries = retries
    }

    /// Checks that the values make sense together.
    ///
    /// - Throws: ``PoolError`` with the code ``PoolError/Code-swift.struct/invalidConfiguration``.
    public func validate() throws(PoolError) {
        try pool.validate()
        let problems = sharing.problems + retries.problems
        guard problems.isEmpty else { throw .invalidConfiguration(problems) }
    }
}
