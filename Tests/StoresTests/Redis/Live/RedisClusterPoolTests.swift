import InMemoryTracing
import Pooling
import RedisClient
import Testing
import Tracing
import TrivetTesting

@testable import Stores

/// The cluster pool on a live cluster that does not change.
@Suite("Redis Cluster pool", .serialized, .redisCluster(nodes: 3)) struct RedisClusterPoolTests {
    @Test("P3: seed nodes in, a pool of up to 15 connections for each node, nothing before the first use")
    func defaults() async throws {
        let seeds = try Array(RedisCluster.current.endpoints.prefix(1))
        try await RedisClusterPool.withPool(seeds: seeds) { redis in
            #expect(redis.statuses.isEmpty && redis.masters.isEmpty && redis.connectionLimit == 15)
            for number in 0..<100 { try await redis.set("key:\(number)", number) }
            #expect(try await redis.get("key:7", as: Int.self) == 7)
            #expect(redis.statuses.map(\.name) == (try RedisCluster.current.endpoints.map { "redis.\($0)" }.sorted()))
            #expect(redis.statuses.allSatisfy { $0.status.maximum == 15 && $0.status.minimum == 1 })
            #expect(redis.connectionLimit == 45 && redis.connectionBounds == 3...45 && redis.masters.count == 3)
            try await redis.probe()
        }
    }

    @Test("P3: the typed commands, multi-key commands, pipelines and transactions go where they belong")
    func commands() async throws {
        try await ClusterLive.withPool { redis in
            _ = try await redis.send("MSET", "c:a", 1, "c:b", 2, "c:c", 3)
            let values = try await redis.send(RedisCommand("MGET", "c:c", "c:a", "c:b"), as: [Int].self)
            #expect(values == [3, 1, 2])
            let replies = await redis.pipeline { commands in
                for number in 0..<50 { commands.append("SET", "p:\(number)", number) }
                for number in 0..<50 { commands.append("GET", "p:\(number)") }
            }
            for number in 0..<50 { #expect(try replies[50 + number].get().decode(as: Int.self) == number) }
            let results = try await redis.transaction {
                $0.append("INCR", "{t}:a")
                $0.append("INCR", "{t}:b")
            }
            #expect(try results.map { try $0.get().decode(as: Int.self) } == [1, 1])
            let split = try await RedisLive.error { try await redis.send("SUNIONSTORE", "c:x", "c:y") }
            #expect(split?.code == .refused && split?.mayHaveRun == false)
            let held = try await RedisLive.error { try await redis.send("WATCH", "c:x") }
            #expect(held?.code == .refused && held?.remedy.contains("withConnection") == true)
            #expect(try await redis.sendToEveryMaster(RedisCommand("PING")).count == 3)
        }
    }

    @Test("P3: WATCH on a connection to the slot's master")
    func watching() async throws {
        try await ClusterLive.withPool { redis in
            try await redis.set("{w}:stock", 5)
            for key in ["{w}:stock", "{w}:other"] {
                let results = try await redis.withConnection(for: key) { connection in
                    try await connection.watch("{w}:stock") { watch in
                        let stock = try await watch.get("{w}:stock", as: Int.self) ?? 0
                        return try await watch.transaction { $0.append("SET", "{w}:stock", stock - 1) }
                    }
                }
                _ = try results[0].get()
            }
            #expect(try await redis.get("{w}:stock", as: Int.self) == 3)
            let error = try await RedisLive.error {
                try await redis.withConnection(for: "{w}:stock") { connection in
                    try await connection.watch("{w}:stock") { watch in
                        try await redis.incr("{w}:stock")
                        _ = try await watch.transaction { $0.append("DEL", "{w}:stock") }
                    }
                }
            }
            #expect(error?.code == .transactionAborted && error?.mayHaveRun == false)
            try await ClusterLive.expectSettled(redis)
        }
    }

    @Test("P3: blocking commands and subscriptions have connections of their own")
    func exclusive() async throws {
        try await ClusterLive.withPool { redis in
            let waiting = Task { try await redis.blpop(["{b}:list"], timeout: .seconds(30)) }
            for number in 0..<50 { try await redis.set("{b}:\(number)", number) }
            try await redis.rpush("{b}:list", ["element"])
            #expect(try await waiting.value?.element == "element")
            try await redis.withSubscription(to: ["news"]) { messages in
                _ = try await redis.send("PUBLISH", "news", "hello")
                for try await message in messages {
                    #expect(message.channel == "news")
                    break
                }
            }
            try await redis.withSubscription(toShardChannels: ["{s}:news"]) { messages in
                _ = try await redis.send("SPUBLISH", "{s}:news", "hello")
                for try await message in messages {
                    #expect(message.channel == "{s}:news")
                    break
                }
            }
            try await ClusterLive.expectSettled(redis)
        }
    }

    @Test("P7: the limit is divided among the nodes")
    func limit() async throws {
        try await ClusterLive.withPool { redis in
            try redis.setConnectionLimit(12)
            for number in 0..<50 { try await redis.set("l:\(number)", number) }
            #expect(redis.connectionLimit == 12 && redis.statuses.allSatisfy { $0.status.maximum == 4 })
            try redis.setConnectionLimit(30)
            #expect(redis.statuses.allSatisfy { $0.status.maximum == 10 })
            do {
                try redis.setConnectionLimit(46)
                Issue.record("46 of 45")
            } catch let error as PoolError {
                #expect(error.code == .invalidConfiguration)
            }
        }
    }

    @Test("P3: a node that leaves is drained: who uses a connection to it goes on, then it is closed")
    func leaving() async throws {
        try await ClusterLive.withPool { redis in
            for number in 0..<50 { try await redis.set("n:\(number)", number) }
            let cluster = try #require(redis.opening.current)
            let master = try #require(cluster.client.master(of: RedisHashSlot(key: "{leaving}")))
            let before = try await RedisLive.clients(of: master)
            #expect(before > 0)
            try await redis.withConnection(for: "{leaving}") { connection in
                cluster.nodes.keep(Set(cluster.client.masters).subtracting([master]))
                #expect(redis.statuses.count == 2)
                try await connection.set("{leaving}", 1)
                #expect(try await connection.get("{leaving}", as: Int.self) == 1)
            }
            try await RedisLive.poll("all its connections are closed") { try await RedisLive.clients(of: master) == 0 }
            // It comes back when it is needed.
            #expect(try await redis.get("{leaving}", as: Int.self) == 1)
            #expect(redis.statuses.count == 3)
            try await ClusterLive.expectSettled(redis)
        }
    }

    @Test("P5: each node's pool is observed under its own name, also one that comes later")
    func observers() async throws {
        let names = PoolLock<[String: Int]>([:])
        struct Observer: PoolObserver {
            let name: String
            let names: PoolLock<[String: Int]>
            func record(_ event: PoolEvent) {
                if case .acquired = event { names.withLock { $0[name, default: 0] += 1 } }
            }
        }
        let redis = try RedisClusterPool(
            seeds: RedisCluster.current.endpoints, observers: { Observer(name: $0, names: names) })
        for number in 0..<100 { try await redis.set("o:\(number)", number) }
        let acquired = Dictionary(uniqueKeysWithValues: redis.statuses.map { ($0.name, $0.status.counters.acquired) })
        await redis.shutdown()
        let observed = names.withLock { $0 }
        #expect(observed.count == 3 && observed.values.reduce(0, +) >= 100)
        for (name, count) in acquired { #expect((observed[name] ?? 0) >= count, "\(name)") }
    }

    @Test("M2, M6: whatever is done on a cluster is a span, and its duration is told to the cluster's own observer")
    func operations() async throws {
        let told = PoolLock<[String]>([])
        struct Observer: PoolObserver {
            let name: String
            let told: PoolLock<[String]>
            func record(_ event: PoolEvent) {
                guard case .operation(let operation) = event, name == "redis" else { return }
                let error = operation.error.map { " \(type(of: $0))" } ?? ""
                told.withLock { $0.append("\(operation.name) \(operation.system)\(error)") }
            }
        }
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            let redis = try RedisClusterPool(
                seeds: RedisCluster.current.endpoints, observers: { Observer(name: $0, told: told) })
            try await redis.set("{s}:a", 1)
            _ = await redis.pipeline { commands in
                commands.append("GET", "{s}:a")
                commands.append("GET", "elsewhere")
            }
            _ = try await redis.transaction { $0.append("INCRBY", "{s}:a", 1) }
            _ = try await redis.send(RedisCommand("PING"), to: try #require(redis.masters.first))
            _ = try await redis.sendToEveryMaster(RedisCommand("DBSIZE"))
            let error = try await RedisLive.error { try await redis.send(RedisCommand("LPUSH", "{s}:a", 1)) }
            #expect(error?.reply?.code == "WRONGTYPE")
            await redis.shutdown()
        }
        let names = ["SET redis", "PIPELINE redis", "MULTI redis", "PING redis", "DBSIZE redis", "LPUSH redis"]
        #expect(tracer.finishedSpans.map(\.operationName) == names)
        #expect(tracer.finishedSpans.map(\.errors.count) == [0, 0, 0, 0, 0, 1])
        #expect(told.withLock { $0 } == names.dropLast() + ["LPUSH redis RedisError"])
    }

    @Test("P5: a shutdown leaves no connection, and refuses what comes later")
    func shutdown() async throws {
        let redis = try RedisClusterPool(seeds: RedisCluster.current.endpoints)
        redis.start()
        try await RedisLive.poll("every node has its minimum") {
            redis.statuses.count == 3 && redis.statuses.allSatisfy { $0.status.idle >= 1 }
        }
        let report = await redis.shutdown()
        #expect(report.isComplete)
        let error = try await RedisLive.error { try await redis.get("k") }
        #expect(error?.code == .closedByClient && error?.mayHaveRun == false)
        #expect(redis.statuses.isEmpty)
    }
}
