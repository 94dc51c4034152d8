import Foundation
import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Testing

@testable import Transactions

/// Stores that don't belong together, are older than each other, or are in use.
@Suite struct StoreMixTests {
    @Test("† A second coordinator on the same stores is refused, in this process and from another one")
    func second() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                await expectFailure(.locked, "this process") { try await stores.withCoordinator { _ in } }
                await expectFailure(.locked) { try await stores.withCoordinator(usesGraph: false) { _ in } }
                try await coordinator.transaction { txn in try await txn.addUser(1) }
            }
            // What another process's lock looks like: `flock` goes by the open file, not by the process.
            let other = open(stores.sqlite + ".lock", O_RDWR)
            #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
            ftruncate(other, 0)
            pwrite(other, "1\n", 2, 0)
            await expectFailure(.locked, "process 1") { try await stores.withCoordinator { _ in } }
            // Before closing: a process that is being started elsewhere may hold a copy for a moment.
            flock(other, LOCK_UN)
            close(other)
            try await stores.withCoordinator { coordinator in try await stores.expectUsers([1], in: coordinator) }
        }
    }

    @Test("† A later coordinator has taken Redis over: the earlier one stops, and says so")
    func superseded() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                _ = try await stores.redis.send("HSET", "trivet:marker", "epoch", "99")
                let (_, receipt) = try await coordinator.transactionWithReceipt { txn in try await txn.addUser(2) }
                #expect(!receipt.isCacheApplied)
                await expectFailure(.stopped, "another coordinator", "epoch 99") {
                    try await coordinator.transaction(.once) { txn in try await txn.addUser(3) }
                }
                #expect(try await stores.redis.send("EXISTS", "user:2").decode(as: Int.self) == 0)
            }
        }
    }

    @Test("† Stores of another SQLite database are refused, and not touched")
    func foreign() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
            }
            try await TemporaryDirectory.withDirectory { folder in
                let other = folder.path(of: "other.sqlite")
                await expectFailure(.foreignStore, "the graph", "identity") {
                    try await Coordinator.withCoordinator(sqlite: other, graph: stores.graph) { _ in }
                }
                await expectFailure(.foreignStore, "Redis", "identity") {
                    try await Coordinator.withCoordinator(sqlite: other, redis: stores.redis) { _ in }
                }
            }
            try await stores.withCoordinator { coordinator in try await stores.expectUsers([1], in: coordinator) }
        }
    }

    @Test("† Redis turns into another database's while a coordinator works: it stops")
    func foreignLater() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                _ = try await stores.redis.send("HSET", "trivet:marker", "identity", "another")
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                await expectFailure(.stopped, "Redis belongs to") {
                    try await coordinator.transaction(.once) { txn in try await txn.addUser(2) }
                }
                #expect(try await stores.redis.send("EXISTS", "user:1").decode(as: Int.self) == 0)
            }
        }
    }

    @Test("I4: SQLite restored from an older backup is refused with what to do, and nothing is written")
    func olderSQLite() async throws {
        try await DurableStores.with(appendOnly: .always) { stores in
            try await stores.addUser(1)
            try stores.backUp(stores.sqlite, as: "old.sqlite")
            try await stores.addUser(2)
            try stores.backUp(stores.sqlite, as: "new.sqlite")
            try stores.restore(stores.sqlite, from: "old.sqlite")
            await expectFailure(.foreignStore, "older backup", "Restore all stores") {
                try await stores.withCoordinator { _ in }
            }
            await expectFailure(.foreignStore, "Redis", "older backup") {
                try await stores.withCoordinator(usesGraph: false) { _ in }
            }
            try stores.restore(stores.sqlite, from: "new.sqlite")
            try await stores.withCoordinator { coordinator in try await stores.expectUsers([1, 2], in: coordinator) }
        }
    }

    @Test(
        "I4: … also when Redis can't be reached at the opening: it is noticed at the first contact", arguments: [1, 3])
    func olderSQLiteWithoutRedis(_ units: Int) async throws {
        try await DurableStores.with(appendOnly: .always) { stores in
            try await stores.withCoordinator(usesGraph: false) { coordinator in
                try await coordinator.transaction { txn in try await txn.redis.set("user:1", "old") }
            }
            try stores.backUp(stores.sqlite, as: "old.sqlite")
            try await stores.withCoordinator(usesGraph: false) { coordinator in
                for id in 2...3 {
                    try await coordinator.transaction { txn in try await txn.redis.set("user:\(id)", "lost") }
                }
            }
            try stores.restore(stores.sqlite, from: "old.sqlite")
            await stores.server.kill()
            try await stores.withCoordinator(usesGraph: false) { coordinator in
                for id in 0..<units {
                    try await coordinator.transaction(TransactionOptions(cacheTimeLimit: .zero)) { txn in
                        try await txn.redis.set("user:\(10 + id)", "new")
                    }
                }
                try await stores.server.start()
                let limit = ContinuousClock.now + .seconds(20)
                while await !coordinator.core.hasStopped, ContinuousClock.now < limit {
                    try await Task.sleep(for: .milliseconds(5))
                }
                await expectFailure(.stopped, "older backup") {
                    try await coordinator.transaction(.once) { txn in try await txn.redis.set("user:20", "new") }
                }
                let found = try await stores.redis.send(RedisCommand("KEYS", "user:1?"), as: [String].self)
                #expect(found.isEmpty)
            }
        }
    }

    @Test("I1: a graph restored from an older backup is brought on from the journal")
    func olderGraph() async throws {
        try await DurableStores.with { stores in
            try await stores.addUser(1)
            try stores.backUp(stores.graph, as: "old.graph")
            try await stores.withCoordinator { coordinator in
                for id in 2...250 { try await coordinator.transaction { txn in try await txn.addUser(id) } }
            }
            try stores.restore(stores.graph, from: "old.graph")
            try await stores.withCoordinator { coordinator in
                #expect(coordinator.recovery.graphReplayed == 249)
                try await stores.expectUsers(Array(1...250), in: coordinator)
                try await coordinator.transaction { txn in try await txn.addUser(251) }
            }
            try await stores.withCoordinator { coordinator in
                #expect(coordinator.recovery.graphReplayed == 0)
            }
        }
    }

    @Test("I6: a graph that was changed behind our back replays to something else: it is named, and nothing is guessed")
    func replayMismatch() async throws {
        try await DurableStores.with { stores in
            try await stores.addUser(1)
            try stores.backUp(stores.graph, as: "old.graph")
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in
                    try await txn.graph.query("MATCH (u:User) SET u.name = 'all' RETURN u.id")
                }
            }
            try stores.restore(stores.graph, from: "old.graph")
            try await GraphDatabase.withDatabase(at: stores.graph) { database in
                try await database.withSession { try await $0.execute("CREATE (:User {id: 77, name: 'stray'})") }
            }
            let error = await failure { try await stores.withCoordinator { _ in } }
            let text = "\(String(describing: error))"
            #expect(text.contains("MATCH (u:User)") && text.contains("2 rows instead of 1"), "\(text)")
        }
    }
}

extension DurableStores {
    func addUser(_ id: Int) async throws {
        try await withCoordinator { coordinator in
            try await coordinator.transaction { txn in try await txn.addUser(id) }
        }
    }
}

extension CoordinatorCore {
    fileprivate var hasStopped: Bool { if case .stopped = phase { true } else { false } }
}
