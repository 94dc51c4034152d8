import Foundation
import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: hazards of objects, parameters and results (H7–H10, H12)", .graphDatabase)
struct OwnershipHazardTests {
    @Test("H7: a prepared statement runs on its own connection, also after that one started anew")
    func statementsStayAtHome() async throws {
        try await GraphDatabase.current.withSession { session in
            try await session.run { connection in
                try connection.execute("CREATE NODE TABLE H7(id INT64 PRIMARY KEY)")
                let create = try connection.prepare("CREATE (:H7 {id: $id})")
                let other = try GraphConnection(database: connection.database)
                let delete = try other.prepare("MATCH (n:H7 {id: $id}) DELETE n")
                for id in 0..<10 { try create.execute(["id": id]) }
                try delete.execute(["id": 3])
                try connection.reconnect()
                try create.execute(["id": 10])
                #expect(create.parameterNames == ["id"] && create.connection === connection)
                #expect(try connection.query("MATCH (n:H7) RETURN count(*)").scalar(Int.self) == 10)
            }
        }
    }

    @Test("H8: closed sessions and databases say so, and closing twice is harmless")
    func useAfterClose() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let database = try await GraphDatabase.open(at: folder.path(of: "graph"))
            let session = try await database.openSession()
            await session.close()
            await session.close()
            await #expect(throws: GraphError.closed("The session")) { try await session.query("RETURN 1") }
            await database.close()
            await database.close()
            await #expect(throws: GraphError.self) { try await database.withSession { _ in } }
        }
    }

    @Test("H8: closing waits for open sessions, whose statements end first")
    func closeWaits() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let database = try await GraphDatabase.open(at: folder.path(of: "graph"))
            let session = try await database.openSession()
            let closing = Task { await database.close() }
            #expect(try await session.query("RETURN 1").scalar(Int.self) == 1)
            await session.close()
            await closing.value
        }
    }

    @Test("H8: a connection in a transaction may outlive its database (without the guard the process crashes)")
    func connectionOutlivesDatabase() async throws {
        await #expect(processExitsWith: .success) {
            try await TemporaryDirectory.withDirectory { folder in
                let database = try await GraphDatabase.open(at: folder.path(of: "graph"))
                for mode in [GraphTransactionMode.readOnly, .readWrite] {
                    let connection = try GraphConnection(database: database.core)
                    try connection.beginTransaction(mode)
                    _ = try connection.query("RETURN $x", ["x": 1])
                    if mode == .readWrite { await database.close() }
                    withExtendedLifetime(connection) {}
                }
                try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { _ in }
            }
        }
    }

    @Test("H8: a failed statement's result is never read; connections live on after it")
    func failedResults() async throws {
        try await GraphDatabase.current.withSession { session in
            for text in ["RETURN", "MATCH (x:Nowhere) RETURN x", "RETURN 1 / 0", "RETURN $a", "\u{1F4A5}"] {
                await #expect(throws: GraphError.self) { try await session.query(text) }
            }
            let found = try await session.query("RETURN 1").scalar(Int.self)
            #expect(found == 1)
        }
    }

    @Test("H8: statements on the connection while its rows are being read")
    func nestedStatements() async throws {
        try await GraphDatabase.current.withSession { session in
            try await session.run { connection in
                var seen: [Int] = []
                try connection.forEachRow("UNWIND range(1, 5) AS x RETURN x") { row in
                    seen.append(try connection.query("RETURN $x * 10", ["x": row[0]]).scalar())
                }
                #expect(seen == [10, 20, 30, 40, 50])
            }
        }
    }

    @Test("H9: a missing or unknown parameter is an error, not NULL")
    func parameters() async throws {
        try await GraphDatabase.current.withSession { session in
            await #expect {
                try await session.query("RETURN $a, $b", ["a": 1])
            } throws: { error in
                if case GraphError.invalidParameter("b", _, _) = error { true } else { false }
            }
            await #expect {
                try await session.query("RETURN $a", ["a": 1, "c": 1])
            } throws: { error in
                guard case GraphError.invalidParameter("c", _, let reason) = error else { return false }
                return reason.contains("$a")
            }
            // A value bound once must not stay for the next execution.
            let found = try await session.query("RETURN $a", ["a": 5]).scalar(Int.self)
            #expect(found == 5)
            await #expect(throws: GraphError.self) { try await session.query("RETURN $a") }
        }
    }

    @Test(
        "H9: a fraction is never rounded into an integer property",
        arguments: [
            ("CREATE (:H9 {id: 1, n: $x})", 2.5 as GraphValue), ("MERGE (t:H9 {id: 1}) SET t.n = $x", .double(0.1)),
            ("CREATE (:H9 {id: 1, n: $x})", .float(1.5)),
            ("UNWIND $x AS r CREATE (:H9 {id: r.id, n: r.n})", .list([["id": 1, "n": 2.5]])),
            ("CREATE (:H9 {id: 1, money: $x})", .decimal(GraphDecimal(unscaled: 12_345, scale: 3))),
        ])
    func rounding(cypher: String, value: GraphValue) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                try await database.withSession { session in
                    try await session.execute(
                        "CREATE NODE TABLE H9(id INT64 PRIMARY KEY, n INT64, money DECIMAL(10, 2), f DOUBLE)")
                    await #expect {
                        try await session.execute(cypher, ["x": value])
                    } throws: { error in
                        guard case GraphError.invalidParameter("x", _, let reason) = error else { return false }
                        return reason.contains("round")
                    }
                    #expect(try await session.query("MATCH (t:H9) RETURN count(*)").scalar(Int.self) == 0)
                    try await session.execute("CREATE (:H9 {id: 2, n: $x, f: $f})", ["x": 3.0, "f": 2.5])
                    #expect(try await session.query("MATCH (t:H9) RETURN t.f").scalar(Double.self) == 2.5)
                    // A later change of the schema is seen.
                    try await session.execute("ALTER TABLE H9 ADD g INT32")
                    await #expect(throws: GraphError.self) {
                        try await session.execute("MATCH (t:H9) SET t.g = $x", ["x": 2.5])
                    }
                }
            }
        }
    }

    @Test("H9: a text with a NUL is refused instead of cut")
    func nulCharacter() async throws {
        try await GraphDatabase.current.withSession { session in
            await #expect(throws: GraphError.self) { try await session.query("RETURN $x", ["x": "a\u{0}b"]) }
            await #expect(throws: GraphError.self) { try await session.query("RETURN 1 \u{0} AS x") }
        }
    }

    @Test("H10: several statements in a text are refused before the first one runs")
    func severalStatements() async throws {
        try await GraphDatabase.current.withSession { session in
            await #expect(throws: GraphError.self) {
                try await session.execute("CREATE NODE TABLE H10(id INT64 PRIMARY KEY); RETURN 1 / 0")
            }
            let tables = try await session.query("CALL show_tables() RETURN name", as: String.self)
            #expect(!tables.contains("H10"))
        }
    }

    @Test("H12: rows keep their values while later rows are read")
    func rowsAreCopies() async throws {
        try await GraphDatabase.current.withSession { session in
            try await session.run { connection in
                var rows: [GraphRow] = []
                try connection.forEachRow("UNWIND range(0, 999) AS x RETURN x, 'text ' + cast(x AS STRING), [x, NULL]")
                {
                    rows.append($0)
                }
                for (index, row) in rows.enumerated() {
                    #expect(
                        row.values == [
                            .int64(Int64(index)), .string("text \(index)"), .list([.int64(Int64(index)), .null]),
                        ])
                }
            }
        }
    }
}
