import GraphClient
import LocalEngines
import Stores
import Testing

@testable import Transactions

/// Writes that are put off, so that one statement makes those of many transactions.
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

    @Test("† A statement that is not run, since its transaction is to end, loses nothing of what was put off before it")
    func refusedStatement() async throws {
        try await LiveStores.with { stores in
            let core = stores.coordinator.core
            try await stores.coordinator.transaction { txn in
                try await txn.insertUser(1)
                // As where the caller is cancelled, of which the lane hears only after the commit.
                core.interruptStatement(of: txn.id, because: CancellationError())
                await #expect(throws: CancellationError.self) {
                    try await txn.graph.query("MATCH (u:User) RETURN u.id")
                }
            }
            try await stores.expectUsers([1])
            try await stores.expectWorks(after: [1])
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
            await expectFailure(.storeFailed, "put off", "primary key") {
                try await stores.coordinator.transaction { txn in
                    try await txn.graph.insert("User", ["id": 1, "name": "again"])
                }
            }
            await expectFailure(.storeFailed, "put off", "primary key") {
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
            await expectFailure(.storeFailed, "put off", "primary key") {
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

    @Test(
        "T1: nodes are connected and changed by key, one by one or in batches, after what was put off before",
        arguments: [1, 3, 30, 250])
    func connected(_ count: Int) async throws {
        try await LiveStores.with { stores in
            try await stores.addFollows()
            try await stores.coordinator.transaction { txn in
                for id in 0...count { try await txn.insertUser(id) }
                for id in 1...count {
                    try await txn.graph.connect(.user(id), "Follows", .user(id - 1), ["since": 2000 + id])
                    try await txn.graph.set(.user(id), ["name": "first"])
                    // The same node again: the last one counts.
                    try await txn.graph.set(.user(id), ["name": "number \(id)"])
                }
                // Of a node that comes later.
                try await txn.insertUser(1_000)
                try await txn.graph.connect(.user(1_000), "Follows", .user(0))
                let read = try await txn.graph.query(
                    "MATCH (a:User)-[f:Follows]->(b:User) RETURN a.id, f.since, b.id ORDER BY a.id"
                )
                #expect(read.count == count + 1)
            }
            let graph = try #require(stores.coordinator.graph)
            let follows = try await graph.query(
                "MATCH (a:User)-[f:Follows]->(b:User) RETURN a.id, f.since, b.id ORDER BY a.id")
            let wanted: [[GraphValue]] =
                (1...count).map { [.int64(Int64($0)), .int64(2000 + Int64($0)), .int64(Int64($0 - 1))] }
                + [[.int64(1_000), .null, .int64(0)]]
            #expect(follows.map(\.values) == wanted)
            let names = try await graph.query("MATCH (u:User) RETURN u.name ORDER BY u.id").decode(String.self)
            #expect(names == ["user 0"] + (1...count).map { "number \($0)" } + ["user 1000"])
        }
    }

    @Test("T1: those of a group are connected and changed together, whoever asked for it")
    func connectedInGroups() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            try await stores.addFollows()
            let core = stores.coordinator.core
            try await stores.coordinator.transaction { txn in try await txn.insertUser(0) }
            async let first: Void = stores.coordinator.transaction { txn in
                try await txn.insertUser(100)
                try await core.untilWaiting(30)
            }
            try await stores.untilRunning(1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...30 {
                    group.addTask {
                        try await stores.coordinator.transaction { txn in
                            try await txn.insertUser(id)
                            try await txn.graph.connect(.user(id), "Follows", .user(0), ["since": id])
                            try await txn.graph.set(.user(100), ["name": "by \(id)"])
                            try await txn.redis.set("last", id)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await first
            let counters = await stores.coordinator.counters
            #expect(counters.repeatedForOthers == 0)
            let graph = try #require(stores.coordinator.graph)
            let count = try await graph.query(
                "MATCH (a:User)-[f:Follows]->(b:User {id: 0}) WHERE f.since = a.id RETURN count(*)"
            )
            .scalar(Int.self)
            #expect(count == 30)
            // The one who was last in Redis was last in the graph.
            let last = try await stores.coordinator.snapshot { try await $0.redis.get("last", as: Int.self) }
            let name = try await graph.query("MATCH (u:User {id: 100}) RETURN u.name").scalar(String.self)
            #expect(name == "by \(last ?? -1)")
        }
    }

    @Test(
        "† A node that is not there fails the transaction that connects or changes it, and no other",
        arguments: [1, 8], ["connect", "set"])
    func missingNodes(_ count: Int, _ kind: String) async throws {
        @Sendable func touch(_ id: Int, _ txn: isolated Transaction) async throws {
            if kind == "set" {
                try await txn.graph.set(.user(id), ["name": "touched"])
            } else {
                try await txn.graph.connect(.user(1), "Follows", .user(id))
            }
        }
        try await LiveStores.with(configuration: .patient) { stores in
            try await stores.addFollows()
            try await stores.coordinator.transaction { txn in for id in 1...10 { try await txn.insertUser(id) } }
            // At the commit, and at the next statement, after which nothing goes on.
            await expectFailure(.storeFailed, "put off", "there is no User {id: 77}") {
                try await stores.coordinator.transaction { txn in
                    for id in 1..<count { try await touch(id, txn) }
                    try await touch(77, txn)
                }
            }
            let error = await failure {
                try await stores.coordinator.transaction { txn in
                    for id in 1..<count { try await touch(id, txn) }
                    try await touch(77, txn)
                    _ = try? await txn.graph.query("MATCH (u:User) RETURN u.id")
                    try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (77, '')") }
                }
            }
            #expect(error is TransactionError)
            let (core, runs) = (stores.coordinator.core, Tally())
            async let first: Void = stores.coordinator.transaction { txn in
                try await txn.insertUser(11)
                if runs.add() == 1 { try await core.untilWaiting(count + 1) }
            }
            try await stores.untilRunning(1)
            async let others: Void = withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...count {
                    group.addTask { try await stores.coordinator.transaction { txn in try await touch(id, txn) } }
                }
                try await group.waitForAll()
            }
            await expectFailure(.storeFailed, "put off", "there is no User {id: 77}") {
                try await stores.coordinator.transaction { txn in try await touch(77, txn) }
            }
            try await others
            try await first
            try await stores.expectUsers(Array(1...11))
            let found = try await stores.coordinator.graph?.query(
                kind == "set"
                    ? "MATCH (u:User {name: 'touched'}) RETURN count(*)"
                    : "MATCH (:User)-[f:Follows]->(:User) RETURN count(*)"
            ).scalar(Int.self)
            #expect(found == count)
        }
    }

    @Test("T6: a savepoint goes on after a node that is not there")
    func missingInSavepoint() async throws {
        try await LiveStores.with { stores in
            try await stores.addFollows()
            try await stores.coordinator.transaction { txn in
                try await txn.insertUser(1)
                try? await txn.savepoint { txn in
                    try await txn.graph.set(.user(5), ["name": "nobody"])
                    try await txn.graph.query("MATCH (u:User) RETURN u.id")
                }
                try await txn.insertUser(2)
                try await txn.graph.connect(.user(1), "Follows", .user(2))
            }
            try await stores.expectUsers([1, 2])
        }
    }

    @Test("T1: a node is named by its table and its primary key, and the key stays")
    func wrongKeys() async throws {
        try await LiveStores.with { stores in
            try await stores.addFollows()
            let wrong: [(String, @Sendable (TransactionGraph) async throws -> Void)] = [
                ("primary key of User is id", { try await $0.set(GraphNodeKey("User", "name", "a"), ["id": 3]) }),
                ("no node table Usr", { try await $0.set(GraphNodeKey("Usr", "id", 1), ["name": "b"]) }),
                ("was to be changed", { try await $0.set(.user(1), ["id": 2]) }),
                ("no property", { try await $0.set(.user(1), [:]) }),
                ("backtick", { try await $0.connect(.user(1), "Fol`lows", .user(1)) }),
            ]
            for (text, body) in wrong {
                await expectFailure(.misuse, text) {
                    try await stores.coordinator.transaction { txn in try await body(txn.graph) }
                }
            }
            try await stores.expectWorks(after: [])
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

extension GraphNodeKey {
    fileprivate static func user(_ id: Int) -> GraphNodeKey { GraphNodeKey("User", "id", id) }
}

extension LiveStores {
    fileprivate func addFollows() async throws {
        try await coordinator.graph?.withWriter { session in
            try await session.execute("CREATE REL TABLE Follows(FROM User TO User, since INT64)")
        }
    }
}
