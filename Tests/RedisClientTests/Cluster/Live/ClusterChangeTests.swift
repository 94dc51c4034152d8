import LocalEngines
import NIOCore
import RedisClient
import Synchronization
import Testing
import TrivetTesting

/// Clusters that change while they are in use.
@Suite struct ClusterChangeTests {
    private final class Met: Sendable {
        let list = Mutex<[RedisError]>([])
    }

    private final class Progress: Sendable {
        let count = Atomic<Int>(0)
        let isMoved = Atomic<Bool>(false)
    }

    /// A connection to one node, for the administrator's commands.
    private func admin<Value: Sendable>(
        _ endpoint: RedisEndpoint, _ body: @Sendable (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try await RedisConnection.withConnection(to: endpoint) { try await body($0) }
    }

    @Test(
        "P3: a slot moves while it is written to: no write is lost, ASK and MOVED are followed", .redisCluster(nodes: 3)
    )
    func migration() async throws {
        let cluster = try RedisCluster.current
        let slot = RedisHashSlot(key: "{moving}")
        try await withCluster { redis async throws in
            let source = try #require(redis.master(of: slot))
            let target = try #require(cluster.endpoints.first { $0 != source })
            let keys = (0..<200).map { "{moving}:\($0)" }
            // Half of them exist from the start, the others come while the slot moves.
            for key in keys[..<100] { try await redis.incr(key) }
            let writes = Progress()
            try await withThrowingTaskGroup(of: [String: Int].self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        var counts: [String: Int] = [:]
                        var afterwards = 0
                        while afterwards < 200 {
                            let key = keys[Int.random(in: keys.indices)]
                            if writer == 0 {
                                let other = keys[Int.random(in: keys.indices)]
                                for (key, reply) in zip(
                                    [key, other],
                                    await redis.pipeline([RedisCommand("INCR", key), RedisCommand("INCR", other)]))
                                {
                                    _ = try reply.get()
                                    counts[key, default: 0] += 1
                                }
                            } else if writer == 1 {
                                for reply in try await redis.transaction([RedisCommand("INCR", key)]) {
                                    _ = try reply.get()
                                }
                                counts[key, default: 0] += 1
                            } else {
                                try await redis.incr(key)
                                counts[key, default: 0] += 1
                            }
                            writes.count.add(1, ordering: .relaxed)
                            if writes.isMoved.load(ordering: .relaxed) { afterwards += 1 }
                        }
                        return counts
                    }
                }
                try await self.move(slot, from: source, to: target, whileWriting: writes)
                writes.isMoved.store(true, ordering: .relaxed)
                var expected: [String: Int] = [:]
                for key in keys[..<100] { expected[key] = 1 }
                for try await counts in group { expected.merge(counts, uniquingKeysWith: +) }
                for (key, count) in expected { #expect(try await redis.get(key, as: Int.self) == count) }
            }
            let statistics = redis.statistics
            #expect(statistics.asked > 0 && statistics.moved > 0)
            #expect(redis.master(of: slot) == target)
        }
    }

    /// What `redis-cli --cluster reshard` does for one slot, with pauses that let writers in between.
    private func move(
        _ slot: RedisHashSlot, from source: RedisEndpoint, to target: RedisEndpoint,
        whileWriting writes: Progress
    ) async throws {
        let number = slot.number
        let sourceID = try await self.admin(source) { try await $0.send(RedisCommand("CLUSTER MYID"), as: String.self) }
        let targetID = try await self.admin(target) { try await $0.send(RedisCommand("CLUSTER MYID"), as: String.self) }
        guard case .tcp(let host, let port) = target else { return }
        _ = try await self.admin(target) { try await $0.send("CLUSTER SETSLOT", number, "IMPORTING", sourceID) }
        _ = try await self.admin(source) { try await $0.send("CLUSTER SETSLOT", number, "MIGRATING", targetID) }
        while true {
            let keys = try await self.admin(source) {
                try await $0.send(RedisCommand("CLUSTER GETKEYSINSLOT", number, 10), as: [String].self)
            }
            if keys.isEmpty { break }
            _ = try await self.admin(source) { try await $0.send("MIGRATE", host, port, "", 0, 5000, "KEYS", keys) }
            let before = writes.count.load(ordering: .relaxed)
            try await poll("writers go on") { writes.count.load(ordering: .relaxed) > before + 5 }
        }
        for endpoint in [target, source] {
            _ = try await self.admin(endpoint) { try await $0.send("CLUSTER SETSLOT", number, "NODE", targetID) }
        }
    }

