import GraphClient
import LocalEngines
import Stores
import Testing

@testable import Transactions

/// Nodes whose insertion is put off, so that one statement inserts those of many transactions.
@Suite struct PutOffTests {
    @Test(
        "T1: nodes that are inserted are there after the commit, and for the transaction itself before",
        arguments: [1, 3, 7])
    func inserted(_ count: Int) async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                for id in 1...count { try await txn.insertUser(id) }
            }
            try await stores.expectUsers(Array(1...count))
            try await stores.coordinator.transaction { txn in
                try await txn.insertUser(20)
                let found = try await txn.graph.query("MATCH (u:User) RETURN u.id ORDER BY u.id").decode(Int.self)
                #expect(found == Array(1...count) + [20])
                try await txn.insertUser(21)
            }
            try await stores.expectWorks(after: Array(1...count) + [20, 21])
        }
    }

    @Test("T1: those of a group are inserted by one statement; whoever reads the graph within it sees those before")
    func shared() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            let core = stores.coordinator.core
            async let first: Void = stores.coordinator.transaction { txn in
                try await txn.insertUser(0)
                try await core.untilWaiting(12)
            }
            try await stores.untilRunning(1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...12 {
                    group.addTask {
                        try await stores.coordinator.transaction { txn in
                            try await txn.insertUser(id)
                            guard id.isMultiple(of: 6) else { return }
                            let found = try await txn.graph.query("MATCH (u:User) RETURN u.id").decode(Int.self)
                            #expect(found.contains(0) && found.contains(id))
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await first
            try await stores.expectUsers(Array(0...12))
            let receipts = await stores.coordinator.counters
            #expect(receipts.repeatedForOthers == 0)
            try await stores.expectWorks(after: Array(0...12))
        }
    }

    @Test(
        "† A node that can't be inserted fails its own transaction, at the next statement or the commit, and no other")
    func duplicateKeys() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            try await stores.coordinator.transaction { txn in try await txn.insertUser(1) }
            await expectFailure(.storeFailed, "inserted before", "primary key") {
                try await stores.coordinator.transaction { txn in
                    try await txn.graph.insert("User", ["id": 1, "name": "again"])
                }
            }
            await expectFailure(.storeFailed, "inserted before", "primary key") {
                try await stores.coordinator.transaction { txn in
                    try await txn.graph.insert("User", ["id": 1, "name": "again"])
                    try await txn.graph.query("MATCH (u:User) RETURN u.id")
                }
            }
            let (core, runs) = (stores.coordinator.core, Tally())
            async let first: Void = stores.coordinator.transaction { txn in
                try await txn.insertUser(2)
                if runs.add() == 1 { try await core.untilWaiting(6) }
            }
            try await stores.untilRunning(1)
            async let others: Void = withThrowingTaskGroup(of: Void.self) { group in
                for id in 3...7 {
                    group.addTask {
                        try await stores.coordinator.transaction { txn in try await txn.insertUser(id) }
                    }
                }
                try await group.waitForAll()
            }
            await expectFailure(.storeFailed, "inserted before", "primary key") {
                try await stores.coordinator.transaction { txn in
                    try await txn.graph.insert("User", ["id": 1, "name": "again"])
                }
            }
            try await others
            try await first
            try await stores.expectUsers([1, 2, 3, 4, 5, 6, 7])
            try await stores.expectWorks(after: [1, 2, 3, 4, 5, 6, 7])
        }
    }

    @Test("T6: a savepoint takes back what was put off in it, told or not")
    func savepoint() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await txn.insertUser(1)
                for isTold in [false, true] {
                    try? await txn.savepoint { txn in
                        try await txn.insertUser(2)
                        if isTold { try await txn.graph.query("MATCH (u:User) RETURN count(*)") }
                        throw Refused()
                    }
                }
                try await txn.insertUser(3)
            }
            try await stores.expectUsers([1, 3])
            try await stores.expectWorks(after: [1, 3])
        }
    }

    @Test("T2: what was put off is gone when the transaction fails, and done again by recovery when it was decided")
    func failing() async throws {
        try await LiveStores.with { stores in
            let error = await failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.insertUser(1)
                    throw Refused()
                }
            }
            #expect(error is Refused)
            try await stores.expectUsers([])
            await expectFailure(.misuse, "backtick") {
                try await stores.coordinator.transaction { txn in try await txn.graph.insert("Us`er", ["id": 1]) }
            }
            await expectFailure(.misuse, "primary key") {
                try await stores.coordinator.transaction { txn in try await txn.graph.insert("User", [:]) }
            }
            try await stores.expectWorks(after: [])
        }
    }

    @Test("Words of the query language are names of properties like others")
    func keywords() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.graph?.withWriter { session in
                try await session.execute("CREATE NODE TABLE `Order`(`order` INT64 PRIMARY KEY, `where` STRING)")
            }
            try await stores.coordinator.transaction { txn in
                try await txn.graph.insert("Order", ["order": 5, "where": "here"])
            }
            let found = try await stores.coordinator.graph?.query("MATCH (o:`Order`) RETURN o.`where`").decode(
                String.self)
            #expect(found == ["here"])
        }
    }
}

extension Transaction {
    fileprivate func insertUser(_ id: Int) async throws {
        try await sqlite { try $0.execute(sql: "INSERT INTO users VALUES (?, ?)", arguments: [id, "user \(id)"]) }
        try await graph.insert("User", ["id": id, "name": "user \(id)"])
        try await redis.set("user:\(id)", "user \(id)")
    }
}
