import Foundation
import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: what the engine keeps with the schema and can't read again (H25, H26)", .timeLimit(.minutes(5)))
struct KeptExpressionTests {
    static let statements = [
        "CREATE NODE TABLE B(id INT64 PRIMARY KEY, b BOOL DEFAULT NOT true)",
        "CREATE NODE TABLE B(id INT64 PRIMARY KEY, b BOOL DEFAULT 1 < 2)",
        "ALTER TABLE A ADD b BOOL DEFAULT 1 IS NULL", "CREATE MACRO f(x) AS x >= 18",
        "CREATE MACRO f(x) AS list_transform(x, y -> y + 1)", "CREATE MACRO f(x) AS any(y IN x WHERE y IN [1])",
    ]

    @Test("H25: a default or macro that can't be read back costs what was committed", arguments: statements)
    func hazard(statement: String) async throws {
        // In a process of its own: the engine's memory is not to be trusted after it has failed to open a database.
        await #expect(processExitsWith: .success) { [statement] in
            try await TemporaryDirectory.withDirectory { folder in
                let path = folder.path(of: "graph")
                let database = try RawDatabase(path)
                let connection = database.connect()
                _ = connection.run("CREATE NODE TABLE A(id INT64 PRIMARY KEY)")
                let failure = connection.run(statement)
                #expect(failure == nil)
                _ = connection.run("CREATE (:A {id: 1})")
                // Not closed, as after a crash: a second handle in this process reads the log of the first.
                let copy = folder.path(of: "copy")
                try FileManager.default.copyItem(atPath: path, toPath: copy)
                try FileManager.default.copyItem(atPath: path + ".wal", toPath: copy + ".wal")
                let found = try? RawDatabase(copy, refusesDamagedLog: false).connect().value(
                    "MATCH (a:A) RETURN count(*)")
                #expect(found != .int64(1))
            }
        }
    }

    @Test("H25: the client refuses them with the remedy, and keeps what is there", arguments: statements)
    func refused(statement: String) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.run { connection in
                    try connection.execute("CREATE NODE TABLE A(id INT64 PRIMARY KEY)")
                    do {
                        try connection.execute(statement)
                        Issue.record("\(statement) was accepted")
                    } catch GraphError.statementRefused(_, let reason) {
                        #expect(reason.contains("can't read") && reason.contains("Write "), "\(reason)")
                    }
                    try connection.execute("CREATE (:A {id: 1})")
                }
            }
            try await GraphDatabase.withDatabase(at: path) { database in
                let count = try await database.query("MATCH (a:A) RETURN count(*)").scalar(Int.self)
                #expect(count == 1)
            }
        }
    }

    @Test("H25: defaults and macros of the other kinds are there after opening again")
    func kept() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.run { connection in
                    try connection.execute(
                        "CREATE NODE TABLE A(id INT64 PRIMARY KEY, b BOOL DEFAULT 1 IN [1, 2], c INT64 DEFAULT 1 << 2)")
                    try connection.execute("CREATE MACRO f(x, y := 3) AS CASE x WHEN 1 THEN y ELSE x + 1 END")
                    try connection.execute("CREATE (:A {id: 1})")
                }
            }
            try await GraphDatabase.withDatabase(at: path) { database in
                let row = try await database.query("MATCH (a:A) RETURN a.b, a.c, f(a.id), f(5)").first
                #expect(row?.values == [.bool(true), .int64(4), .int64(3), .int64(6)])
            }
        }
    }

    @Test("H26: NaN is refused where a checkpoint would spread it, wherever in a parameter it is")
    func notANumber() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                let spreads = database.engine.capabilities.spreadsNaN
                try await database.run { connection in
                    try connection.execute(
                        """
                        CREATE NODE TABLE A(id SERIAL PRIMARY KEY, x DOUBLE, f FLOAT, l DOUBLE[], s STRUCT(a DOUBLE), m MAP(STRING, DOUBLE))
                        """)
                    let values: [(String, GraphValue)] = [
                        ("x", .double(.nan)), ("f", .float(.nan)), ("l", [1.0, .double(-.nan)]),
                        ("s", ["a": .double(.signalingNaN)]),
                        ("m", .map([GraphMapEntry(key: "k", value: .double(.nan))])),
                    ]
                    for (property, value) in values {
                        do {
                            try connection.execute("CREATE (:A {\(property): $value})", ["value": value])
                            #expect(!spreads, "\(property)")
                        } catch GraphError.invalidParameter(let name, _, let reason) {
                            #expect(
                                spreads && name == "value" && reason.contains("Pass NULL"), "\(property): \(reason)")
                        }
                        // Reading does no harm.
                        _ = try connection.query("RETURN $value IS NULL", ["value": value])
                    }
                    do {
                        try connection.execute(
                            "UNWIND $rows AS r CREATE (:A {x: r.x})",
                            ["rows": GraphValue.list([["x": 1.0], ["x": .double(.nan)]])])
                        #expect(!spreads)
                    } catch GraphError.invalidParameter {
                        #expect(spreads)
                    }
                    try connection.execute(
                        "CREATE (:A {x: $x, f: $f})", ["x": Double.infinity, "f": -Float.infinity])
                }
                try await database.checkpoint()
                let count = try await database.query("MATCH (a:A) RETURN count(*)").scalar(Int.self)
                #expect(count == (spreads ? 1 : 8))
            }
        }
    }

    @Test("H26: where NaN comes in by an expression, a checkpoint that changes other numbers is undone and says so")
    func undone() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                try await database.run { connection in
                    try connection.execute("CREATE NODE TABLE A(id INT64 PRIMARY KEY, x DOUBLE)")
                    for (id, x) in ["cast('nan' AS DOUBLE)", "-620.0", "cast('nan' AS DOUBLE)"].enumerated() {
                        try connection.execute("CREATE (:A {id: \(id), x: \(x)})")
                    }
                }
                do {
                    try await database.checkpoint()
                    #expect(!database.engine.capabilities.spreadsNaN)
                } catch GraphError.checkpointUndone(_, let reason) {
                    #expect(database.engine.capabilities.spreadsNaN && reason.contains("the nodes A"), "\(reason)")
                }
                let x = try await database.query("MATCH (a:A {id: 1}) RETURN a.x").scalar(Double.self)
                #expect(x == -620)
            }
        }
    }
}

extension GraphDatabase {
    fileprivate func run<T: Sendable>(_ body: @Sendable (GraphConnection) throws -> T) async throws -> T {
        try await withSession { try await $0.run(body) }
    }

    fileprivate func query(_ cypher: String) async throws -> GraphResult {
        try await withSession { try await $0.query(cypher) }
    }
}
