import GRDB
import Testing
import TrivetTesting

@testable import Transactions

@Suite struct IdleGraphTests {
    @Test("I1: stores whose journal is trimmed open again, though the graph had no part in the last transactions")
    func opens() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let (sqlite, graph) = (folder.path(of: "records.sqlite"), folder.path(of: "graph.kuzu"))
            var configuration = CoordinatorConfiguration()
            configuration.journalRetention = .zero
            configuration.trimInterval = 1
            try await Coordinator.withCoordinator(sqlite: sqlite, graph: graph, configuration: configuration) {
                coordinator in
                try await coordinator.graph?.withWriter { session in
                    try await session.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, age INT64)")
                }
                try await coordinator.transaction { txn in try await txn.graph.execute("CREATE (:User {id: 1})") }
                // A checkpoint, as the engine needs one after a roll-back.
                do {
                    try await coordinator.transaction { txn in
                        try await txn.graph.execute("MATCH (u:User) SET u.age = 2")
                        throw CancellationError()
                    }
                } catch is CancellationError {}
                try await write(50, to: coordinator)
                try await coordinator.transaction { txn in try await txn.graph.execute("MATCH (u:User) RETURN u.id") }
                try await write(50, to: coordinator)
                #expect(try await coordinator.core.participants.decision.trimmed() > 1)
            }
            try await Coordinator.withCoordinator(sqlite: sqlite, graph: graph, configuration: configuration) {
                coordinator in
                #expect(coordinator.recovery.lastNumber == 101)
                let ids = try await coordinator.snapshot { try await $0.graph("MATCH (u:User) RETURN u.id").count }
                #expect(ids == 1)
            }
        }
    }

    private func write(_ count: Int, to coordinator: Coordinator) async throws {
        for _ in 0..<count {
            try await coordinator.transaction { txn in
                try await txn.sqlite { db in
                    try db.execute(sql: "CREATE TABLE IF NOT EXISTS t (id INTEGER)")
                    try db.execute(sql: "INSERT INTO t VALUES (1)")
                }
            }
        }
    }
}