    @Test(
        "P3: a master is killed, or freezes, and its replica takes over: the client recovers by itself",
        .redisCluster(nodes: 6), arguments: [false, true])
    func failover(freezes: Bool) async throws {
        let cluster = try RedisCluster.current
        try await withCluster { redis async throws in
            try await redis.set("over", 1)
            let slot = RedisHashSlot(key: "over")
            let master = try #require(redis.master(of: slot))
            let node = try #require(cluster.nodes.first { $0.endpoint == master })
            if freezes { node.suspend() } else { await node.kill() }
            let began = ContinuousClock.now
            let met = Met()
            try await poll("the replica serves", within: .seconds(30)) {
                var command = RedisCommand("SET", "over", 2)
                command.timeout = .after(.seconds(1))
                do {
                    _ = try await redis.send(command)
                    return true
                } catch let error as RedisError {
                    met.list.withLock { $0.append(error) }
                    return false
                }
            }
            let recovered = ContinuousClock.now - began
            let errors = met.list.withLock { $0 }
            #expect(recovered < .seconds(10))
            #expect(
                errors.allSatisfy { error in
                    [.clusterUnavailable, .connectionClosed, .timeout].contains(error.code)
                        && error.mayHaveRun == (error.code != .clusterUnavailable)
                })
            #expect(redis.master(of: slot) != master)
            #expect(try await redis.get("over") == "2")
            if freezes { node.resume() } else { try await node.start() }
        }
    }

    @Test("P3: reads from replicas see what was written, a moment later", .redisCluster(nodes: 6))
    func replicas() async throws {
        try await withCluster(.init(reads: .fromReplicas)) { redis async throws in
            for number in 0..<50 { try await redis.set("replica:\(number)", number) }
            for number in 0..<50 {
                try await poll("the replica has it") {
                    try await redis.get("replica:\(number)", as: Int.self) == number
                }
            }
            let replies = await redis.pipeline { commands in
                for number in 0..<50 { commands.append("GET", "replica:\(number)") }
            }
            for (number, reply) in replies.enumerated() { #expect(try reply.get().decode(as: Int.self) == number) }
            // Nobody said MOVED: the replicas answered themselves.
            #expect(redis.statistics.moved == 0)
            let keyspaceHits = try await self.hits(of: Array(try RedisCluster.current.nodes[3...]))
            #expect(keyspaceHits > 0)
        }
    }

    private func hits(of nodes: [RedisServer]) async throws -> Int {
        var hits = 0
        for node in nodes {
            let info = try await self.admin(node.endpoint) { try await $0.info(section: "stats") }
            hits += Int(info["keyspace_hits"] ?? "") ?? 0
        }
        return hits
    }

    @Test("P3: the whole cluster goes down and comes back", .redisCluster(nodes: 3))
    func outage() async throws {
        let cluster = try RedisCluster.current
        try await withCluster { redis async throws in
            try await redis.set("down", 1)
            for node in cluster.nodes { await node.kill() }
            var command = RedisCommand("GET", "down")
            command.timeout = .after(.milliseconds(300))
            let first = try await redisError { [command] in try await redis.send(command) }
            let second = try await redisError { [command] in try await redis.send(command) }
            #expect(first != nil && second?.code == .clusterUnavailable && second?.mayHaveRun == false)
            #expect(second?.description.contains("no connection") == true)
            let pipeline = await redis.pipeline([command, command])
            #expect(pipeline.allSatisfy { if case .failure = $0 { true } else { false } })
            let cancelled = Task { try await redis.get("down") }
            try await Task.sleep(for: .milliseconds(50))
            cancelled.cancel()
            let cancellation = try await redisError { try await cancelled.value }
            #expect(cancellation?.code == .cancelled && cancellation?.mayHaveRun == false)
            for node in cluster.nodes { try await node.start() }
            let back = ContinuousClock.now
            try await poll("the cluster serves again", within: .seconds(30)) {
                do {
                    return try await redis.set("down", 2)
                } catch is RedisError {
                    return false
                }
            }
            let recovered = ContinuousClock.now - back
            #expect(recovered < .seconds(10))
        }
    }

    @Test("P3: closing ends what waits", .redisCluster(nodes: 3))
    func closing() async throws {
        let cluster = try RedisCluster.current
        let redis = try await RedisClusterClient.connect(seeds: cluster.endpoints)
        for node in cluster.nodes { node.suspend() }
        defer { for node in cluster.nodes { node.resume() } }
        let waiting = Task { try await redis.get("k") }
        let pipeline = Task { await redis.pipeline([RedisCommand("GET", "a"), RedisCommand("GET", "b")]) }
        try await Task.sleep(for: .milliseconds(50))
        await redis.close()
        let error = try await redisError { try await waiting.value }
        #expect(error?.code == .closedByClient)
        for reply in await pipeline.value {
            let error = try await redisError { try reply.get() }
            #expect(error?.code == .closedByClient)
        }
        let after = try await redisError { try await redis.get("k") }
        #expect(after?.code == .closedByClient && after?.mayHaveRun == false)
    }

    @Test("P3: credentials reach every node", .redisCluster(.init(password: "secret")))
    func password() async throws {
        let configuration = RedisClusterClient.Configuration(connection: .init(password: "secret"))
        try await withCluster(configuration) { redis async throws in
            for number in 0..<50 { try await redis.set("auth:\(number)", number) }
        }
        let seed = try RedisCluster.current.endpoints[0]
        let error = try await redisError {
            try await RedisClusterClient.connect(
                seeds: [seed], configuration: .init(connection: .init(password: "wrong")))
        }
        #expect(error?.code == .authenticationFailed && error?.description.contains("wrong") == false)
    }

    /// Counts what it is asked for; otherwise as the one that comes with the client.
    private struct CountingConnections: RedisNodeConnections {
        final class Asked: Sendable {
            let nodes = Mutex<[RedisClusterNode: Int]>([:])
        }

        let asked: Asked
        let inner: RedisSharedConnections

        func withConnection<Value: Sendable>(
            to node: RedisClusterNode, isBlocking: Bool, deadline: ContinuousClock.Instant,
            _ body: @Sendable (RedisConnection) async -> Value
        ) async throws(RedisError) -> Value {
            self.asked.nodes.withLock { $0[node, default: 0] += 1 }
            return try await self.inner.withConnection(to: node, isBlocking: isBlocking, deadline: deadline, body)
        }

        func keep(_ endpoints: Set<RedisEndpoint>) { self.inner.keep(endpoints) }

        func close() async { await self.inner.close() }
    }

    @Test("P3: a pool of the caller's own gives the connections", .redisCluster(nodes: 3))
    func ownConnections() async throws {
        let cluster = try RedisCluster.current
        let asked = CountingConnections.Asked()
        _ = try await RedisClusterClient.withClient(
            seeds: cluster.endpoints,
            connections: { CountingConnections(asked: asked, inner: RedisSharedConnections($0)) }
        ) { redis in
            for number in 0..<60 { try await redis.set("own:\(number)", number) }
        }
        let counts = asked.nodes.withLock { $0 }
        #expect(Set(counts.keys.map(\.endpoint)) == Set(cluster.endpoints) && counts.values.reduce(0, +) >= 60)
    }
}

/// Asks again until it is so.
private func poll(
    _ what: String, within limit: Duration = .seconds(20), _ condition: @Sendable () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("not within \(limit): \(what)")
            return
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}
