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

    @Test("† T2: what fails after others are sealed takes itself back in all stores, and nothing of theirs")
    func failsLate() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            async let first = stores.addUser(1, untilWaiting: 2)
            try await stores.untilRunning(1)
            async let error = failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(2)
                    try await txn.savepoint { txn in try await txn.addUser(20) }
                    throw Refused()
                }
            }
            async let last: Void = stores.coordinator.transaction { txn in try await txn.addUser(3) }
            #expect(await error is Refused)
            let receipt = try await first
            #expect(receipt.groupSize == 2)
            try await last
            try await stores.expectUsers([1, 3])
            try await stores.expectWorks(after: [1, 3])
        }
    }

    @Test("† An error of the graph dooms the transaction that caused it, and not those that are sealed")
    func graphError() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            async let first = stores.addUser(1, untilWaiting: 2)
            try await stores.untilRunning(1)
            async let error = failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.graph.execute("CREATE (:User {id: 1, name: 'again'})")
                }
            }
            async let last: Void = stores.coordinator.transaction { txn in try await txn.addUser(3) }
            #expect(await error is GraphError)
            let receipt = try await first
            #expect(receipt.attempts == 1)
            try await last
            try await stores.expectUsers([1, 3])
            try await stores.expectWorks(after: [1, 3])
        }
    }

    @Test("† Where SQLite rolls everything back, those who are sealed run again, and the culprit is told")
    func wholeRollback() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
            async let first = stores.addUser(2, untilWaiting: 1)
            try await stores.untilRunning(1)
            async let error = failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.sqlite { try $0.execute(sql: "INSERT OR ROLLBACK INTO users VALUES (1, 'again')") }
                }
            }
            #expect("\(String(describing: await error))".contains("ROLLBACK"))
            let receipt = try await first
            #expect(receipt.attempts == 2)
            try await stores.expectUsers([1, 2])
            try await stores.expectWorks(after: [1, 2])
        }
    }

    @Test("† Whoever fails, or only reads, after having seen what is not decided is told after the decision")
    func toldLate() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            let (told, mayEnd) = (Tally(), Event())
            async let first = stores.addUser(1, untilWaiting: 3)
            try await stores.untilRunning(1)
            let failing = Task {
                let error = await failure {
                    try await stores.coordinator.transaction { txn in
                        let name = try await txn.sqlite { try String.fetchOne($0, sql: "SELECT name FROM users") }
                        #expect(name == "user 1")
                        throw Refused()
                    }
                }
                told.add()
                return error
            }
            let reading = Task {
                let names = try await stores.coordinator.transaction { txn in
                    try await txn.sqlite { try String.fetchAll($0, sql: "SELECT name FROM users") }
                }
                told.add()
                return names
            }
            try await stores.untilRunning(3)
            async let last: Void = stores.coordinator.transaction { txn in
                try await txn.addUser(2)
                await mayEnd.wait()
            }
            try await stores.coordinator.core.untilSealed(1)
            // Until only the last one is left within the group.
            while await stores.coordinator.core.running > 2 { try await Task.sleep(for: .milliseconds(1)) }
            #expect(told.value == 0)
            mayEnd.happen()
            try await last
            let receipt = try await first
            #expect(receipt.groupSize == 2)
            #expect(await failing.value is Refused)
            #expect(try await reading.value == ["user 1"])
            try await stores.expectWorks(after: [1, 2])
        }
    }

    @Test("† Whoever has seen what never came to be is run again, and not told")
    func seenInVain() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
            let runs = Tally()
            async let first = stores.addUser(2, untilWaiting: 2)
            try await stores.untilRunning(1)
            let reading = Task {
                try await stores.coordinator.transaction { txn in
                    runs.add()
                    return try await txn.sqlite { try Int.fetchAll($0, sql: "SELECT id FROM users ORDER BY id") }
                }
            }
            try await stores.untilRunning(2)
            async let error = failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.sqlite { try $0.execute(sql: "INSERT OR ROLLBACK INTO users VALUES (1, 'again')") }
                }
            }
            #expect(await error is TransactionError)
            let receipt = try await first
            #expect(receipt.attempts == 2)
            // Of either order of the two.
            let seen = try await reading.value
            #expect([[1], [1, 2]].contains(seen) && runs.value == 2)
            try await stores.expectUsers([1, 2])
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

    @Test("† I4: the graph's marker does not keep a number that was given back by a group that failed")
    func marker() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
            let (core, inGraph, mayFail) = (stores.coordinator.core, Event(), Event())
            // Has the graph's lock before the group is there, and begins when it is.
            let writer = Event()
            async let plain: Void? = stores.coordinator.graph?.withWriter { _ in await writer.wait() }
            async let graphFirst = stores.coordinator.transactionWithReceipt { txn in
                try await txn.graph.execute("CREATE (:User {id: 2, name: 'user 2'})")
                inGraph.happen()
                await mayFail.wait()
            }
            while await core.locks.holders(of: .store(.graph)).isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            async let sealed: Void = stores.coordinator.transaction { txn in
                try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (3, 'user 3')") }
                while await core.waiting < 1 { try await Task.sleep(for: .milliseconds(1)) }
            }
            try await stores.untilRunning(2)
            async let culprit = failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.sqlite { _ = try Int.fetchOne($0, sql: "SELECT 1") }
                    writer.happen()
                    await inGraph.wait()
                    try await txn.sqlite { try $0.execute(sql: "INSERT OR ROLLBACK INTO users VALUES (1, 'again')") }
                }
            }
            _ = await culprit
            try await plain
            mayFail.happen()
            let receipt = try await graphFirst.receipt
            try await sealed
            let last = await core.lastNumber
            let marker = try await stores.coordinator.graph?.query("MATCH (m:TrivetMarker) RETURN max(m.number)")
                .scalar(Int64.self)
            let number = try #require(receipt.number)
            #expect(number == 2 || number == 3)
            #expect(try #require(marker) == Int64(number) && number <= last)
        }
    }

    @Test("† PRAGMA defer_foreign_keys holds for the transaction that set it, and not for the group")
    func deferredForeignKeys() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            try await stores.coordinator.sqlite.write { db in
                try db.execute(sql: "CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES users(id))")
            }
            let core = stores.coordinator.core
            async let first: Void = stores.coordinator.transaction { txn in
                try await txn.sqlite { db in
                    try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
                    try db.execute(sql: "INSERT INTO posts VALUES (1, 1); INSERT INTO users VALUES (1, 'user 1')")
                }
                try await core.untilWaiting(1)
            }
            try await stores.untilRunning(1)
            async let error = failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.sqlite { db in
                        try db.execute(sql: "INSERT INTO posts VALUES (2, 2)")
                        try db.execute(sql: "INSERT INTO users VALUES (2, 'user 2')")
                    }
                }
            }
            #expect(await error is DatabaseError)
            try await first
            #expect(try await stores.users().sqlite == [1])
        }
    }

    @Test("T2: the disk is full for the journal of a group: each is run again alone, and whoever fits is committed")
    func full() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
            let pages = try await stores.coordinator.sqlite.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
            try await stores.coordinator.sqlite.withWriter { session in
                try await session.run { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 2)") }
            }
            async let first = stores.addUser(2, untilWaiting: 1)
            try await stores.untilRunning(1)
            async let error = failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.redis.set("user:3", String(repeating: "x", count: 100_000))
                }
            }
            #expect("\(String(describing: await error))".contains("full"))
            let receipt = try await first
            #expect(receipt.attempts == 2)
            try await stores.expectUsers([1, 2])
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
                            #expect(try await txn.redis.smembers("members").count == id)
                            return try await txn.redis.increment("count")
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
