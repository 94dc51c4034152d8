import Pooling
public import RedisClient

extension RedisClusterPool {
    /// Lends a connection to the master of a key's slot, which nobody else uses for the scope of `body`: for WATCH, and whatever speaks of
    /// the connection itself.
    ///
    /// Within the scope the connection follows no redirection. If the slot moves meanwhile, or the master fails, the server's answer
    /// (MOVED, ASK, TRYAGAIN, CLUSTERDOWN, READONLY) is thrown, with the remedy to run the scope again: the next one goes to the node that serves
    /// the slot then. While no master can be reached the call waits, up to its timeout.
    ///
    /// - Parameters:
    ///   - key: any key of the slot; all keys used in the scope must be in it (hash tags).
    ///   - timeout: the longest wait for a connection; nil for the configuration's.
    ///   - body: must not let the connection out.
    /// - Throws: ``PoolError``, ``RedisError``, `CancellationError` if cancelled while waiting, or what `body` throws.
    public func withConnection<Value>(
        for key: some RESPRenderable, timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation,
        file: StaticString = #fileID, line: UInt = #line, _ body: (RedisConnection) async throws -> sending Value
    ) async throws -> sending Value {
        try await withConnection(
            slot: RedisClusterPool.slot(of: key), timeout: timeout, isMeantToLast: false, file: file, line: line, body)
    }

    /// Subscribes to channels on a connection of its own to one of the masters, which gets what is published on any node.
    ///
    /// Lasts as long as `body` likes. If the connection is lost the messages end with an error: subscribe again then, knowing that what was
    /// published meanwhile is lost.
    ///
    /// - Throws: ``PoolError``, ``RedisError``, `CancellationError`; what `body` throws.
    public func withSubscription<Value>(
        to channels: [String], bufferLimit: Int = RedisConnection.defaultSubscriptionBuffer,
        isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID, line: UInt = #line,
        _ body: (RedisSubscription) async throws -> sending Value
    ) async throws -> sending Value {
        // Subscribers spread over the nodes as their channels' names would as keys.
        try await withConnection(
            slot: RedisHashSlot(key: channels.first ?? ""), timeout: nil, isMeantToLast: true, file: file, line: line
        ) { connection in
            try await connection.subscribe(to: channels, bufferLimit: bufferLimit, body)
        }
    }

    /// The same for all channels that match patterns (PSUBSCRIBE).
    public func withSubscription<Value>(
        toPatterns patterns: [String], bufferLimit: Int = RedisConnection.defaultSubscriptionBuffer,
        isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID, line: UInt = #line,
        _ body: (RedisSubscription) async throws -> sending Value
    ) async throws -> sending Value {
        try await withConnection(
            slot: RedisHashSlot(key: patterns.first ?? ""), timeout: nil, isMeantToLast: true, file: file, line: line
        ) { connection in
            try await connection.psubscribe(to: patterns, bufferLimit: bufferLimit, body)
        }
    }

    /// Subscribes to shard channels (Redis 7), all of one slot, on its master. The messages end with an error when the slot moves.
    public func withSubscription<Value>(
        toShardChannels channels: [String], bufferLimit: Int = RedisConnection.defaultSubscriptionBuffer,
        isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID, line: UInt = #line,
        _ body: (RedisSubscription) async throws -> sending Value
    ) async throws -> sending Value {
        try await withConnection(
            slot: RedisHashSlot(key: channels.first ?? ""), timeout: nil, isMeantToLast: true, file: file, line: line
        ) { connection in
            try await connection.ssubscribe(to: channels, bufferLimit: bufferLimit, body)
        }
    }

    private static func slot(of key: some RESPRenderable) -> RedisHashSlot {
        var arguments: [RedisArgument] = []
        key.render(into: &arguments)
        return RedisHashSlot(key: arguments.first ?? .string(""))
    }

    private func withConnection<Value>(
        slot: RedisHashSlot, timeout: Duration?, isMeantToLast: Bool, isolation: isolated (any Actor)? = #isolation,
        file: StaticString, line: UInt, _ body: (RedisConnection) async throws -> sending Value
    ) async throws -> sending Value {
        let wait = timeout ?? configuration.pool.acquireTimeout
        let limit = wait.map { ContinuousClock.now + $0 }
        let cluster = try await opening.cluster(until: limit)
        let (node, lease) = try await StoreTracing.acquire("redis", pool: name) {
            try await acquire(slot, of: cluster, until: limit, isMeantToLast: isMeantToLast, file: file, line: line)
        }
        let value: Value
        do {
            value = try await body(lease.connection.connection)
        } catch {
            throw node.release(lease, after: explain(error, slot, cluster, at: node.endpoint))
        }
        node.release(lease)
        return value
    }

    /// A connection to the slot's master, whoever that is by then.
    private func acquire(
        _ slot: RedisHashSlot, of cluster: ClusterOpening.Open, until limit: ContinuousClock.Instant?,
        isMeantToLast: Bool,
        isolation: isolated (any Actor)? = #isolation, file: StaticString, line: UInt
    ) async throws -> (RedisNodePool, PoolLease<PooledRedis>) {
        var failures = 0
        while true {
            do {
                guard let master = cluster.client.master(of: slot) else { throw RedisError.unserved(slot) }
                let node = try await cluster.nodes.pool(of: RedisClusterNode(master))
                let left = limit.map { max(.zero, $0 - .now) } ?? .seconds(Int64.max)
                let lease = try await node.acquire(
                    timeout: left, isScoped: true, isMeantToLast: isMeantToLast, file: file, line: line)
                return (node, lease)
            } catch {
                // The master is gone, and a replica may take its place.
                let isPassing =
                    (error as? PoolError)?.code == .unreachable
                    || (error as? RedisError)?.code == .clusterUnavailable
                failures += 1
                let pause =
                    min(.milliseconds(20) * (1 << min(failures - 1, 5)), .milliseconds(500))
                    * Double.random(in: 0.5...1)
                guard isPassing, limit.map({ .now + pause < $0 }) ?? true else { throw error }
                cluster.client.learn(from: nil, at: seeds[0])
                try await Task.sleep(for: pause)
            }
        }
    }

    /// Says what an answer means that a cluster client would have followed.
    private func explain(
        _ error: any Error, _ slot: RedisHashSlot, _ cluster: ClusterOpening.Open, at endpoint: RedisEndpoint
    ) -> any Error {
        guard let error = error as? RedisError else { return error }
        if error.code == .connectionClosed || error.code == .timeout { cluster.client.learn(from: nil, at: endpoint) }
        guard let reply = error.reply,
            ["MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY"].contains(reply.code)
        else { return error }
        cluster.client.learn(from: reply, at: endpoint)
        return RedisError(
            error.code, "slot \(slot) moved, or its master changed, while the connection was held: \(error.message)",
            remedy: "Run the scope again: the next one gets a connection to the node that serves the slot then.",
            reply: reply,
            command: error.command, endpoint: error.endpoint ?? endpoint, mayHaveRun: error.mayHaveRun,
            underlying: error.underlying)
    }
}

extension RedisError {
    fileprivate static func unserved(_ slot: RedisHashSlot) -> RedisError {
        RedisError(
            .clusterUnavailable, "no master is known for slot \(slot)",
            remedy: "Check the nodes (CLUSTER NODES): every slot needs a master.")
    }
}
