import Foundation
import GRDB
import GraphClient
import Testing

@testable import Transactions

@Suite struct SecondProcessTests {
    @Test("I4, † A second process that opens the same stores is refused by name, and disturbs nothing")
    func refused() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                let (sqlite, graph, own) = (stores.sqlite, stores.graph, getpid())
                await #expect(processExitsWith: .success) {
                    [sqlite = sqlite as String, graph = graph as String, own = own as Int32] in
                    // With the graph and without it: SQLite's lock alone decides.
                    for graph in [graph, nil] {
                        do {
                            _ = try await Coordinator.open(sqlite: sqlite, graph: graph)
                            Issue.record("it was opened twice")
                        } catch let error as TransactionError {
                            #expect(error.code == .locked && "\(error)".contains("process \(own)"), "\(error)")
                        }
                    }
                }
                try await coordinator.transaction { txn in try await txn.addUser(2) }
                try await stores.expectUsers([1, 2], in: coordinator)
            }
        }
    }

    @Test("T5, † A process that is killed with the stores open leaves no lock, and what it had committed is there")
    func killed() async throws {
        try await DurableStores.with { stores in
            let (sqlite, graph) = (stores.sqlite, stores.graph)
            await #expect(processExitsWith: .signal(SIGKILL)) { [sqlite = sqlite as String, graph = graph as String] in
                let coordinator = try await Coordinator.open(sqlite: sqlite, graph: graph)
                for id in 1...3 {
                    try await coordinator.transaction { txn in
                        try await txn.sqlite {
                            try $0.execute(sql: "INSERT INTO users VALUES (?, 'x')", arguments: [id])
                        }
                        try await txn.graph.execute("CREATE (:User {id: $id, name: 'x'})", ["id": id])
                    }
                }
                kill(getpid(), SIGKILL)
            }
            try await stores.withCoordinator { coordinator in
                #expect(coordinator.recovery.lastNumber == 3)
                let ids = try await coordinator.sqlite.read { try Int.fetchAll($0, sql: "SELECT id FROM users") }
                let nodes = try await coordinator.graph?.query("MATCH (u:User) RETURN u.id ORDER BY u.id")
                    .decode(Int.self)
                #expect(ids == [1, 2, 3] && nodes == [1, 2, 3])
            }
        }
    }
}
