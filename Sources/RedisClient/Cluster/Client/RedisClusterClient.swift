import Logging

/// A client of a Redis Cluster: finds out which node serves which keys, follows when that changes, and sends each command there.
///
/// All typed commands of ``RedisCommands`` work as on one connection. What is different:
///
/// - Keys of one command must be in one slot (``RedisHashSlot``). MGET, MSET, DEL, UNLINK, EXISTS and TOUCH over several slots are
///   divided and put together again; they are **not atomic** then. Anything else is refused before it is sent.
/// - Commands without keys go to any master. FLUSHALL, FLUSHDB, DBSIZE, KEYS, CONFIG SET and what loads or deletes scripts and
///   functions go to every master, since only that makes sense. SCAN is refused: its cursor belongs to one node; see
///   ``sendToEveryMaster(_:)`` and ``send(_:to:)``.
/// - While the cluster changes (a slot moves, a replica takes over) commands wait and are sent again, within their own timeout, as long
///   as it is certain that they have not run. A command that was sent when its connection was lost fails, with
///   ``RedisError/mayHaveRun`` true, and is never repeated.
/// - There is no WATCH, since connections are shared: use a script or a function. Subscriptions need a ``RedisConnection``.
///
/// Use ``withClient(seeds:configuration:logger:connections:isolation:_:)``, or ``connect(seeds:configuration:logger:connections:)`` and
/// ``close()``.
public final class RedisClusterClient: Sendable {
    let core: ClusterCore
    private let refreshing: Task<Void, Never>

    private init(_ core: ClusterCore) {
        self.core = core
        self.refreshing = Task { await core.run() }
    }

    deinit {
        self.refreshing.cancel()
        // Forgotten, perhaps: connections must not stay for ever.
        if !self.core.shared.isClosed { Task { [core = self.core] in await core.close() } }
    }

    /// Finds the cluster and leaves closing to the caller.
    ///
    /// - Parameters:
    ///   - seeds: some of the nodes. One that answers is enough; more help when it is down.
    ///   - configuration: credentials, timeouts, where reads go.
    ///   - logger: told of changes, at debug level.
    ///   - connections: who makes connections to the nodes; by default one for each, shared by all.
    /// - Throws: ``RedisError`` when no seed tells the topology, with each one's reason.
    public static func connect(
        seeds: [RedisEndpoint], configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "trivet.redis"),
        connections: @Sendable (RedisNodeConnector) -> any RedisNodeConnections = { RedisSharedConnections($0) }
    ) async throws(RedisError) -> RedisClusterClient {
        let core = ClusterCore(seeds: seeds, configuration: configuration, logger: logger, connections: connections)
        let begins = core.shared.update { $0.refresh.begin(now: .now) }
        let errors = begins ? await core.refresh() : []
        let isEmpty = core.shared.update { $0.map.isEmpty }
        if Task.isCancelled || isEmpty {
            await core.close()
            throw Task.isCancelled ? .cancelled(sent: false) : .noTopology(errors)
        }
        return RedisClusterClient(core)
    }

    /// Finds the cluster, runs the closure, and closes all connections whatever happens.
    ///
    /// - Throws: as ``connect(seeds:configuration:logger:connections:)``; what the closure throws.
    public static func withClient<Value>(
        seeds: [RedisEndpoint], configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "trivet.redis"),
        connections: @Sendable (RedisNodeConnector) -> any RedisNodeConnections = { RedisSharedConnections($0) },
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisClusterClient) async throws -> sending Value
    ) async throws -> sending Value {
        let client = try await Self.connect(
            seeds: seeds, configuration: configuration, logger: logger, connections: connections)
        let value: Value
        do {
            value = try await body(client)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return value
    }

    /// Closes all connections. Commands that wait, for replies or to be sent again, fail.
    public func close() async {
        self.refreshing.cancel()
        await self.core.close()
    }

    /// The masters as far as they are known now.
    public var masters: [RedisEndpoint] { self.core.shared.update { $0.map.masters } }

    /// The master of a slot; nil while none is known.
    public func master(of slot: RedisHashSlot) -> RedisEndpoint? {
        self.core.shared.update { $0.map.shard(of: slot)?.master }
    }

    /// Takes in what a node said to somebody who holds one of its connections: MOVED changes the map, and whatever hints at a change lets
    /// the topology be asked for.
    package func learn(from reply: RESPErrorReply?, at endpoint: RedisEndpoint) {
        self.core.shared.update { router in router.learn(from: reply, at: endpoint, now: .now) }
    }

    /// What the client has met so far.
    public var statistics: Statistics { self.core.shared.update { $0.statistics } }
}
