import LocalEngines
import NIOCore
import RedisClient
import Testing
import TrivetTesting

/// The typed commands on a live server, with both protocols.
@Suite(.redisServer) struct CommandTests {
    static let versions: [RedisProtocolVersion] = [.resp2, .resp3]

    private func redis(
        _ version: RedisProtocolVersion, _ body: @Sendable (RedisConnection, String) async throws -> Void
    ) async throws {
        try await withRedis(.init(protocolVersion: version)) { redis async throws in
            #expect(redis.protocolVersion == version)
            try await body(redis, "\(version):")
        }
    }

    @Test("P2: strings and counters", arguments: versions)
    func strings(version: RedisProtocolVersion) async throws {
        try await self.redis(version) { redis, prefix async throws in
            let key = prefix + "string"
            #expect(try await redis.get(key) == nil)
            #expect(try await redis.set(key, "wört"))
            #expect(try await redis.get(key) == "wört")
            #expect(try await redis.strlen(key) == 5)
            #expect(try await redis.set(key, "other", condition: .ifAbsent) == false)
            #expect(try await redis.append(key, "!") == 6)
            #expect(try await redis.getrange(key, from: 0, through: 0) == "w")
            #expect(try await redis.mget([key, prefix + "none"]) == ["wört!", nil])
            let binary = ByteBuffer(bytes: [0, 13, 10, 255])
            #expect(try await redis.set(key, binary, expiry: .after(.seconds(60))))
            #expect(try await redis.get(key, as: ByteBuffer.self) == binary)
            let wrong = try await redisError { try await redis.get(key) }
            #expect(wrong?.code == .unexpectedReply)
            #expect(try await redis.pttl(key) ?? .zero > .seconds(50))
            #expect(try await redis.persist(key))
            #expect(try await redis.pttl(key) == nil)
            #expect(try await redis.getdel(key, as: ByteBuffer.self) == binary)
            #expect(try await redis.incrby(prefix + "n", 5) == 5)
            #expect(try await redis.decr(prefix + "n") == 4)
            #expect(try await redis.incrbyfloat(prefix + "n", 0.5) == 4.5)
            try await redis.mset([("\(prefix)a", "1"), ("\(prefix)b", "2")])
            #expect(try await redis.get(prefix + "b", as: Int.self) == 2)
        }
    }

    @Test("P2: hashes, lists and sets", arguments: versions)
    func collections(version: RedisProtocolVersion) async throws {
        try await self.redis(version) { redis, prefix async throws in
            let hash = prefix + "hash"
            #expect(try await redis.hset(hash, ["a": "1", "b": "2"]) == 2)
            #expect(try await redis.hget(hash, "a") == "1")
            #expect(try await redis.hgetall(hash, as: Int.self) == ["a": 1, "b": 2])
            #expect(try await redis.hmget(hash, ["b", "c"]) == ["2", nil])
            #expect(try await redis.hincrby(hash, "a", 4) == 5)
            #expect(try await redis.hdel(hash, ["a", "z"]) == 1)
            let list = prefix + "list"
            #expect(try await redis.rpush(list, ["x", "y", "z"]) == 3)
            #expect(try await redis.lrange(list, from: 0, through: -1) == ["x", "y", "z"])
            #expect(try await redis.lpop(list) == "x")
            let popped = try await redis.blpop([list], timeout: .seconds(1))
            #expect(popped?.key == list && popped?.element == "y")
            let set = prefix + "set"
            #expect(try await redis.sadd(set, ["m", "n", "m"]) == 2)
            #expect(try await redis.smembers(set) == ["m", "n"])
            #expect(try await redis.sismember(set, "m"))
            #expect(try await redis.type(set) == "set")
            let wrong = try await redisError { try await redis.incr(set) }
            #expect(wrong?.reply?.code == "WRONGTYPE" && wrong?.command == "INCR" && wrong?.mayHaveRun == false)
        }
    }

