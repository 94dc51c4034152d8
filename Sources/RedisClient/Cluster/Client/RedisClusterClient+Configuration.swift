extension RedisClusterClient {
    /// How a cluster is used.
    public struct Configuration: Sendable {
        /// Where commands go that only read.
        public enum Reads: Sendable, Hashable {
            /// To masters: a read sees every write that was acknowledged before it, as long as no master fails.
            case fromMasters
            /// To replicas in turn, and to the master of a slot that has none or whose replica cannot answer. A replica is behind by a
            /// moment: a read may miss a write that this very task has just made.
            case fromReplicas
        }

        /// How each connection is made: credentials, TLS, timeouts. Its `commandTimeout` bounds a whole operation, redirections, waits
        /// and connecting included; its `database` must be 0.
        public var connection: RedisConnection.Configuration
        /// Where commands go that only read. Default: to masters.
        public var reads: Reads
        /// How often one command may be redirected. Default 16.
        public var maximumRedirections: Int
        /// How often the topology is asked for without any hint that it has changed. Default 60 s, 10 % more or less.
        public var refreshInterval: Duration
        /// How long one node may take to tell the topology before another is asked. Default 1 s.
        public var topologyTimeout: Duration
        /// How long commands without a time limit (``RedisCommand/Timeout/never``) are tried again while the cluster refuses them.
        /// Default 30 s.
        public var patience: Duration
        /// Turns the addresses that nodes announce into those by which they are reached, where these differ (containers, tunnels).
        public var translate: @Sendable (RedisEndpoint) -> RedisEndpoint

        /// A configuration; each parameter is explained at its property.
        public init(
            connection: RedisConnection.Configuration = RedisConnection.Configuration(), reads: Reads = .fromMasters,
            maximumRedirections: Int = 16, refreshInterval: Duration = .seconds(60),
            topologyTimeout: Duration = .seconds(1), patience: Duration = .seconds(30),
            translate: @escaping @Sendable (RedisEndpoint) -> RedisEndpoint = { $0 }
        ) {
            self.connection = connection
            self.reads = reads
            self.maximumRedirections = maximumRedirections
            self.refreshInterval = refreshInterval
            self.topologyTimeout = topologyTimeout
            self.patience = patience
            self.translate = translate
        }
    }

    /// What the client has met so far.
    public struct Statistics: Sendable, Hashable {
        /// MOVED answers that were followed.
        public internal(set) var moved = 0
        /// ASK answers that were followed.
        public internal(set) var asked = 0
        /// Waits before a command was tried again: TRYAGAIN, CLUSTERDOWN, LOADING, no connection.
        public internal(set) var waits = 0
        /// Topologies that were received.
        public internal(set) var refreshes = 0
        /// Times that no node told the topology.
        public internal(set) var failedRefreshes = 0

        package init() {}
    }
}
