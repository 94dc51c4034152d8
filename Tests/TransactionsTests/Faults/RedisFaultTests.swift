import Foundation
import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Testing

@testable import Transactions

/// Redis down, frozen, emptied, set back: units go on, and Redis gets there.
@Suite struct RedisFaultTests {
    @Test("T1, T2: Redis is down before the decision: writes without a look at it commit, and follow later")
    func downBefore() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                await stores.server.kill()
                let options = TransactionOptions(cacheTimeLimit: .milliseconds(20))
                let (_, receipt) = try await coordinator.transactionWithReceipt(options) { txn in
                    try await txn.addUser(2)
                }
                #expect(!receipt.isCacheApplied && receipt.number == 2)
                // What is on its way is seen by units and snapshots.
                let seen = try await coordinator.transaction { txn in try await txn.redis.get("user:2") }
                #expect(seen == "user 2")
                let snapshot = try await coordinator.snapshot { try await $0.redis.get("user:2") }
                #expect(snapshot == "user 2")
                // What only Redis knows can't be had, and the error says so.
                await expectFailure(.storeFailed, "Redis") {
                    try await coordinator.transaction(.once) { txn in
                        try await txn.addUser(3)
                        _ = try await txn.redis.get("user:1")
                    }
                }
                try await stores.server.start()
                try await stores.untilCaughtUp(coordinator)
                try await stores.expectUsers([1, 2], in: coordinator)
            }
        }
    }

    @Test("T2: a unit that needs Redis while it is away for a moment is run again")
    func downForAMoment() async throws {
        try await DurableStores.with(appendOnly: .always) { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.redis.increment("count") }
                await stores.server.kill()
                let tried = Event()
                let retry = RetryPolicy(
                    maximumAttempts: 1_000, firstPause: .milliseconds(10), longestPause: .milliseconds(20))
                async let count = coordinator.transaction(TransactionOptions(retry: retry)) { txn in
                    tried.happen()
                    return try await txn.redis.increment("count")
                }
                await tried.wait()
                try await stores.server.start()
                #expect(try await count == 2)
            }
        }
    }

    @Test("I1: Redis is killed while units commit, again and again: nothing acknowledged is lost, nothing hangs")
    func killedDuring() async throws {
        try await DurableStores.with(appendOnly: .everySecond) { stores in
            try await stores.withCoordinator { coordinator in
                let acknowledged = try await withThrowingTaskGroup(of: [Int].self) { group in
                    for client in 0..<4 {
                        group.addTask {
                            var done: [Int] = []
                            for step in 0..<25 {
                                let id = client * 100 + step
                                try await coordinator.transaction(
                                    TransactionOptions(cacheTimeLimit: .milliseconds(30))
                                ) { txn in try await txn.addUser(id) }
                                done.append(id)
                            }
                            return done
                        }
                    }
                    group.addTask {
                        for _ in 0..<3 { try await stores.server.restart() }
                        return []
                    }
                    return try await group.reduce(into: []) { $0 += $1 }.sorted()
                }
                #expect(acknowledged.count == 100)
                try await stores.untilCaughtUp(coordinator)
                try await stores.expectUsers(acknowledged, in: coordinator)
                #expect(await coordinator.counters.quarantined == 0)
            }
        }
    }

    @Test("T2, I7: Redis is frozen (SIGSTOP): units commit all the same, reads fail in time, and it catches up")
    func frozen() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                stores.server.suspend()
                let options = TransactionOptions(cacheTimeLimit: .milliseconds(20))
                let (_, receipt) = try await coordinator.transactionWithReceipt(options) { txn in
                    try await txn.addUser(2)
                }
                #expect(!receipt.isCacheApplied)
                await expectFailure(.storeFailed, "Redis") {
                    try await coordinator.transaction(.once) { txn in
                        try await txn.addUser(3)
                        try await txn.redis.sadd("set", ["x"])
                    }
                }
                stores.server.resume()
                try await stores.untilCaughtUp(coordinator)
                try await stores.expectUsers([1, 2], in: coordinator)
            }
        }
    }

    @Test("T6, I7: of two that wait for the same change of Redis each gives up at its own limit")
    func limitsOfRepetitions() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                @Sendable func add(limit: Duration) async throws -> Receipt {
                    let options = TransactionOptions(cacheTimeLimit: limit)
                    return try await coordinator.transaction(idempotencyKey: "once", options) { txn in
                        try await txn.addUser(1)
                        return true
                    }.receipt
                }
                try await coordinator.transaction { txn in try await txn.addUser(0) }
                stores.server.suspend()
                async let patient = add(limit: .seconds(60))
                while await coordinator.counters.committed < 2 { try await Task.sleep(for: .milliseconds(1)) }
                let hasty = try await add(limit: .milliseconds(20))
                #expect(hasty.isRepetition && !hasty.isCacheApplied)
                stores.server.resume()
                let isApplied = try await patient.isCacheApplied
                #expect(isApplied)
            }
        }
    }

    @Test("† Redis comes back empty: the journal is applied again, also without a further write")
    func emptied() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                for id in 1...3 { try await coordinator.transaction { txn in try await txn.addUser(id) } }
                try await coordinator.transaction { txn in try await txn.redis.increment("count", by: 41) }
                try await stores.server.restart(empty: true)
                // A unit that computes with what Redis holds must not compute with a loss.
                let count = try await coordinator.transaction(.patient) { txn in
                    try await txn.redis.increment("count")
                }
                #expect(count == 42)
                try await stores.untilCaughtUp(coordinator)
                try await stores.expectUsers([1, 2, 3], in: coordinator)
            }
        }
    }

    @Test("† Redis comes back empty: a read sees what was decided, and so does a snapshot", arguments: [true, false])
    func emptiedThenRead(_ isSnapshot: Bool) async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                try await stores.server.restart(empty: true)
                let seen =
                    isSnapshot
                    ? try await patiently { try await coordinator.snapshot { try await $0.redis.get("user:1") } }
                    : try await coordinator.transaction(.patient) { txn in try await txn.redis.get("user:1") }
                #expect(seen == "user 1")
            }
        }
    }

    @Test("† Redis comes back with an old append-only file: it is brought on from its marker")
    func oldFile() async throws {
        try await DurableStores.with(appendOnly: .always) { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                let files = stores.server.folder + "/appendonlydir"
                let copy = stores.folder.path(of: "aof")
                try copyFolder(files, to: copy)
                try await coordinator.transaction { txn in
                    try await txn.addUser(2)
                    try await txn.redis.increment("count", by: 5)
                }
                await stores.server.kill()
                try copyFolder(copy, to: files)
                try await stores.server.start()
                let count = try await coordinator.transaction(.patient) { txn in try await txn.redis.increment("count")
                }
                #expect(count == 6)
                try await stores.untilCaughtUp(coordinator)
                try await stores.expectUsers([1, 2], in: coordinator)
            }
        }
    }

    @Test("† The marker is deleted: everything the journal has is applied again")
    func markerDeleted() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                _ = try await stores.redis.send("DEL", "trivet:marker", "user:1")
                try await coordinator.transaction { txn in try await txn.addUser(2) }
                try await stores.untilCaughtUp(coordinator)
                try await stores.expectUsers([1, 2], in: coordinator)
            }
        }
    }

    @Test("† A key's type changes behind our back: it is quarantined, loudly, and blocks nobody; then it is released")
    func quarantine() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                // What was looked at before the decision is something else after it.
                _ = try await stores.redis.send("SADD", "tags", "first")
                try await coordinator.transaction { txn in
                    try await txn.redis.sadd("tags", ["a"])
                    try await txn.addUser(1)
                    _ = try await stores.redis.send("DEL", "tags")
                    _ = try await stores.redis.send("RPUSH", "tags", "not a set")
                }
                try await coordinator.transaction { txn in try await txn.addUser(2) }
                try await stores.expectUsers([1, 2], in: coordinator)
                #expect(await coordinator.counters.quarantined == 1)
                await expectFailure(.storeFailed, "\"tags\"", "list", "releaseQuarantine") {
                    try await coordinator.transaction { txn in try await txn.redis.smembers("tags") }
                }
                await expectFailure(.storeFailed, "\"tags\"") {
                    try await coordinator.transaction { txn in
                        try await txn.addUser(3)
                        try await txn.redis.sadd("tags", ["b"])
                    }
                }
                await expectFailure(.storeFailed, "\"tags\"") {
                    try await coordinator.snapshot { try await $0.redis.smembers("tags") }
                }
                #expect(coordinator.quarantinedKeys.keys.first == "tags")
                _ = try await stores.redis.send("DEL", "tags")
                await coordinator.releaseQuarantine("tags")
                try await coordinator.transaction { txn in try await txn.redis.sadd("tags", ["b"]) }
                let tags = try await coordinator.snapshot { try await $0.redis.smembers("tags") }
                #expect(tags == ["b"])
            }
        }
    }

    @Test("† Redis refuses everything for a while (its rights, its disk): changes wait, in order, and are made then")
    func refusedForAWhile() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                _ = try await stores.redis.send("ACL", "SETUSER", "default", "resetkeys", "~other:*")
                let (_, receipt) = try await coordinator.transactionWithReceipt(.init(cacheTimeLimit: .zero)) { txn in
                    try await txn.addUser(2)
                }
                #expect(!receipt.isCacheApplied)
                while await coordinator.counters.cacheResent < 2 { try await Task.sleep(for: .milliseconds(2)) }
                _ = try await stores.redis.send("ACL", "SETUSER", "default", "~*")
                try await stores.untilCaughtUp(coordinator)
                try await stores.expectUsers([1, 2], in: coordinator)
                #expect(await coordinator.counters.quarantined == 0)
            }
        }
    }

    @Test("† Opened while Redis is down: recovery does not wait for it; it follows when it is back")
    func openedWithoutRedis() async throws {
        try await DurableStores.with(appendOnly: .always) { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
            }
            await stores.server.kill()
            try await stores.withCoordinator { coordinator in
                #expect(!coordinator.recovery.isCacheReachable)
                try await coordinator.transaction(TransactionOptions(cacheTimeLimit: .zero)) { txn in
                    try await txn.addUser(2)
                }
                try await stores.server.start()
                try await stores.untilCaughtUp(coordinator)
                try await stores.expectUsers([1, 2], in: coordinator)
            }
        }
    }

    @Test("I1: what Redis lacked when the coordinator was closed at once is there after the next opening")
    func closedAtOnce() async throws {
        try await DurableStores.with(appendOnly: .always) { stores in
            try await stores.withCoordinator(closingWithin: .zero) { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                await stores.server.kill()
                for id in 2...5 {
                    try await coordinator.transaction(TransactionOptions(cacheTimeLimit: .zero)) { txn in
                        try await txn.addUser(id)
                    }
                }
            }
            try await stores.server.start()
            try await stores.withCoordinator { coordinator in
                #expect(coordinator.recovery.lastNumber == 5)
                try await stores.untilCaughtUp(coordinator)
                try await stores.expectUsers([1, 2, 3, 4, 5], in: coordinator)
            }
        }
    }

    @Test("† A journal that no longer reaches back to what Redis lost: managed keys are dropped, not trusted")
    func lostMoreThanTheJournal() async throws {
        var configuration = DurableStores.configuration
        configuration.trimInterval = 2
        configuration.journalRetention = .zero
        configuration.managedKeys = ["user:*"]
        try await DurableStores.with(appendOnly: .always) { stores in
            try await stores.withoutGraph(configuration) { coordinator in
                for id in 1...2 {
                    try await coordinator.transaction { txn in try await txn.redis.set("user:\(id)", "x") }
                }
                let files = stores.server.folder + "/appendonlydir"
                try copyFolder(files, to: stores.folder.path(of: "aof"))
                for id in 3...9 {
                    try await coordinator.transaction { txn in try await txn.redis.set("user:\(id)", "x") }
                }
                await stores.server.kill()
                try copyFolder(stores.folder.path(of: "aof"), to: files)
                try await stores.server.start()
                try await coordinator.transaction(.patient) { txn in try await txn.redis.set("user:10", "x") }
                try await stores.untilCaughtUp(coordinator)
                let trimmed = try await coordinator.core.participants.decision.trimmed()
                #expect(trimmed > 2)
                let keys = try await stores.redis.send(RedisCommand("KEYS", "user:*"), as: [String].self)
                let ids = keys.compactMap { UInt64($0.dropFirst(5)) }.sorted()
                #expect(ids == Array(trimmed + 1...10), "none from before the journal, all from after")
            }
        }
    }
}

extension DurableStores {
    func withoutGraph(
        _ configuration: CoordinatorConfiguration, _ body: (Coordinator) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            _ = try await redis.send("FLUSHALL")
            try await Coordinator.withCoordinator(
                sqlite: folder.path(of: "other.sqlite"), redis: redis, configuration: configuration, body)
        }
    }
}

extension TransactionOptions {
    /// Runs again for as long as a store that is being restarted needs.
    static var patient: TransactionOptions {
        TransactionOptions(
            retry: RetryPolicy(maximumAttempts: 1_000, firstPause: .milliseconds(10), longestPause: .milliseconds(20)))
    }
}

/// Runs `body` again while it fails for a reason that may pass.
func patiently<Value>(_ body: () async throws -> Value) async throws -> Value {
    while true {
        do {
            return try await body()
        } catch let error as TransactionError where error.isTransient {
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

private func copyFolder(_ source: String, to target: String) throws {
    try? FileManager.default.removeItem(atPath: target)
    try FileManager.default.copyItem(atPath: source, toPath: target)
}
