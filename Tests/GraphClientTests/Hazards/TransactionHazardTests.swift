import CGraphEngine
import Foundation
import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: hazards of the engine's transactions (H1–H3, H15)", .graphDatabase)
struct TransactionHazardTests {
    private func withTable<T: Sendable>(
        _ name: String, _ body: @Sendable (GraphConnection) throws -> T
    ) async throws -> T {
        try await GraphDatabase.current.withSession { session in
            try await session.execute("CREATE NODE TABLE \(name)(id INT64 PRIMARY KEY)")
            return try await session.run(body)
        }
    }

    @Test(
        "H1: after an error that the body swallows, nothing commits by itself",
        arguments: ["duplicate key", "syntax", "type"])
    func swallowedError(kind: String) async throws {
        let table = "H1_\(kind.prefix(3))"
        let bad = [
            "duplicate key": "CREATE (:\(table) {id: 1})", "syntax": "CREATE (:\(table) {id: 7}",
            "type": "RETURN cast('x' AS INT64)",
        ]
        try await withTable(table) { connection in
            var swallowed: [any Error] = []
            do {
                try connection.transaction {
                    try connection.execute("CREATE (:\(table) {id: 1})")
                    for text in [bad[kind] ?? "", "CREATE (:\(table) {id: 2})"] {
                        do { try connection.execute(text) } catch { swallowed.append(error) }
                    }
                }
            } catch {
                swallowed.append(error)
            }
            guard swallowed.count == 3, case GraphError.statementFailed = swallowed[0],
                case GraphError.transactionAborted = swallowed[1], case GraphError.transactionAborted = swallowed[2]
            else {
                Issue.record("a failed statement, a refused one and a refused commit were expected: \(swallowed)")
                return
            }
            #expect(try connection.query("MATCH (n:\(table)) RETURN count(*)").scalar(Int.self) == 0)
            try connection.transaction { try connection.execute("CREATE (:\(table) {id: 3})") }
            #expect(try connection.query("MATCH (n:\(table)) RETURN n.id", as: Int.self) == [3])
        }
    }

    @Test("H1: a parameter that Trivet refuses does not end the transaction")
    func refusedBeforeTheEngine() async throws {
        try await withTable("H1p") { connection in
            try connection.transaction {
                #expect(throws: GraphError.self) { try connection.execute("CREATE (:H1p {id: $id})") }
                try connection.execute("CREATE (:H1p {id: $id})", ["id": 1])
            }
            #expect(try connection.query("MATCH (n:H1p) RETURN count(*)").scalar(Int.self) == 1)
        }
    }

    @Test("H2: a refused BEGIN leaves a connection that works (without the guard the process crashes)")
    func refusedBegin() async throws {
        await #expect(processExitsWith: .success) {
            try await TemporaryDirectory.withDirectory { folder in
                try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                    try await database.withSession { session in
                        try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                        try await session.run(useConnectionWithRefusedBegin)
                    }
                }
            }
        }
    }

    @Test("H3: commits go on beside a reader, and a checkpoint waits for it or says who holds it up")
    func readerBesideCheckpoint() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            var configuration = GraphDatabase.Configuration()
            configuration.lockTimeLimit = .milliseconds(200)
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph"), configuration: configuration) {
                database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                    try await session.run { reader in
                        try reader.transaction(.readOnly) {
                            _ = try reader.query("MATCH (t:T) RETURN count(*)")
                            let other = try GraphConnection(database: reader.database)
                            for id in 0..<50 { try other.execute("CREATE (:T {id: $id})", ["id": id]) }
                            #expect {
                                try other.checkpoint()
                            } throws: { error in
                                guard case GraphError.busy("a checkpoint", _, let holders) = error else { return false }
                                return holders.count == 1 && holders[0].contains("a read transaction")
                            }
                        }
                    }
                }
                try await database.checkpoint()
                let count = try await database.withSession {
                    try await $0.query("MATCH (t:T) RETURN count(*)").scalar(Int.self)
                }
                #expect(count == 50)
            }
        }
    }

    @Test("H3: a COMMIT whose checkpoint timed out has committed")
    func commitWithCheckpointTimeout() async throws {
        let text = "Timeout waiting for active transactions to leave the system before checkpointing"
        #expect(GraphConnection.isCommitted(despite: "Transaction manager exception: \(text). …"))
        #expect(!GraphConnection.isCommitted(despite: "IO exception: Cannot write to file"))
    }

    @Test(
        "H15: concurrent writers can't be switched on", arguments: ["debug_enable_multi_writes", "enable_multi_writes"])
    func multipleWriters(setting: String) async throws {
        let session = try GraphDatabase.current
        await #expect {
            try await session.withSession { try await $0.execute("CALL \(setting)=true") }
        } throws: { error in
            if case GraphError.statementRefused = error { true } else { false }
        }
    }

    @Test(
        "H17: a row whose change was rolled back can be changed again", .temporaryDirectory,
        arguments: [false, true])
    func rolledBackUpdate(failing: Bool) async throws {
        try await GraphDatabase.withDatabase(at: TemporaryDirectory.current.path(of: "g")) { database in
            try await database.withSession { session in
                try await session.execute("CREATE NODE TABLE A(id INT64 PRIMARY KEY, b INT64)")
                try await session.execute("UNWIND range(1, 20) AS i CREATE (:A {id: i, b: 0})")
                try await session.execute("MATCH (a:A {id: 1}) SET a.b = 1")
                for round in 2...5 {
                    do {
                        try await session.transaction { connection in
                            try connection.execute("MATCH (a:A {id: 1}) SET a.b = -1")
                            // An error of the engine's, or one of the caller's.
                            if failing { try connection.execute("CREATE (:A {id: 1})") }
                            throw CancellationError()
                        }
                    } catch {}
                    try await session.execute("MATCH (a:A {id: 1}) SET a.b = $b", ["b": round])
                    let found = try await session.query("MATCH (a:A {id: 1}) RETURN a.b").scalar(Int.self)
                    #expect(found == round)
                }
            }
        }
    }
}

/// A function of its own: the compiler (6.3.1) mixes up closures in `#expect` with those beside it.
private func useConnectionWithRefusedBegin(_ connection: GraphConnection) throws {
    // Around the gate, as a program would that uses the library directly in this process.
    let intruder = try GraphConnection(database: connection.database)
    try intruder.executeUnchecked("BEGIN TRANSACTION")
    try intruder.executeUnchecked("CREATE (:T {id: 1})")
    for _ in 0..<20 {
        var refusal = "none"
        do {
            try connection.transaction { try connection.execute("CREATE (:T {id: 2})") }
        } catch {
            refusal = "\(error)"
        }
        #expect(refusal.contains("Only one write transaction"))
        #expect(try connection.query("MATCH (t:T) RETURN count(*)").scalar(Int.self) == 0)
    }
    try intruder.executeUnchecked("ROLLBACK")
    try connection.transaction { try connection.execute("CREATE (:T {id: 2})") }
    #expect(try connection.query("MATCH (t:T) RETURN count(*)").scalar(Int.self) == 1)
}
