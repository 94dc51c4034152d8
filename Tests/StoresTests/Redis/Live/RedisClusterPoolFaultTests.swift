import Measurement
import Pooling
import RedisClient
import Testing
import TrivetTesting

@testable import Stores

/// Clusters that change, under load.
@Suite("Redis Cluster pool: faults under load", .serialized) struct RedisClusterPoolFaultTests {
    private static let durable: [String: String] = ["appendonly": "yes", "appendfsync": "always"]

    @Test(
        "P3: a master is killed and its replica promoted", .redisCluster(.init(replicasPerMaster: 1, settings: durable))
    )
    func failover() async throws {
        let cluster = try RedisCluster.current
        try await ClusterLive.withPool { redis in
            let load = MixedLoad()
            try await load.run(on: redis) {
                let slot = RedisHashSlot(key: "{0}")
                let master = try #require(redis.opening.current?.client.master(of: slot))
                let node = try #require(cluster.nodes.first { $0.endpoint == master })
                await node.kill()
                try await load.everyoneSucceeds(
                    within: .seconds(10), "after the kill, with the cluster's own time for it")
                try await RedisLive.poll("a replica has taken over") {
                    let masters = redis.masters
                    return !masters.contains(master) && masters.count == 3
                }
                try await node.start()
                try await load.everyoneSucceeds(within: .seconds(10), "after the old master came back")
            }
            load.expectFailures([.connectionClosed, .clusterUnavailable, .cannotConnect, .timeout, .serverError])
            // A fail-over loses what had not been copied: acknowledged writes are counted elsewhere, with WAIT.
            #expect(load.failures.allSatisfy { "\($0.error)".contains("127.0.0.1") })
            try await ClusterLive.expectSettled(redis)
        }
    }

    @Test("P3: a slot moves while it is used: no write is lost or repeated", .redisCluster(nodes: 3))
    func migration() async throws {
        try await ClusterLive.withPool { redis in
            let load = MixedLoad()
            try await load.run(on: redis) {
                for task in [0, 5] {
                    let slot = RedisHashSlot(key: "{\(task)}")
                    let source = try #require(redis.opening.current?.client.master(of: slot))
                    let target = try #require(redis.masters.first { $0 != source })
                    try await ClusterLive.move(slot, from: source, to: target) {
                        try await load.everyoneMoves(except: [task])
                    }
                    try await load.everyoneSucceeds(within: .seconds(10), "after the slot of task \(task) moved")
                }
            }
            // Whoever holds a connection is told that the slot moves; nobody else notices.
            for failure in load.failures {
                let error = failure.error as? RedisError
                #expect(failure.use == "exclusive" && ["MOVED", "ASK"].contains(error?.reply?.code), "\(failure.text)")
                #expect(error?.remedy.contains("scope again") == true && error?.mayHaveRun == false)
            }
            try await load.audit(redis)
            #expect(redis.statistics.moved + redis.statistics.asked > 0)
            try await ClusterLive.expectSettled(redis)
        }
    }

    @Test(
        "P3: a held connection whose slot moves says so, and the next scope goes to the new master",
        .redisCluster(nodes: 3))
    func heldWhileMoving() async throws {
        try await ClusterLive.withPool { redis in
            try await redis.set("{held}", 1)
            let slot = RedisHashSlot(key: "{held}")
            let source = try #require(redis.opening.current?.client.master(of: slot))
            let target = try #require(redis.masters.first { $0 != source })
            let error = try await RedisLive.error {
                try await redis.withConnection(for: "{held}") { connection in
                    try await connection.watch("{held}") { watch in
                        try await ClusterLive.move(slot, from: source, to: target)
                        _ = try await watch.transaction { $0.append("INCR", "{held}") }
                    }
                }
            }
            #expect(error?.reply?.code == "MOVED" && error?.mayHaveRun == false, "\(String(describing: error))")
            #expect(
                error?.description.contains("slot \(slot)") == true && error?.remedy.contains("scope again") == true)
            let value = try await redis.withConnection(for: "{held}") { connection in
                #expect(connection.endpoint == target)
                return try await connection.incr("{held}")
            }
            #expect(value == 2)
        }
    }

    @Test("P3: no node answers at first: commands wait, and the error says why", .redisCluster(nodes: 3))
    func awayAtFirst() async throws {
        let cluster = try RedisCluster.current
        for node in cluster.nodes { await node.kill() }
        try await ClusterLive.withPool { redis in
            var command = RedisCommand("SET", "k", 1)
            command.timeout = .after(.milliseconds(500))
            let error = try await RedisLive.error { [command] in try await redis.send(command) }
            #expect(error?.code == .cannotConnect || error?.code == .clusterUnavailable, "\(String(describing: error))")
            #expect(error?.mayHaveRun == false && error?.description.contains("refused") == true)
            let waiting = Task { try await redis.set("k", 2) }
            for node in cluster.nodes { try await node.start() }
            #expect(try await waiting.value == true)
        }
    }

    @Test("P5: storms of cancellations in a cluster", .redisCluster(nodes: 3), arguments: [UInt64](1...2))
    func cancellations(seed: UInt64) async throws {
        var configuration = RedisClusterPoolConfiguration()
        configuration.pool.maximumSize = 4
        try await ClusterLive.withPool(configuration) { redis in
            let wrong = PoolLock<[String]>([])
            for number in 0..<400 { try await redis.set("storm:\(number)", number) }
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<400 {
                    var generator = SplitMix64(seed: seed).split(number)
                    let pause = UInt64.random(in: 0..<3_000, using: &generator)
                    let isCancelled = Int.random(in: 0..<100, using: &generator) < 60
                    let use = Int.random(in: 0..<4, using: &generator)
                    let task = Task {
                        do {
                            let key = "storm:\(number)"
                            let get = RedisCommand("GET", key)
                            let reply =
                                switch use {
                                case 0: try await redis.withConnection(for: key) { try await $0.get(key, as: Int.self) }
                                case 1: try await redis.pipeline([get])[0].get().decode(as: Int?.self)
                                case 2: try await redis.transaction([get])[0].get().decode(as: Int?.self)
                                default: try await redis.get(key, as: Int.self)
                                }
                            if reply != number { wrong.withLock { $0.append("\(key): \(String(describing: reply))") } }
                        } catch let error as RedisError where error.code == .cancelled {
                        } catch is CancellationError {
                        } catch {
                            wrong.withLock { $0.append("\(error)") }
                        }
                    }
                    group.addTask {
                        try? await Task.sleep(for: .microseconds(pause))
                        if isCancelled { task.cancel() }
                        _ = await task.value
                    }
                }
            }
            #expect(wrong.withLock { $0 } == [])
            #expect(try await redis.get("storm:3", as: Int.self) == 3)
            try await ClusterLive.expectSettled(redis)
        }
    }
}
