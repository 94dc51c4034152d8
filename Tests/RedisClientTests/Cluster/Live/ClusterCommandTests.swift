import LocalEngines
import NIOCore
import RedisClient
import Testing
import TrivetTesting

/// A client of the test's cluster, and an error if it does not close.
func withCluster<Value: Sendable>(
    _ configuration: RedisClusterClient.Configuration = .init(),
    _ body: @Sendable (RedisClusterClient) async throws -> Value
) async throws -> Value {
    try await RedisClusterClient.withClient(
        seeds: [RedisCluster.current.endpoints[0]], configuration: configuration
    ) {
        try await body($0)
    }
}

/// What works on one connection works on a cluster of three, and what cannot is refused.
@Suite(.redisCluster(nodes: 3)) struct ClusterCommandTests {
    @Test("P3: one seed is enough to find all nodes; typed commands reach the right one")
    func typed() async throws {
        try await withCluster { redis async throws in
            #expect(Set(redis.masters) == Set(try RedisCluster.current.endpoints))
            for number in 0..<300 { try await redis.set("typed:\(number)", number) }
            for number in 0..<300 { #expect(try await redis.get("typed:\(number)", as: Int.self) == number) }
            #expect(try await redis.hset("h", ["a": "1", "b": "2"]) == 2)
            #expect(try await redis.hgetall("h", as: Int.self) == ["a": 1, "b": 2])
            #expect(try await redis.rpush("l", ["x", "y"]) == 2)
            #expect(try await redis.lrange("l", from: 0, through: -1) == ["x", "y"])
            try await redis.xadd("s", [("f", "v")])
            #expect(try await redis.xread("s", after: "0").count == 1)
            #expect(try await redis.expire("l", after: .seconds(60)))
            let script = RedisScript("return {KEYS[1], ARGV[1]}")
            #expect(try await redis.evaluate(script, keys: ["{t}k"], arguments: ["v"]).elements?.count == 2)
            try await redis.ping()
            #expect(redis.statistics.moved == 0 && redis.statistics.waits == 0)
        }
    }

    @Test("P3: MGET, MSET, DEL, UNLINK, EXISTS and TOUCH over slots")
    func split() async throws {
        try await withCluster { redis async throws in
            let keys = (0..<200).map { "split:\($0)" }
            try await redis.mset(keys.enumerated().map { (key: $1, value: "\($0)") })
            let values = try await redis.mget(keys + ["split:none"])
            #expect(values == (0..<200).map { "\($0)" } + [nil])
            #expect(try await redis.exists(keys + [keys[0]]) == 201)
            #expect(try await redis.send("TOUCH", keys) == .integer(200))
            #expect(try await redis.del(Array(keys[..<50])) == 50)
            #expect(try await redis.unlink(keys) == 150)
            // A list among the strings: MGET gives null for it, as on one server.
            _ = try await redis.rpush("split:list", ["x"])
            #expect(try await redis.mget(["split:list", "split:1"]) == [nil, nil])
        }
    }

    @Test("P3: keys in different slots are refused before anything is sent")
    func crossSlot() async throws {
        try await withCluster { redis async throws in
            try await redis.set("cross:a", 1)
            let rename = try await redisError { try await redis.rename("cross:a", to: "cross:b") }
            #expect(
                rename?.code == .refused && rename?.mayHaveRun == false && rename?.underlying is RedisCrossSlotError)
            let transaction = try await redisError {
                try await redis.transaction { commands in
                    commands.append("SET", "cross:a", 2)
                    commands.append("SET", "cross:b", 2)
                }
            }
            #expect(transaction?.code == .refused && transaction?.mayHaveRun == false)
            #expect(try await redis.get("cross:a") == "1")
            try await redis.rename("cross:a", to: "{cross:a}:b")
            for name in ["WATCH", "SELECT", "SUBSCRIBE", "MULTI", "SCAN", "WAIT", "ASKING"] {
                let error = try await redisError { try await redis.send(name, "0") }
                #expect(error?.code == .refused)
            }
        }
    }

    @Test("P3: a pipeline over all nodes: replies in order, one error beside the others")
    func pipeline() async throws {
        try await withCluster { redis async throws in
            let replies = await redis.pipeline { commands in
                for number in 0..<500 {
                    commands.append("SET", "pipe:\(number)", number)
                    commands.append("INCR", "pipe:\(number)")
                    commands.append("GET", "pipe:\(number)")
                }
                commands.append("LPUSH", "pipe:0", "x")
                commands.append("MGET", "pipe:1", "pipe:2", "pipe:none")
                commands.append("DBSIZE")
            }
            #expect(replies.count == 1503)
            for number in 0..<500 {
                #expect((try? replies[number * 3].get()) == .simpleString("OK"))
                #expect((try? replies[number * 3 + 1].get().decode(as: Int.self)) == number + 1)
                #expect((try? replies[number * 3 + 2].get().decode(as: Int.self)) == number + 1)
            }
            guard case .failure(let error) = replies[1500] else {
                Issue.record("no error")
                return
            }
            #expect(error.reply?.code == "WRONGTYPE" && error.command == "LPUSH")
            #expect(try replies[1501].get().decode(as: [Int?].self) == [2, 3, nil])
            #expect(try replies[1502].get().decode(as: Int.self) >= 500)
            let refused = await redis.pipeline([RedisCommand("GET", "a"), RedisCommand("RENAME", "a", "b")])
            for reply in refused { #expect(throws: RedisError.self) { try reply.get() } }
            #expect(await redis.pipeline([]).isEmpty)
        }
    }

    @Test("P3: transactions within one slot")
    func transaction() async throws {
        try await withCluster { redis async throws in
            let results = try await redis.transaction { commands in
                commands.append("SET", "{t}a", 1)
                commands.append("MSET", "{t}b", 2, "{t}c", 3)
                commands.append("LPUSH", "{t}a", 1)
                commands.append("PING")
            }
            #expect(results.count == 4 && (try? results[0].get()) == .simpleString("OK"))
            #expect((try? results[2].get()) == nil)
            #expect(try await redis.mget(["{t}a", "{t}b", "{t}c"]) == ["1", "2", "3"])
        }
    }

    @Test("P3: what has no keys goes to every master where only that makes sense")
    func everyMaster() async throws {
        try await withCluster { redis async throws in
            for number in 0..<100 { try await redis.set("every:\(number)", 1) }
            #expect(try await redis.dbsize() >= 100)
            #expect(try await redis.send(RedisCommand("KEYS", "every:*"), as: [String].self).count == 100)
            let script = RedisScript("return redis.call('GET', KEYS[1])")
            try await redis.scriptLoad(script)
            #expect(try await redis.scriptExists([script, RedisScript("return 2")]) == [true, false])
            for number in 0..<20 {
                let reply = try await redis.send("EVALSHA", script.sha1, 1, "every:\(number)")
                #expect(reply.string == "1")
            }
            var found = 0
            for (node, reply) in await redis.sendToEveryMaster(RedisCommand("SCAN", 0, "MATCH", "every:*", "COUNT", 1))
            {
                var (cursor, keys) = try reply.get().decode(as: [RESPValue].self).scanned
                found += keys
                while cursor != "0" {
                    let next = try await redis.send(
                        RedisCommand("SCAN", cursor, "MATCH", "every:*", "COUNT", 50), to: node)
                    (cursor, keys) = try next.decode(as: [RESPValue].self).scanned
                    found += keys
                }
            }
            #expect(found >= 100)
        }
    }

    @Test("P3: commands that the table does not know are asked of the server")
    func unknown() async throws {
        try await withCluster { redis async throws in
            try await redis.set("unknown:a", "x")
            // Not in the table: its keys are wherever the server says (COMMAND GETKEYS).
            let port = try RedisCluster.current.endpoints[0]
            guard case .tcp(let host, let number) = port else { return }
            let migrate = try await redisError {
                try await redis.send("MIGRATE", host, number, "unknown:none", 0, 1000)
            }
            #expect(migrate == nil)
            let error = try await redisError { try await redis.send("NO.SUCH.COMMAND", "x") }
            #expect(error?.reply?.code == "ERR" && error?.mayHaveRun == false)
        }
    }

    @Test("P3: blocking commands do not hold up others")
    func blocking() async throws {
        try await withCluster { redis async throws in
            let waiting = Task { try await redis.blpop(["block:list"], timeout: .seconds(20)) }
            for _ in 0..<20 { try await redis.set("{block:list}:other", 1) }
            _ = try await redis.rpush("block:list", ["x"])
            #expect(try await waiting.value?.element == "x")
        }
    }

    @Test("P3: cancellation ends commands, pipelines and connecting")
    func cancellation() async throws {
        try await withCluster { redis async throws in
            let blocked = Task { try await redis.blpop(["never"], timeout: .zero) }
            try await Task.sleep(for: .milliseconds(20))
            blocked.cancel()
            let error = try await redisError { try await blocked.value }
            #expect(error?.code == .cancelled)
            let pipeline = Task { () async -> [Result<RESPValue, RedisError>] in
                withUnsafeCurrentTask { $0?.cancel() }
                return await redis.pipeline([RedisCommand("GET", "a"), RedisCommand("GET", "b")])
            }
            for reply in await pipeline.value {
                let error = try await redisError { try reply.get() }
                #expect(error?.code == .cancelled)
            }
        }
    }

    @Test("P3: seeds that are down or no cluster are passed over; without any the error names each")
    func seeds() async throws {
        let endpoints = try RedisCluster.current.endpoints
        let dead = RedisEndpoint.tcp(host: "127.0.0.1", port: 1)
        _ = try await RedisClusterClient.withClient(seeds: [dead, endpoints[1]]) { redis in
            try await redis.set("seed", 1)
        }
        let error = try await redisError { try await RedisClusterClient.connect(seeds: [dead]) }
        #expect(error?.code == .cannotConnect && error?.description.contains("127.0.0.1:1") == true)
        let none = try await redisError { try await RedisClusterClient.connect(seeds: []) }
        #expect(none?.code == .clusterUnavailable)
    }
}

extension [RESPValue] {
    /// A SCAN's cursor and how many keys it brought.
    fileprivate var scanned: (String, Int) {
        (self.first?.string ?? "0", self.last?.elements?.count ?? 0)
    }
}
