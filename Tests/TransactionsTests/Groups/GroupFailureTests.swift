import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Testing

@testable import Transactions

/// What becomes of a group in which something fails.
@Suite struct GroupFailureTests {
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

    @Test(
        "† Whoever fails, is ended, or only reads, after having seen what is not decided is told after the decision",
        arguments: [false, true])
    func toldLate(isEnded: Bool) async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            let (told, mayEnd) = (Tally(), Event())
            async let first = stores.addUser(1, untilWaiting: 3)
            try await stores.untilRunning(1)
            let failing = Task {
                let error = await failure {
                    try await stores.coordinator.transaction { txn in
                        let name = try await txn.sqlite { try String.fetchOne($0, sql: "SELECT name FROM users") }
                        #expect(name == "user 1")
                        guard isEnded else { throw Refused() }
                        // It can't be ended then, and the coordinator ends the transaction.
                        try await txn.savepoint { txn in
                            try await txn.sqlite { try $0.execute(sql: "RELEASE \(Savepoint.name(1))") }
                        }
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
            let error = await failing.value
            #expect(isEnded ? (error as? TransactionError)?.code == .storeFailed : error is Refused)
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
            let runs = Tally()
            async let sealed: Void = stores.coordinator.transaction { txn in
                try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (3, 'user 3')") }
                // When it is run again, nobody may be left to wait for it.
                if runs.add() == 1 { try await core.untilWaiting(1) }
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

    @Test("I1: whoever changes nothing but user_version in a group is committed, and whoever only reads has no number")
    func headerOnly() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            let core = stores.coordinator.core
            async let first: Void = stores.coordinator.transaction { txn in
                try await txn.addUser(1)
                try await txn.sqlite { try $0.execute(sql: "PRAGMA user_version = 7") }
                try await core.untilWaiting(2)
            }
            try await stores.untilRunning(1)
            // Back to what it was before all of them.
            async let second = stores.coordinator.transactionWithReceipt { txn in
                try await txn.sqlite { try $0.execute(sql: "PRAGMA user_version = 0") }
            }
            async let third = stores.coordinator.transactionWithReceipt { txn in
                try await txn.sqlite { try Int.fetchOne($0, sql: "SELECT count(*) FROM users") }
            }
            try await first
            #expect(try await second.receipt.number != nil)
            let (count, receipt) = try await third
            #expect(count == 1)
            #expect(receipt.number == nil)
            let version = try await stores.coordinator.sqlite.read { db in
                try Int.fetchOne(db, sql: "PRAGMA user_version")
            }
            #expect(version == 0)
            try await stores.expectWorks(after: [1])
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
}
