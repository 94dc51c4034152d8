import RedisClient

/// A private Redis cluster, there for a scope: three masters, each with as many replicas as wanted.
///
/// Every node is a `RedisServer`, with all that can be done to one; the cluster ends with its scope and, at the latest,
/// with this process. Safe to use from any task.
public final class RedisCluster: Sendable {
    /// How a private cluster is set up.
    public struct Configuration: Sendable {
        /// How many masters share the slots; at least 3, so that a majority is left when one fails. Default: 3.
        public var masters = 3
        /// How many replicas follow each master. Default: 0.
        public var replicasPerMaster = 0
        /// How clients reach the nodes; a cluster has no Unix sockets. Default: TCP.
        public var transport = RedisServer.Configuration.Transport.tcp
        /// The default user's password on every node. `nil`, the default: none is needed.
        public var password: String?
        /// After how long a node that does not answer counts as failed. Default: 2 s. It bounds how long a fail-over
        /// takes from below, and how busy a machine may be from above.
        public var nodeTimeout: Duration = .seconds(2)
        /// Further settings of every node, by the names of redis.conf.
        public var settings: [String: String] = [:]
        /// How long it may take until every node serves. Default: 60 s.
        public var startTimeout: Duration = .seconds(60)

        /// A cluster with the defaults that stand at each property.
        public init(
            masters: Int = 3, replicasPerMaster: Int = 0, transport: RedisServer.Configuration.Transport = .tcp,
            password: String? = nil, settings: [String: String] = [:]
        ) {
            self.masters = masters
            self.replicasPerMaster = replicasPerMaster
            self.transport = transport
            self.password = password
            self.settings = settings
        }
    }

    /// What it was set up with.
    public let configuration: Configuration
    /// The nodes: first those that began as masters, in the order of their slots; then the first replica of each, and so
    /// on. Who is master may change later.
    public let nodes: [RedisServer]

    init(_ configuration: Configuration, nodes: [RedisServer]) {
        self.configuration = configuration
        self.nodes = nodes
    }

    /// Where clients reach the nodes, in the order of `nodes`.
    public var endpoints: [RedisEndpoint] { nodes.map(\.endpoint) }

    /// The version of redis-server, such as `7.0.15`.
    public var version: String { nodes.first?.version ?? "" }

    /// Runs the body with a cluster of which every node serves, and ends the cluster afterwards.
    ///
    /// - Throws: `LocalEngineError` when a node cannot be found or started, the cluster does not form in time, or a node
    ///   ended by itself while the body ran (the body's own error is in `underlying` then); what the body throws.
    public static func withCluster<T>(
        _ configuration: Configuration = Configuration(), isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisCluster) async throws -> T
    ) async throws -> T {
        let cluster = try await launch(configuration)
        let value: T
        do {
            value = try await body(cluster)
        } catch {
            let end = await cluster.close()
            guard let end, !(error is CancellationError) else { throw error }
            throw end.with(error)
        }
        if let end = await cluster.close() { throw end }
        return value
    }

    static func launch(_ configuration: Configuration) async throws -> RedisCluster {
        guard configuration.masters >= 3, configuration.replicasPerMaster >= 0, configuration.transport != .unixSocket
        else {
            throw LocalEngineError(
                .configuration, "a cluster needs 3 masters or more, and TCP or TLS between its nodes.")
        }
        let nodes = try await launchNodes(configuration)
        let cluster = RedisCluster(configuration, nodes: nodes)
        do {
            try await ClusterFormation(cluster: cluster).form()
            return cluster
        } catch {
            let end = await cluster.close()
            throw error is CancellationError ? error : end?.with(error) ?? error
        }
    }

    /// All of them, or none.
    private static func launchNodes(_ configuration: Configuration) async throws -> [RedisServer] {
        let count = configuration.masters * (1 + configuration.replicasPerMaster)
        return try await withThrowingTaskGroup(of: RedisServer.self) { group in
            for _ in 0..<count {
                group.addTask { try await RedisServer.launch(configuration.node) }
            }
            var nodes: [RedisServer] = []
            var failure: (any Error)?
            while let result = await group.nextResult() {
                switch result {
                case .success(let node): nodes.append(node)
                case .failure(let error):
                    failure = failure ?? error
                    group.cancelAll()
                }
            }
            guard let failure else { return nodes }
            for node in nodes { await node.close() }
            throw failure
        }
    }

    /// Ends all nodes; also in a cancelled task.
    ///
    /// - Returns: an error if one had ended without anybody asking it to.
    @discardableResult
    func close() async -> LocalEngineError? {
        await withTaskGroup(of: LocalEngineError?.self) { group in
            for node in nodes {
                group.addTask { await node.close() }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
    }
}

extension RedisCluster.Configuration {
    var node: RedisServer.Configuration {
        var settings = settings
        settings["cluster-enabled"] = "yes"
        settings["cluster-config-file"] = "nodes.conf"
        settings["cluster-node-timeout"] = "\(nodeTimeout / .milliseconds(1))".split(separator: ".").first.map(
            String.init)
        if case .tls = transport {
            settings["tls-cluster"] = "yes"
            settings["tls-replication"] = "yes"
        }
        return RedisServer.Configuration(transport: transport, password: password, settings: settings)
    }
}
