import GRDB
import RedisClient
import Testing

@testable import Transactions

@Suite("T7: values that readers store") struct StaleSetTests {
    /// The race: a reader misses and reads the database, is overtaken by a transaction, and then stores what it read.
    @Test("T7: without the guard, a reader that was overtaken leaves a deleted row in Redis; with it, it does not")
    func race() async throws {
        try await FollowedStores.with { stores in
            let overtaken: @Sendable () async throws -> String? = {
                let old = try await stores.coordinator.sqlite.read { database in
                    try String.fetchOne(database, sql: "SELECT name FROM users WHERE id = 1")
                }
                try await stores.coordinator.transaction { txn in
                    try await txn.sqlite { try $0.execute(sql: "DELETE FROM users WHERE id = 1") }
                    try await txn.redis.delete("user:1")
                }
                return old
            }
            try await stores.strangely("INSERT INTO users VALUES (1, 'old', 'x', 0)")
            if try await stores.redis.get("user:1") == nil, let value = try await overtaken() {
                try await stores.redis.set("user:1", value)
            }
            // The row is gone, and Redis has it for ever: this is what has to be prevented.
            #expect(try await stores.redis.get("user:1") == "old")

            try await stores.strangely("INSERT INTO users VALUES (1, 'old', 'x', 0)")
            _ = try await stores.redis.del("user:1")
            let value = try await stores.coordinator.cached("user:1") { try await overtaken() }
            #expect(value == "old")
            #expect(try await stores.redis.get("user:1") == nil)
        }
    }

    @Test("T7: the same race against a change that another program makes and the synchronizer brings")
    func raceWithStranger() async throws {
        try await FollowedStores.with { stores in
            try await stores.strangely("INSERT INTO users VALUES (1, 'old', 'x', 0)")
            try await stores.following { synchronizer in
                _ = try await stores.redis.del("user:1")
                let value = try await stores.coordinator.cached("user:1") {
                    let old = try await stores.coordinator.sqlite.read { database in
                        try String.fetchOne(database, sql: "SELECT name FROM users WHERE id = 1")
                    }
                    try await stores.strangely("DELETE FROM users WHERE id = 1")
                    try await synchronizer.waitUntilCurrent()
                    return old
                }
                #expect(value == "old")
                #expect(try await stores.redis.get("user:1") == nil)
            }
        }
    }

    @Test("T7: many readers that miss at once make the value once, and it is stored with its expiry")
    func herd() async throws {
        try await FollowedStores.with { stores in
            let (calls, call) = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        try await stores.coordinator.cached("answer", expiry: .seconds(100), leaseTime: .seconds(60)) {
                            call.yield()
                            try await Task.sleep(for: .milliseconds(20))
                            return "42"
                        }
                    }
                }
                for try await value in group { #expect(value == "42") }
            }
            call.finish()
            var made = 0
            for await _ in calls { made += 1 }
            #expect(made == 1)
            #expect(try await stores.redis.pttl("answer") != nil)
        }
    }

    @Test("T7: nothing is stored for no value or an error, and the next reader does not wait")
    func nothing() async throws {
        struct Failed: Error {}
        try await FollowedStores.with { stores in
            let none: String? = try await stores.coordinator.cached("a", leaseTime: .seconds(600)) { nil }
            #expect(none == nil)
            do {
                let _: String? = try await stores.coordinator.cached("a", leaseTime: .seconds(600)) { throw Failed() }
                Issue.record("nothing was thrown")
            } catch is Failed {}
            let some = try await stores.coordinator.cached("a", leaseTime: .seconds(600)) { "made" }
            #expect(some == "made")
            #expect(try await stores.redis.get("a") == "made")
        }
    }

    @Test("T7: a Redis that can't be reached leaves readers to the database") func outage() async throws {
        try await FollowedStores.with { stores in
            await stores.server.kill()
            let value = try await stores.coordinator.cached("a") { "from the database" }
            #expect(value == "from the database")
            try await stores.server.start()
        }
    }
}
