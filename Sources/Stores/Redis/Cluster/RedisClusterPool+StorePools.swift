public import Pooling
import RedisClient

extension RedisClusterPool: StorePools {
    /// Redis.
    public var kind: StoreKind { .redis }

    /// One for each node that has been used; none before the cluster is found. Connections that are shared at the moment count as leased,
    /// and each command on them as an acquire.
    public var statuses: [NamedPoolStatus] {
        (opening.current?.nodes.pools ?? []).map { NamedPoolStatus(name: $0.name, status: $0.status) }
    }

    /// How many connections there may be, all nodes together.
    public var connectionLimit: Int { opening.shares.total(nodes: opening.nodes) }

    /// The configuration's sizes times the number of nodes: changes when nodes come and go. Before the cluster is found each seed counts
    /// as one.
    public var connectionBounds: ClosedRange<Int> { opening.shares.bounds(nodes: opening.nodes) }

    /// Changes how many connections there may be. Each node gets an equal part, at least one; when nodes come or go it is divided anew.
    ///
    /// - Throws: ``PoolError`` for a limit outside ``connectionBounds``.
    public func setConnectionLimit(_ limit: Int) throws(PoolError) {
        let bounds = connectionBounds
        guard bounds.contains(limit) else { throw .outside(bounds, limit, pool: name) }
        opening.setLimit(limit)
    }

    /// Finds the cluster and opens connections to its masters up to the minimum, without waiting for them.
    public func start() {
        Task.detached { [opening] in
            guard let cluster = try? await opening.cluster(until: nil) else { return }
            for master in cluster.client.masters {
                try? await cluster.nodes.pool(of: RedisClusterNode(master)).pool.start()
            }
        }
    }

    /// PING to every master.
    ///
    /// - Throws: ``RedisError``, the first master's that fails.
    public func probe() async throws {
        let replies = try await sendToEveryMaster(RedisCommand("PING"))
        guard !replies.isEmpty else {
            throw RedisError(
                .clusterUnavailable, "the cluster has no masters", remedy: "Check the nodes (CLUSTER NODES).")
        }
        for (_, reply) in replies { _ = try reply.get() }
    }

    /// Ends the pools of all nodes: serves those who wait already, refuses others, closes connections as they come back.
    ///
    /// - Parameter limit: how long to wait for those who use connections; nil for ``PoolConfiguration/drainTimeout``. Then their commands fail with
    ///   ``RedisError/Code-swift.struct/closedByClient``.
    /// - Returns: what was left at the deadline, all nodes together.
    @discardableResult
    public func shutdown(within limit: Duration? = nil) async -> PoolDrainReport {
        await opening.shutdown(within: limit)
    }
}
