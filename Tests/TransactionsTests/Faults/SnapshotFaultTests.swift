import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Testing

@testable import Transactions

/// Snapshots at their limits: a right value or an error, never a wrong value.
@Suite struct SnapshotFaultTests {
    @Test("† A snapshot keeps seeing Redis as it was, whatever units do meanwhile, for every type")
    func formerValues() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await txn.redis.set("s", "1")
                try await txn.redis.hset("h", ["a": 1])
                try await txn.redis.sadd("m", ["x"])
                try await txn.redis.zadd("z", ["x": 1])
                try await txn.redis.set("gone", "1")
            }
            try await stores.coordinator.snapshot { snapshot in
                for step in 2...4 {
                    try await stores.coordinator.transaction { txn in
                        try await txn.redis.set("s", "\(step)")
                        try await txn.redis.hset("h", ["a": step, "b": step])
                        try await txn.redis.sadd("m", ["y\(step)"])
                        try await txn.redis.zadd("z", ["x": Double(step)])
                        try await txn.redis.delete("gone")
                        try await txn.redis.set("new", "1")
                    }
                }
                #expect(try await snapshot.redis.get("s") == "1")
                #expect(try await snapshot.redis.hgetall("h") == ["a": "1"])
                #expect(try await snapshot.redis.smembers("m") == ["x"])
                #expect(try await snapshot.redis.zscore("z", "x") == 1)
                #expect(try await snapshot.redis.exists("gone"))
                let isNew = try await snapshot.redis.exists("new")
                #expect(!isNew)
                let later = try await stores.coordinator.snapshot { try await $0.redis.get("s") }
                #expect(later == "4")
            }
            #expect(await stores.coordinator.core.isAtRest)
        }
    }

    @Test("† A snapshot beyond its age fails in each store, and holds nothing back any more")
    func age() async throws {
        var configuration = CoordinatorConfiguration()
        configuration.maximumSnapshotAge = .milliseconds(50)
        try await LiveStores.with(configuration: configuration) { stores in
            try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
            try await stores.coordinator.snapshot { snapshot in
                while stores.coordinator.core.gate.hasSnapshots { try await Task.sleep(for: .milliseconds(5)) }
                await expectFailure(.snapshotTooOld, "maximumSnapshotAge") { try await snapshot.redis.get("user:1") }
                await expectFailure(.snapshotTooOld) { try await snapshot.sqlite { _ in } }
                await expectFailure(.snapshotTooOld) { try await snapshot.graph("MATCH (u:User) RETURN u.id") }
            }
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("A snapshot used after its scope says so")
    func afterScope() async throws {
        try await LiveStores.with { stores in
            let kept = try await stores.coordinator.snapshot { $0 }
            await expectFailure(.ended, "scope") { try await kept.redis.get("user:1") }
            await expectFailure(.ended) { try await kept.sqlite { _ in } }
            await expectFailure(.ended) { try await kept.graph("MATCH (u:User) RETURN u.id") }
        }
    }

    @Test("A snapshot writes nothing")
    func readsOnly() async throws {
        try await LiveStores.with { stores in
            _ = await failure {
                try await stores.coordinator.snapshot { snapshot in
                    try await snapshot.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (1, 'one')") }
                }
            }
            _ = await failure {
                try await stores.coordinator.snapshot { try await $0.graph("CREATE (:User {id: 1, name: 'one'})") }
            }
            try await stores.expectWorks(after: [])
        }
    }

    @Test("† The answer to a change was lost: a snapshot from before never sees the change as its own")
    func lostAnswer() async throws {
        var configuration = DurableStores.configuration
        // Long enough for all that happens here before the change is sent again.
        configuration.firstPause = .seconds(2)
        try await DurableStores.with { stores in
            try await stores.withCoordinator(configuration: configuration) { coordinator in
                try await coordinator.transaction { txn in try await txn.redis.set("k", "old") }
                try await coordinator.snapshot { snapshot in
                    try await stores.changeUnanswered("k", in: coordinator)
                    await expectFailure(.snapshotTooOld, "\"k\"") { try await snapshot.redis.get("k") }
                }
                try await stores.untilCaughtUp(coordinator)
                let now = try await coordinator.snapshot { try await $0.redis.get("k") }
                #expect(now == "new")
            }
        }
    }

    @Test("† … also when further changes have joined it by the time it is sent again")
    func lostAnswerJoined() async throws {
        var configuration = DurableStores.configuration
        configuration.firstPause = .seconds(1)
        try await DurableStores.with { stores in
            try await stores.withCoordinator(configuration: configuration) { coordinator in
                try await coordinator.transaction { txn in
                    try await txn.redis.set("k", "old")
                    try await txn.redis.set("other", "old")
                }
                try await coordinator.snapshot { snapshot in
                    try await stores.changeUnanswered("k", in: coordinator)
                    try await coordinator.transaction(TransactionOptions(cacheTimeLimit: .zero)) { txn in
                        try await txn.redis.set("other", "new")
                    }
                    try await stores.untilCaughtUp(coordinator)
                    await expectFailure(.snapshotTooOld, "\"k\"") { try await snapshot.redis.get("k") }
                    // What came only later was seen before it was changed.
                    #expect(try await snapshot.redis.get("other") == "old")
                }
            }
        }
    }

    @Test("† After an outage of Redis, a snapshot from before it sees old values or an error in time")
    func outage() async throws {
        var configuration = DurableStores.configuration
        configuration.maximumSnapshotAge = .seconds(20)
        try await DurableStores.with(appendOnly: .always) { stores in
            try await stores.withCoordinator(configuration: configuration) { coordinator in
                try await coordinator.transaction { txn in try await txn.redis.set("k", "old") }
                try await coordinator.snapshot { snapshot in
                    await stores.server.kill()
                    try await coordinator.transaction(TransactionOptions(cacheTimeLimit: .zero)) { txn in
                        try await txn.redis.set("k", "new")
                    }
                    try await stores.server.start()
                    try await stores.untilCaughtUp(coordinator)
                    do {
                        #expect(try await snapshot.redis.get("k") == "old")
                    } catch let error as TransactionError {
                        #expect(error.code == .snapshotTooOld)
                    }
                }
                let now = try await coordinator.snapshot { try await $0.redis.get("k") }
                #expect(now == "new")
            }
        }
    }

    @Test("I7: while Redis is away, a snapshot's read of a key that changes ends with an error, not never")
    func redisAway() async throws {
        var configuration = DurableStores.configuration
        configuration.maximumSnapshotAge = .milliseconds(2_500)
        try await DurableStores.with { stores in
            try await stores.withCoordinator(configuration: configuration, closingWithin: .zero) { coordinator in
                try await coordinator.transaction { txn in try await txn.redis.set("k", "old") }
                let error = await failure {
                    try await coordinator.snapshot { snapshot in
                        await stores.server.kill()
                        try await coordinator.transaction(TransactionOptions(cacheTimeLimit: .zero)) { txn in
                            try await txn.redis.set("k", "new")
                        }
                        return try await snapshot.redis.get("k")
                    }
                }
                #expect(error is TransactionError, "\(String(describing: error))")
            }
        }
    }

    @Test("T2: a snapshot that is cancelled while a commit is under way ends at once")
    func cancelled() async throws {
        try await LiveStores.with { stores in
            let core = stores.coordinator.core
            #expect(core.gate.requestCommit(holder))
            let task = Task { try await stores.coordinator.snapshot { _ in } }
            while !core.gate.hasWaits { try await Task.sleep(for: .milliseconds(1)) }
            task.cancel()
            let error = await failure { try await task.value }
            #expect(error is CancellationError)
            core.gate.endCommit(holder, at: 0)
            try await stores.expectWorks(after: [])
        }
    }
}

private let holder = UnitID(rawValue: .max)

extension DurableStores {
    /// Changes a key in a unit whose change Redis makes after the answer is no longer waited for.
    fileprivate func changeUnanswered(_ key: CacheKey, in coordinator: Coordinator) async throws {
        server.suspend()
        try await coordinator.transaction(TransactionOptions(cacheTimeLimit: .zero)) { txn in
            try await txn.redis.set(key, "new")
        }
        while await coordinator.counters.cacheResent == 0 { try await Task.sleep(for: .milliseconds(2)) }
        server.resume()
        while try await redis.send(RedisCommand("GET", arguments: [.bytes(.init(bytes: key.bytes))]), as: String.self)
            != "new"
        {
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