    @Test("P2: sorted sets and streams", arguments: versions)
    func ordered(version: RedisProtocolVersion) async throws {
        try await self.redis(version) { redis, prefix async throws in
            let key = prefix + "zset"
            #expect(try await redis.zadd(key, [(member: "a", score: 1.5), (member: "b", score: .infinity)]) == 2)
            #expect(try await redis.zscore(key, "b") == .infinity)
            #expect(try await redis.zscore(key, "c") == nil)
            let ranked = try await redis.zrangeWithScores(key, from: 0, through: -1, reversed: true)
            #expect(ranked.map(\.member) == ["b", "a"] && ranked.map(\.score) == [.infinity, 1.5])
            #expect(try await redis.zrangebyscore(key, from: 0, through: 2) == ["a"])
            #expect(try await redis.zrank(key, "b") == 1)
            let stream = prefix + "stream"
            try await redis.xgroupCreate(stream, group: "g")
            let id = try await redis.xadd(stream, [(name: "n", value: "v")])
            #expect(try await redis.xrange(stream).map(\.id) == [id])
            #expect(try await redis.xread(stream, after: "0").first?["n"]?.string == "v")
            #expect(try await redis.xread(stream, after: id, block: .milliseconds(1)).isEmpty)
            #expect(try await redis.xreadgroup(stream, group: "g", consumer: "c").map(\.id) == [id])
            #expect(try await redis.xack(stream, group: "g", [id]) == 1)
        }
    }

    @Test("P2: keys, server and connection", arguments: versions)
    func server(version: RedisProtocolVersion) async throws {
        try await self.redis(version) { redis, prefix async throws in
            try await redis.ping()
            #expect(try await redis.echo("hi") == "hi")
            #expect(try await redis.clientGetname() == nil)
            #expect(try await redis.clientID() > 0)
            #expect(try await redis.time() > 1_600_000_000_000_000)
            #expect(try await redis.info(section: "server")["redis_version"] == RedisServer.current.version)
            #expect(try await redis.configGet("maxmemory-policy") == ["maxmemory-policy": "noeviction"])
            let keys = (0..<30).map { "\(prefix)scan:\($0)" }
            for key in keys { try await redis.set(key, 1) }
            var found: Set<String> = []
            var cursor = "0"
            repeat {
                let part = try await redis.scan(cursor: cursor, match: "\(prefix)scan:*", count: 10)
                found.formUnion(part.keys.map { String(buffer: $0) })
                cursor = part.cursor
            } while cursor != "0"
            #expect(found == Set(keys))
            #expect(try await redis.unlink(keys) == 30)
            #expect(try await redis.exists(keys) == 0)
        }
    }

    @Test("P2: scripts fall back to their source, functions stay", arguments: versions)
    func scripts(version: RedisProtocolVersion) async throws {
        try await self.redis(version) { redis, prefix async throws in
            let script = RedisScript("redis.call('SET', KEYS[1], ARGV[1]) return {KEYS[1], '\(prefix)'}")
            #expect(try await redis.scriptExists([script]) == [false])
            let reply = try await redis.evaluate(script, keys: [prefix + "k"], arguments: ["v"])
            #expect(try reply.decode(as: [String].self) == [prefix + "k", prefix])
            #expect(try await redis.scriptExists([script]) == [true])
            #expect(try await redis.get(prefix + "k") == "v")
            let name = "lib\(version.rawValue)"
            let library =
                "#!lua name=\(name)\nredis.register_function('\(name)f', function(keys, args) return args[1] end)"
            #expect(try await redis.functionLoad(library) == name)
            #expect(try await redis.fcall(name + "f", keys: [prefix], arguments: ["x"]).string == "x")
            let half = RedisScript("redis.call('SET', KEYS[1], 'half') return redis.call('INCR', KEYS[1])")
            let error = try await redisError { try await redis.evaluate(half, keys: [prefix + "k"]) }
            #expect(error?.mayHaveRun == true)
            #expect(try await redis.get(prefix + "k") == "half")
        }
    }
}
