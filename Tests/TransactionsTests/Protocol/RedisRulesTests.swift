import Foundation
import GRDB
import RedisClient
import Testing

@testable import Transactions

/// Redis's part of a unit: absolute values, checked before the decision.
@Suite struct RedisRulesTests {
    @Test("† A type mismatch in Redis is found before the decision")
    func typeMismatch() async throws {
        try await LiveStores.with { stores in
            _ = try await stores.redis.send("RPUSH", "list", "a")
            _ = try await stores.redis.send("SET", "text", "a")
            for key: CacheKey in ["list", "text"] {
                await expectFailure(.wrongType, "\(key)") {
                    try await stores.coordinator.transaction { txn in
                        try await txn.addUser(1)
                        try await txn.redis.sadd(key, ["x"])
                    }
                }
                await expectFailure(.wrongType, "\(key)") {
                    try await stores.coordinator.transaction { txn in
                        try await txn.addUser(1)
                        try await txn.redis.zadd(key, ["x": 1])
                    }
                }
            }
            await expectFailure(.wrongType) {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    try await txn.redis.hset("new", ["a": 1])
                    try await txn.redis.sadd("new", ["x"])
                }
            }
            try await stores.expectWorks(after: [])
        }
    }

    @Test("† A key that changes its type within a unit, or is emptied and filled anew, gets into Redis")
    func typeChanges() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await txn.redis.hset("a", ["f": 1])
                try await txn.redis.hdel("a", ["f"])
                try await txn.redis.sadd("a", ["member"])
                try await txn.redis.set("b", "text")
                try await txn.redis.delete("b")
                try await txn.redis.zadd("b", ["m": 1.5])
                try await txn.redis.sadd("c", ["x"])
            }
            try await stores.coordinator.transaction { txn in
                try await txn.redis.srem("c", ["x"])
                try await txn.redis.hset("c", ["f": 2])
            }
            try await stores.coordinator.transaction { txn in
                let members = try await txn.redis.smembers("a")
                let ranking = try await txn.redis.zrange("b").map(\.member)
                let field = try await txn.redis.hget("c", "f", as: Int.self)
                #expect(members == ["member"] && ranking == ["m"] && field == 2)
            }
            #expect(await stores.coordinator.counters.quarantined == 0)
            #expect(try await stores.redis.send("TYPE", "a").decode(as: String.self) == "set")
            #expect(try await stores.redis.send("TYPE", "c").decode(as: String.self) == "hash")
        }
    }

    @Test("† What Redis would refuse for good is refused before the decision", arguments: 0..<5)
    func impossible(_ case: Int) async throws {
        try await LiveStores.with { stores in
            await expectFailure(.unsupported) {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    switch `case` {
                    case 0: try await txn.redis.zadd("z", ["m": .nan])
                    case 1: try await txn.redis.set("k", "v", expiry: .at(milliseconds: 0))
                    case 2: try await txn.redis.set("k", "v", expiry: .at(milliseconds: -5))
                    case 3: try await txn.redis.set("k", "v", expiry: .keep)
                    default:
                        try await txn.redis.set("k", "\(Int.max)")
                        try await txn.redis.increment("k")
                    }
                }
            }
            try await stores.expectWorks(after: [])
            #expect(stores.coordinator.core.cacheState.withLock { $0.queue.isIdle })
        }
    }

    @Test("† Trivet's own key is not for units")
    func markerKey() async throws {
        try await LiveStores.with { stores in
            await expectFailure(.misuse, "trivet:marker") {
                try await stores.coordinator.transaction { txn in try await txn.redis.delete("trivet:marker") }
            }
            try await stores.expectWorks(after: [])
        }
    }

    @Test("† Counters and expiries are absolute: changes applied twice have the effect of once")
    func absolute() async throws {
        try await LiveStores.with { stores in
            let expiry = Int(Date().timeIntervalSince1970 * 1_000) + 3_600_000
            let coordinator = stores.coordinator
            for _ in 0..<3 {
                try await coordinator.transaction { txn in
                    try await txn.redis.increment("count", by: 2)
                    try await txn.redis.hincrby("hash", "count")
                    try await txn.redis.set("lease", "x", expiry: .after(.seconds(3_600)))
                    try await txn.redis.expire("hash", .at(milliseconds: expiry))
                    try await txn.redis.zadd("scores", ["ada": 1.5])
                }
            }
            let before = try await state(stores.redis)
            // Redis forgets how far it had come, so that everything is applied again.
            _ = try await stores.redis.send("HSET", "trivet:marker", "number", "0")
            try await coordinator.transaction { txn in try await txn.redis.set("last", "x") }
            #expect(try await state(stores.redis) == before)
            #expect(before[0] == "6" && before[1] == "3" && before[3] == "\(expiry)")
            #expect(coordinator.core.cacheState.withLock { $0.queue.isIdle })
        }
    }

    private func state(_ redis: RedisConnection) async throws -> [String?] {
        [
            try await redis.send("GET", "count").decode(as: String?.self),
            try await redis.send("HGET", "hash", "count").decode(as: String?.self),
            "\(try await redis.send("PEXPIRETIME", "lease").decode(as: Int.self))",
            "\(try await redis.send("PEXPIRETIME", "hash").decode(as: Int.self))",
            try await redis.send("ZSCORE", "scores", "ada").decode(as: String?.self),
        ]
    }

    @Test("T1: a unit reads its own changes of Redis, of every type")
    func ownChanges() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await txn.redis.set("s", "1", expiry: .after(.seconds(60)))
                try await txn.redis.hset("h", ["a": 1, "b": 2])
                try await txn.redis.sadd("m", ["x", "y"])
                try await txn.redis.zadd("z", ["x": 2, "y": 1])
                try await txn.redis.hdel("h", ["a"])
                let text = try await txn.redis.get("s", as: Int.self)
                let fields = try await txn.redis.hgetall("h", as: Int.self)
                let members = try await txn.redis.smembers("m")
                let ranking = try await txn.redis.zrange("z").map(\.member)
                let expiry = try await txn.redis.expiry(of: "s")
                #expect(text == 1 && fields == ["b": 2] && members == ["x", "y"] && ranking == ["y", "x"])
                #expect(expiry != nil)
                try await txn.redis.delete("s")
                let (exists, gone) = (try await txn.redis.exists("s"), try await txn.redis.get("s"))
                #expect(!exists && gone == nil)
            }
        }
    }

    @Test("I8: nothing is in Redis before the decision")
    func nothingBefore() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await txn.addUser(1)
                let count = try await stores.redis.send("EXISTS", "user:1").decode(as: Int.self)
                #expect(count == 0)
            }
            try await stores.expectUsers([1])
        }
    }

    @Test("T1: child tasks of a body that add to one counter lose nothing")
    func concurrentIncrements() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            try await txn.redis.increment("count")
                            try await txn.redis.hincrby("hash", "count", by: 2)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await stores.redis.send("GET", "count").decode(as: Int.self) == 20)
            #expect(try await stores.redis.send("HGET", "hash", "count").decode(as: Int.self) == 40)
        }
    }
}
