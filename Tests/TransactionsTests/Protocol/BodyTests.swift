import GRDB
import GraphClient
import Testing

@testable import Transactions

/// Bodies that misbehave: never a partial state, never a hang.
@Suite struct BodyTests {
    @Test("T2, I7: a body that hangs is ended at its deadline, and others go on")
    func hangs() async throws {
        try await LiveStores.with { stores in
            let release = Event()
            let options = TransactionOptions(timeLimit: .milliseconds(200))
            await expectFailure(.deadlineExceeded, "timeLimit") {
                try await stores.coordinator.transaction(options) { txn in
                    try await txn.addUser(1)
                    await release.wait()
                    try await txn.addUser(2)
                }
            }
            try await stores.expectWorks(after: [])
            release.happen()
            try await stores.expectUsers([99])
        }
    }

    @Test("T2: a cancelled caller gets CancellationError, and nothing stays")
    func cancelled() async throws {
        try await LiveStores.with { stores in
            let (begun, never) = (Event(), Event())
            let task = Task {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    begun.happen()
                    await never.wait()
                }
            }
            await begun.wait()
            task.cancel()
            let error = await failure { try await task.value }
            #expect(error is CancellationError)
            try await stores.expectWorks(after: [])
            never.happen()
        }
    }

    @Test("T2: cancelled before it begins, a transaction does nothing")
    func cancelledBefore() async throws {
        try await LiveStores.with { stores in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
            }
            let error = await failure { try await task.value }
            #expect(error is CancellationError)
            try await stores.expectWorks(after: [])
        }
    }

    @Test("T2: cancelled while it waits for a lock")
    func cancelledWaiting() async throws {
        try await LiveStores.with { stores in
            let (locked, done) = (Event(), Event())
            async let holder: Void = stores.coordinator.transaction { txn in
                try await txn.lock("door")
                locked.happen()
                await done.wait()
            }
            await locked.wait()
            let task = Task {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    try await txn.lock("door")
                }
            }
            try await stores.coordinator.core.untilWaiting(1)
            task.cancel()
            let error = await failure { try await task.value }
            #expect(error is CancellationError)
            try await stores.expectUsers([])
            done.happen()
            try await holder
            try await stores.expectWorks(after: [])
        }
    }

    static let slowSQL = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000000) SELECT count(*) FROM n
        """
    static let slowCypher = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b)"

    @Test("T2, † A long statement is stopped when the caller is cancelled", arguments: [true, false])
    func cancelledInStatement(_ isGraph: Bool) async throws {
        try await LiveStores.with { stores in
            let begun = Event()
            let task = Task {
                try await stores.coordinator.transaction(.once) { txn in
                    try await txn.addUser(1)
                    begun.happen()
                    try await txn.slowly(isGraph)
                }
            }
            await begun.wait()
            task.cancel()
            let error = await failure { try await task.value }
            #expect(error is CancellationError)
            try await stores.expectWorks(after: [])
        }
    }

    @Test("T2, † Deadlines are kept off the lane: a long statement is stopped in time", arguments: [true, false])
    func deadlineInStatement(_ isGraph: Bool) async throws {
        try await LiveStores.with { stores in
            let began = ContinuousClock.now
            let options = TransactionOptions(timeLimit: .milliseconds(300), retry: .none)
            await expectFailure(.deadlineExceeded) {
                try await stores.coordinator.transaction(options) { txn in
                    try await txn.addUser(1)
                    try await txn.slowly(isGraph)
                }
            }
            #expect(ContinuousClock.now - began < .seconds(15))
            try await stores.expectWorks(after: [])
        }
    }

    @Test("T2: used after it ended, a transaction says so, and how it ended")
    func usedAfterEnd() async throws {
        try await LiveStores.with { stores in
            let kept = try await stores.coordinator.transaction { txn in
                try await txn.addUser(1)
                return txn
            }
            await expectFailure(.ended, "committed") { try await kept.redis.set("user:2", "two") }
            await expectFailure(.ended) { try await kept.sqlite { _ in } }
            await expectFailure(.ended) { try await kept.graph.execute("CREATE (:User {id: 2, name: 'two'})") }
            await expectFailure(.ended) { try await kept.lock("door") }
            await expectFailure(.ended) { try await Self.emptySavepoint(kept) }
            try await stores.expectWorks(after: [1])
        }
    }

    private static func emptySavepoint(_ txn: isolated Transaction) async throws {
        try await txn.savepoint { _ in }
    }

    @Test("T2: a body that goes on after its deadline is told what ended it")
    func toldWhy() async throws {
        try await LiveStores.with { stores in
            let (release, told) = (Event(), Event())
            let options = TransactionOptions(timeLimit: .milliseconds(100))
            await expectFailure(.deadlineExceeded) {
                try await stores.coordinator.transaction(options) { txn in
                    await release.wait()
                    await expectFailure(.ended, "not finished within") { try await txn.redis.set("user:1", "one") }
                    told.happen()
                }
            }
            release.happen()
            await told.wait()
            try await stores.expectWorks(after: [])
        }
    }

    @Test("T1: child tasks of a body use the transaction at the same time")
    func childTasks() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for id in 0..<30 { group.addTask { try await txn.addUser(id) } }
                    try await group.waitForAll()
                }
            }
            try await stores.expectWorks(after: Array(0..<30))
        }
    }

    @Test("T2: what a body's stray task does after the end is refused; what it waits for is not waited for")
    func strayTask() async throws {
        try await LiveStores.with { stores in
            let (release, tried) = (Event(), Event())
            try await stores.coordinator.transaction { txn in
                try await txn.addUser(1)
                Task {
                    await release.wait()
                    await expectFailure(.ended) { try await txn.addUser(2) }
                    tried.happen()
                }
            }
            release.happen()
            await tried.wait()
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("† A unit inside a unit is refused")
    func unitInUnit() async throws {
        try await LiveStores.with { stores in
            await expectFailure(.misuse, "within the body") {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    try await stores.coordinator.transaction { txn in try await txn.addUser(2) }
                }
            }
            try await stores.expectWorks(after: [])
        }
    }

    @Test("I7: beyond the bound transactions are refused at once")
    func overload() async throws {
        var configuration = CoordinatorConfiguration()
        configuration.maximumUnits = 2
        try await LiveStores.with(configuration: configuration) { stores in
            let (both, done) = (Tally(), Event())
            let full = Event()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 0..<2 {
                    group.addTask {
                        try await stores.coordinator.transaction { txn in
                            try await txn.redis.set("user:\(id)", "x")
                            if both.add() == 2 { full.happen() }
                            await done.wait()
                        }
                    }
                }
                await full.wait()
                await expectFailure(.overloaded, "maximumUnits") {
                    try await stores.coordinator.transaction(.once) { txn in try await txn.addUser(3) }
                }
                done.happen()
                try await group.waitForAll()
            }
            try await stores.coordinator.transaction { txn in try await txn.redis.delete("user:0") }
            try await stores.coordinator.transaction { txn in try await txn.redis.delete("user:1") }
            try await stores.expectWorks(after: [])
        }
    }
}

extension Transaction {
    fileprivate func slowly(_ isGraph: Bool) async throws {
        if isGraph {
            _ = try await graph.query(BodyTests.slowCypher)
        } else {
            _ = try await sqlite { try Int.fetchOne($0, sql: BodyTests.slowSQL) }
        }
    }
}
