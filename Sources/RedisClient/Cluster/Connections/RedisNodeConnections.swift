import Logging

/// Gives a cluster client connections to its nodes: the place where a pool fits in.
///
/// The client decides where a command goes, what its answer means and whether it may be sent again; whoever conforms decides how many
/// connections there are and who shares them. Connections are made with the ``RedisNodeConnector`` that the client hands over.
public protocol RedisNodeConnections: Sendable {
    /// Runs the closure with a connection to a node.
    ///
    /// - Parameters:
    ///   - node: the node. A replica's connection is apart from one to the same endpoint as a master.
    ///   - isBlocking: whether the command can hold up the connection for long (BLPOP), so that nobody else should share it.
    ///   - deadline: until when to wait for a connection.
    ///   - body: sends on the connection, which must not leave the closure.
    /// - Throws: ``RedisError`` when there is no connection, and only then: the closure has not run.
    func withConnection<Value: Sendable>(
        to node: RedisClusterNode, isBlocking: Bool, deadline: ContinuousClock.Instant,
        _ body: @Sendable (RedisConnection) async -> Value
    ) async throws(RedisError) -> Value

    /// Says which nodes the cluster has now. Connections to others are to be closed when nobody uses them any more.
    func keep(_ endpoints: Set<RedisEndpoint>)

    /// Closes all connections. What asks for one afterwards fails with ``RedisError/Code-swift.struct/closedByClient``.
    func close() async
}

/// Opens connections to nodes as the cluster client needs them: with its configuration, READONLY on replicas, and a word to the client
/// when a connection is lost.
public struct RedisNodeConnector: Sendable {
    let configuration: RedisConnection.Configuration
    let logger: Logger
    let connectionLost: @Sendable (RedisEndpoint) -> Void

    /// Opens a connection. Whoever asks closes it.
    ///
    /// - Throws: as ``RedisConnection/connect(to:configuration:eventLoop:logger:)``.
    public func connect(to node: RedisClusterNode) async throws(RedisError) -> RedisConnection {
        var configuration = self.configuration
        configuration.readsFromReplica = node.isReplica
        let connection = try await RedisConnection.connect(
            to: node.endpoint, configuration: configuration, logger: self.logger)
        connection.onClose { [connectionLost = self.connectionLost] reason in
            if reason.code != .closedByClient { connectionLost(node.endpoint) }
        }
        return connection
    }
}
