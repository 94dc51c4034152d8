/// A node of a cluster, and what is wanted from it.
public struct RedisClusterNode: Sendable, Hashable, CustomStringConvertible {
    /// Where the node listens.
    public let endpoint: RedisEndpoint
    /// Whether its connection is for reading from a replica. Such a connection has said READONLY and serves nobody else.
    public let isReplica: Bool

    /// A node; by default as a master.
    public init(_ endpoint: RedisEndpoint, isReplica: Bool = false) {
        self.endpoint = endpoint
        self.isReplica = isReplica
    }

    /// The endpoint, and `(replica)` for one.
    public var description: String { self.isReplica ? "\(self.endpoint) (replica)" : "\(self.endpoint)" }
}
