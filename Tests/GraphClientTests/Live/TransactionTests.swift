import Foundation
import Testing
import Threads
import TrivetTesting

@testable import GraphClient

@Suite("P1: scoped transactions", .graphDatabase)
struct TransactionTests {
    private struct Mistake: Error {}

    @discardableResult
    private func withTable<T: Sendable>(
        _ name: String, _ body: (GraphSession) async throws -> T
    ) async throws -> T {
        try await GraphDatabase.current.withSession { session in
            try await session.execute("CREATE NODE TABLE \(name)(id INT64 PRIMARY KEY)")
            return try await body(session)
        }
    }

    private func count(_ session: GraphSession, _ table: String) async throws -> Int {
        try await session.query("MATCH (n:\(table)) RETURN count(*)").scalar()
    }

    @Test("P1: a transaction commits when its body returns, and rolls back when it throws")
    func commitAndRollBack() async throws {
        try await withTable("A") { session in
            try await session.transaction { try $0.execute("CREATE (:A {id: 1})") }
            await #expect(throws: Mistake.self) {
                try await session.transaction { connection in
                    try connection.execute("CREATE (:A {id: 2})")
                    throw Mistake()
                }
            }
            #expect(try await count(session, "A") == 1)
        }
    }

    @Test("P1: a read-only transaction keeps its snapshot, beside a writer, and refuses writes without ending")
    func snapshot() async throws {
        let database = try GraphDatabase.current
        try await withTable("B") { session in
            let counts = try await database.withSession { reader in
                try await reader.transaction(.readOnly) { connection in
                    let before = try connection.query("MATCH (n:B) RETURN count(*)").scalar(Int.self)
                    #expect(throws: GraphError.self) { try connection.execute("CREATE (:B {id: 5})") }
                    let other = try connection.otherConnection()
                    try other.execute("CREATE (:B {id: 1})")
                    let after = try connection.query("MATCH (n:B) RETURN count(*)").scalar(Int.self)
                    return [before, after, try other.query("MATCH (n:B) RETURN count(*)").scalar()]
                }
            }
            #expect(counts == [0, 0, 1])
        }
    }

    @Test("P1: a transaction inside a transaction is refused, and the outer one goes on")
    func nested() async throws {
        try await withTable("C") { session in
            try await session.transaction { connection in
                try connection.execute("CREATE (:C {id: 1})")
                #expect {
                    try connection.transaction {}
                } throws: { error in
                    if case GraphError.misuse = error { true } else { false }
                }
                try connection.execute("CREATE (:C {id: 2})")
            }
            #expect(try await count(session, "C") == 2)
        }
    }

    @Test("P1: a cancelled task's transaction is rolled back")
    func cancelled() async throws {
        try await withTable("D") { session in
            let task = Task {
                try await session.transaction { connection in
                    try connection.execute("CREATE (:D {id: 1})")
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let found = try await count(session, "D")
            #expect(found == 0)
        }
    }

    @Test("P1: 8 tasks that write at once wait for each other; nothing is lost")
    func concurrentWriters() async throws {
        let database = try GraphDatabase.current
        try await withTable("E") { session in
            try await withThrowingTaskGroup { group in
                for writer in 0..<8 {
                    group.addTask {
                        try await database.withSession { session in
                            for number in 0..<10 {
                                let id = writer * 10 + number
                                if number.isMultiple(of: 2) {
                                    try await session.execute("CREATE (:E {id: $id})", ["id": id])
                                } else {
                                    try await session.transaction {
                                        try $0.execute("CREATE (:E {id: $id})", ["id": id])
                                    }
                                }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await count(session, "E") == 80)
        }
    }

    @Test("P1: a session's statements run on its own thread, never on Swift's pool")
    func thread() async throws {
        try await GraphDatabase.current.withSession { session in
            let names = try await [
                session.run { _ in ThreadExecutor.current },
                session.transaction { _ in ThreadExecutor.current },
                onThread("a name") { ThreadExecutor.current },
            ]
            #expect(names == ["trivet-graph", "trivet-graph", "a name"])
        }
    }

    @Test("P1: a statement's error names the statement and has the engine's message, and no value")
    func errorText() async throws {
        try await withTable("F") { session in
            await #expect {
                try await session.execute("CREATE (:F {id: $id, nam: $secret})", ["id": 1, "secret": "hunter2"])
            } throws: { error in
                "\(error)".contains("nam") && "\(error)".contains("CREATE (:F") && !"\(error)".contains("hunter2")
            }
        }
    }
}

extension GraphConnection {
    /// A second connection of the same database, on the same thread.
    fileprivate func otherConnection() throws -> GraphConnection { try GraphConnection(database: database) }
}
