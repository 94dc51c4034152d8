import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Testing

@testable import Transactions

/// Transactions that share a commit.
@Suite struct GroupTests {
    @Test("T1: transactions that wait for each other share one commit, in the order of their numbers")
    func shared() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            let before = await stores.coordinator.counters
            async let first = stores.addUser(0, untilWaiting: 10)
            try await stores.untilRunning(1)
            let receipts = try await withThrowingTaskGroup(of: Receipt.self) { group in
                for id in 1...10 {
                    group.addTask {
                        try await stores.coordinator.transactionWithReceipt { txn in try await txn.addUser(id) }.receipt
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let all = receipts + [try await first]
            let after = await stores.coordinator.counters
            #expect(after.committed - before.committed == 11)
            #expect(after.groups - before.groups == 1)
            #expect(all.allSatisfy { $0.groupSize == 11 && $0.isGraphApplied && $0.isCacheApplied })
            #expect(Set(all.compactMap(\.number)).count == 11)
            try await stores.expectUsers(Array(0...10))
            try await stores.expectWorks(after: Array(0...10))
        }
    }

    @Test("T1: a transaction that nobody waits for is committed at once, alone")
    func alone() async throws {
        // It would never end if it waited for others.
        var configuration = CoordinatorConfiguration.patient
        configuration.groups.time = .seconds(1_000)
        try await LiveStores.with(configuration: configuration) { stores in
            let (_, receipt) = try await stores.coordinator.transactionWithReceipt { txn in try await txn.addUser(1) }
            #expect(receipt.groupSize == 1)
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("T1: no commit is shared by more than the configuration says", arguments: [1, 4])
    func bounded(_ most: Int) async throws {
        var configuration = CoordinatorConfiguration.patient
        configuration.groups.units = most
        try await LiveStores.with(configuration: configuration) { stores in
            async let first = stores.addUser(0, untilWaiting: 10)
            try await stores.untilRunning(1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...10 {
                    group.addTask { try await stores.coordinator.transaction { txn in try await txn.addUser(id) } }
                }
                try await group.waitForAll()
            }
            let receipt = try await first
            #expect(receipt.groupSize <= most)
            let counters = await stores.coordinator.counters
            #expect(counters.groups >= 11 / most)
            try await stores.expectWorks(after: Array(0...10))
        }
    }

    @Test("† A long body does not hold up those that are sealed: it is rolled back and run again, alone")
    func hostage() async throws {
        var configuration = CoordinatorConfiguration()
        configuration.groups.time = .milliseconds(30)
        try await LiveStores.with(configuration: configuration) { stores in
            let (runs, mayEnd) = (Tally(), Event())
            async let first = stores.addUser(1, untilWaiting: 1)
            try await stores.untilRunning(1)
            async let long = stores.coordinator.transactionWithReceipt { txn in
                try await txn.addUser(2)
                if runs.add() == 1 { await mayEnd.wait() }
            }
            let receipt = try await first
            #expect(receipt.attempts == 1)
            mayEnd.happen()
            let receiptOfLong = try await long.receipt
            #expect(runs.value == receiptOfLong.attempts && receiptOfLong.groupSize == 1)
            try await stores.expectUsers([1, 2])
            try await stores.expectWorks(after: [1, 2])
        }
    }

    @Test("† T6: a duplicate of a transaction that is sealed waits for its decision, and does not run")
    func duplicate() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            let (runs, mayEnd) = (Tally(), Event())
            let core = stores.coordinator.core
            let first = Task {
                try await stores.coordinator.transaction(idempotencyKey: "order") { txn in
                    try await txn.addUser(1)
                    try await core.untilWaiting(1)
                    return runs.add()
                }
            }
            try await stores.untilRunning(1)
            async let holder: Void = stores.coordinator.transaction { txn in
                try await txn.addUser(2)
                await mayEnd.wait()
            }
            try await core.untilSealed(1)
            let second = Task {
                try await stores.coordinator.transaction(idempotencyKey: "order") { txn in runs.add() }
            }
            try await stores.untilRunning(3)
            mayEnd.happen()
            try await holder
            let (original, repetition) = (try await first.value, try await second.value)
            #expect(original.value == 1 && repetition.value == 1 && runs.value == 1)
            #expect(repetition.receipt.isRepetition && repetition.receipt.number == original.receipt.number)
        }
    }

    @Test("† A group that waits for its stores is part of the wait-for graph")
    func closingGroupInDeadlock() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            let core = stores.coordinator.core
            let (inGraph, mayGoOn, runs) = (Event(), Event(), Tally())
            async let first = stores.addUser(1, untilWaiting: 2)
            try await stores.untilRunning(1)
            // Has the graph, in which the first one's changes are, and wants SQLite after that.
            async let second: Void = stores.coordinator.transaction { txn in
                try await txn.graph.execute("CREATE (:User {id: 2, name: 'user 2'})")
                if runs.add() == 1 {
                    inGraph.happen()
                    await mayGoOn.wait()
                }
                try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (2, 'user 2')") }
                try await txn.redis.set("user:2", "user 2")
            }
            try await stores.untilRunning(2)
            async let third: Void = stores.coordinator.transaction { txn in
                try await txn.redis.set("user:3", "user 3")
                try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (3, 'user 3')") }
                try await txn.graph.execute("MERGE (:User {id: 3, name: 'user 3'})")
            }
            await inGraph.wait()
            let before = await stores.coordinator.counters.deadlocks
            await core.requestClosing()
            mayGoOn.happen()
            try await second
            try await third
            _ = try await first
            #expect(await stores.coordinator.counters.deadlocks > before)
            try await stores.expectUsers([1, 2, 3])
            try await stores.expectWorks(after: [1, 2, 3])
        }
    }

    @Test("T3: a snapshot sees none of a group that is not decided, in no store, and so does a transaction at snapshot")
    func snapshots() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            let mayEnd = Event()
            async let first = stores.addUser(1, untilWaiting: 1)
            try await stores.untilRunning(1)
            async let second: Void = stores.coordinator.transaction { txn in
                try await txn.addUser(2)
                await mayEnd.wait()
            }
            try await stores.coordinator.core.untilSealed(1)
            try await stores.coordinator.snapshot { snapshot in
                let rows = try await snapshot.sqlite { try Int.fetchAll($0, sql: "SELECT id FROM users") }
                let nodes = try await snapshot.graph("MATCH (u:User) RETURN u.id")
                let value = try await snapshot.redis.get("user:1", as: String.self)
                #expect(rows.isEmpty && nodes.isEmpty && value == nil)
            }
            let weak = TransactionOptions(isolation: .snapshot)
            let seen = try await stores.coordinator.transaction(weak) { txn in
                try await txn.readSQLite { try Int.fetchAll($0, sql: "SELECT id FROM users") }
            }
            #expect(seen.isEmpty)
            mayEnd.happen()
            try await second
            _ = try await first
            try await stores.expectWorks(after: [1, 2])
        }
    }

    @Test("T6: the next transaction of a group sees the counters, sets and types that sealed ones leave")
    func redis() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            let core = stores.coordinator.core
            _ = try await stores.redis.send(RedisCommand("SET", "count", "5"))
            async let first: Void = stores.coordinator.transaction { txn in
                try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (1, 'user 1')") }
                try await txn.redis.increment("count")
                try await txn.redis.sadd("members", ["a"])
                try await core.untilWaiting(2)
            }
            try await stores.untilRunning(1)
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for id in 2...3 {
                    group.addTask {
                        try await stores.coordinator.transaction { txn in
                            try await txn.sqlite { db in
                                try db.execute(sql: "INSERT INTO users VALUES (?, 'user')", arguments: [id])
                            }
                            try await txn.redis.sadd("members", ["\(id)"])
                            let members = try await txn.redis.smembers("members")
                            let count = try await txn.redis.increment("count")
                            // Whichever of the two comes first.
                            #expect(members.count == count - 5 && members.isSuperset(of: ["a", "\(id)"]))
                            return count
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try await first
            #expect(counts.sorted() == [7, 8])
            #expect(try await stores.redis.send(RedisCommand("GET", "count"), as: String.self) == "8")
            let members = try await stores.redis.send(RedisCommand("SMEMBERS", "members"), as: [String].self)
            #expect(members.count == 3)
        }
    }
}
