import GraphClient
import Testing

@testable import Transactions

/// The graph's part of a unit: errors that take the transaction, and statements that can't be run again.
@Suite struct GraphStatementTests {
    @Test(
        "† Any graph error dooms the unit, even in a read, even when the body catches it",
        arguments: [
            "CREATE (:User {id: 1, name: 'again'})", "MATCH (u:User) RETURN u.nothing", "MATCH (x:Nobody) RETURN x",
        ])
    func errorDooms(_ statement: String) async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
            await expectFailure(.storeFailed, "the graph", "savepoint") {
                try await stores.coordinator.transaction(.once) { txn in
                    try await txn.addUser(2)
                    try? await txn.graph.execute(statement)
                    try? await txn.graph.execute("CREATE (:User {id: 3, name: 'user 3'})")
                }
            }
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("† A graph error within a savepoint is taken back alone")
    func errorInSavepoint() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await txn.addUser(1)
                try? await txn.savepoint { txn in
                    try await txn.addUser(2)
                    try await txn.graph.execute("CREATE (:User {id: 1, name: 'again'})")
                }
                try await txn.addUser(3)
            }
            try await stores.expectWorks(after: [1, 3])
        }
    }

    @Test(
        "I6, † A writing statement that could do something else when it is run again is refused with the remedy",
        arguments: [
            "CREATE (:User {id: 1, name: cast(current_timestamp() AS STRING)})",
            "CREATE (:User {id: 1, name: cast(current_date() AS STRING)})",
            "CREATE (:User {id: cast(random() * 100 AS INT64), name: 'x'})",
            "CREATE (:User {id: 1, name: cast(gen_random_uuid() AS STRING)})",
            "MATCH (u:User) SET u.name = cast(id(u) AS STRING)",
            "MATCH (u:User) WITH u LIMIT 1 SET u.name = 'first'",
            "MATCH (u:User) WITH collect(u.name) AS names MATCH (v:User) SET v.name = names[1]",
            "MATCH (u:User) WITH sum(u.id * 0.1) AS total MATCH (v:User) SET v.name = cast(total AS STRING)",
            "CREATE (:Ticket {title: 'serial'})",
            "CREATE (:Note {id: 1})",
        ])
    func refused(_ statement: String) async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.graph?.withWriter { session in
                try await session.execute("CREATE NODE TABLE Ticket(number SERIAL PRIMARY KEY, title STRING)")
                try await session.execute(
                    "CREATE NODE TABLE Note(id INT64 PRIMARY KEY, made TIMESTAMP DEFAULT current_timestamp())")
            }
            let error = await failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    try await txn.graph.execute(statement)
                }
            }
            guard case GraphError.statementRefused(_, let reason)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("can't be run again"))
            // The engine has not seen it, so a body may go on.
            try await stores.coordinator.transaction { txn in
                try await txn.addUser(1)
                try? await txn.graph.execute(statement)
            }
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("Reads may use clocks, LIMIT and collect; a SERIAL table takes rows whose number is given")
    func allowed() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await txn.addUser(1)
                try await txn.graph.query("MATCH (u:User) RETURN collect(u.name), current_date() LIMIT 1")
                try await txn.graph.query("MATCH (u:User) RETURN id(u)")
            }
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("† DDL shares no unit: it is refused in the graph, and the unit can go on")
    func schemaChange() async throws {
        try await LiveStores.with { stores in
            let error = await failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.graph.execute("CREATE NODE TABLE Pet(id INT64 PRIMARY KEY)")
                }
            }
            #expect("\(String(describing: error))".contains("on its own"))
            try await stores.expectWorks(after: [])
        }
    }

    @Test(
        "† Transaction control in the graph is refused within a body",
        arguments: ["COMMIT", "ROLLBACK", "BEGIN TRANSACTION", "CHECKPOINT"])
    func control(_ statement: String) async throws {
        try await LiveStores.with { stores in
            let error = await failure {
                try await stores.coordinator.transaction(.once) { txn in
                    try await txn.addUser(1)
                    try await txn.graph.execute(statement)
                }
            }
            #expect(error != nil)
            try await stores.expectUsers([])
            _ = await failure {
                try await stores.coordinator.transaction(.once) { txn in
                    try await txn.addUser(1)
                    try? await txn.graph.execute(statement)
                    throw Refused()
                }
            }
            try await stores.expectUsers([])
            try await stores.expectWorks(after: [])
        }
    }
}
