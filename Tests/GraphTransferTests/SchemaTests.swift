import Foundation
import GraphClient
import LocalEngines
import Testing

@testable import GraphTransfer

@Suite("P1: what a moved graph has besides its rows") struct SchemaTests {
    private func moved<Value: Sendable>(
        _ direction: Direction, _ statements: [String], _ body: @Sendable (GraphConnection) throws -> Value
    ) async throws -> Value {
        try await TemporaryDirectory.withDirectory { folder in
            let mover = Mover(folder: folder)
            try await GraphDatabase.with(direction.from, mover.source) { connection in
                for statement in statements { try connection.execute(statement) }
            }
            _ = try await mover.export(direction.from)
            try await mover.import(direction.to)
            return try await GraphDatabase.with(direction.to, mover.target, body)
        }
    }

    @Test(
        "P1: macros that the engine can't tell, for a key that needs quotes, are remarked on, and the rest is exported")
    func untoldMacros() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let mover = Mover(folder: folder)
            try await GraphDatabase.with(.kuzu, mover.source) { connection in
                try connection.execute("CREATE NODE TABLE T(`the key` INT64 PRIMARY KEY)")
                try connection.execute("CREATE REL TABLE L(FROM T TO T)")
                try connection.execute("CREATE MACRO more(x) AS x + 1")
            }
            let manifest = try await mover.export(.kuzu)
            #expect(manifest.schema.macros.isEmpty && manifest.schema.relationships.count == 1)
            #expect(
                manifest.remarks.contains { $0.contains("macros") && $0.contains("the key") }, "\(manifest.remarks)")
        }
    }

    @Test("P1: how many relationships a node may have is still enforced", arguments: Direction.allCases)
    func multiplicities(direction: Direction) async throws {
        let kinds = ["MANY_MANY", "MANY_ONE", "ONE_MANY", "ONE_ONE"]
        let tables = kinds.map { "CREATE REL TABLE `\($0) x`(FROM A TO A, FROM A TO B, \($0))" }
        let found = try await moved(
            direction,
            ["CREATE NODE TABLE A(id INT8 PRIMARY KEY)", "CREATE NODE TABLE B(id STRING PRIMARY KEY)"] + tables
                + ["CREATE (:A {id: 1})-[:`ONE_ONE x`]->(:B {id: 'x'})", "CREATE (:B {id: 'y'}), (:A {id: 2})"]
        ) { connection in
            kinds.map { kind in
                [("1", "x", "1", "y"), ("1", "x", "2", "x")].map { a, b, c, d in
                    do {
                        try connection.transaction {
                            for (from, to) in [(a, b), (c, d)] {
                                try connection.execute(
                                    "MATCH (a:A {id: \(from)}), (b:B {id: '\(to)'}) MERGE (a)-[:`\(kind) x`]->(b)")
                            }
                            throw CancellationError()
                        }
                        return true
                    } catch { return error is CancellationError }
                }
            }
        }
        #expect(found == [[true, true], [false, true], [true, false], [false, false]])
    }

    @Test(
        "P1: defaults, their signs included, comments, sequences, counters and macros go on",
        arguments: Direction.allCases)
    func theRest(direction: Direction) async throws {
        let found = try await moved(
            direction,
            [
                "CREATE SEQUENCE numbers START 5 INCREMENT 5 MINVALUE 5 MAXVALUE 12 CYCLE", "RETURN nextval('numbers')",
                "RETURN nextval('numbers')", "CREATE SEQUENCE unused START 7",
                "CREATE MACRO more(x, step := 3) AS x + step",
                "CREATE MACRO quoted(x) AS x + ';\\n' + \"CREATE MACRO `\"",
                """
                CREATE NODE TABLE T(id SERIAL PRIMARY KEY, a INT64 DEFAULT -5, b DOUBLE DEFAULT -1.5e3, c INT64 DEFAULT 5,
                    d STRING DEFAULT 'it\\'s', e INT64[] DEFAULT [-1, 2], f INT64 DEFAULT nextval('numbers'), `limit` BOOL DEFAULT false)
                """,
                "COMMENT ON TABLE T IS 'it\\'s a \\\\ table'",
                "CREATE REL TABLE L(FROM T TO T, w INT64 DEFAULT -7, n SERIAL)",
                "CREATE (:T {f: 1}), (:T {f: 2})", "CREATE (:T {id: 70, a: NULL})-[:L]->(:T {f: 3})",
            ]
        ) { connection in
            try connection.execute("CREATE (:T)-[:L]->(:T)")
            return [
                try connection.query(
                    "MATCH (t:T) RETURN t.id, t.a, t.b, t.c, t.d, t.e, t.f, t.`limit` ORDER BY t.id, t.f"),
                try connection.query("MATCH (:T)-[l:L]->(:T) RETURN l.w, l.n ORDER BY l.n"),
                try connection.query("RETURN nextval('numbers'), nextval('unused'), more(1), quoted('a')"),
                try connection.query("CALL show_tables() WHERE name = 'T' RETURN comment"),
            ].map { $0.map { $0.values } }
        }
        func row(_ id: Int64, f: GraphValue, a: GraphValue = -5) -> [GraphValue] {
            [.int64(id), a, -1500.0, 5, "it's", [-1, 2], f, false]
        }
        // Numbers was at 10 after two calls; the row with an id of its own has asked it once.
        #expect(found[0].contains(row(0, f: 1)) && found[0].contains(row(70, f: 5, a: nil)), "\(found[0])")
        #expect(found[0].map { $0[0] } == [0, 1, 2, 3, 4, 70], "\(found[0])")
        #expect(Set(found[0].suffix(3).prefix(2).map { $0[6] }) == [10, 5], "\(found[0])")
        #expect(found[1] == [[-7, 0], [-7, 1]])
        #expect(
            found[2] == [[10, 7, 4, .string(direction.from == .kuzu ? "a;nCREATE MACRO `" : "a;\nCREATE MACRO `")]])
        #expect(found[3] == [["it's a \\ table"]])
    }

    @Test("P1: a DEFAULT that is another one, a row that is another one, are differences")
    func differences() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let mover = Mover(folder: folder)
            for (path, minus, name) in [("source", "-", "a"), ("b", "-", "b"), ("c", "", "a"), ("d", "-", "a")] {
                try await GraphDatabase.with(.kuzu, folder.path(of: path)) { connection in
                    try connection.execute(
                        "CREATE NODE TABLE T(id INT64 PRIMARY KEY, s STRING, n INT64 DEFAULT \(minus)5)")
                    try connection.execute("CREATE (:T {id: 1, s: $name, n: 5})", ["name": name])
                    if path == "d" { try connection.execute("CREATE (:T {id: 2})") }
                }
            }
            _ = try await mover.export(.kuzu)
            var found: [[String]] = []
            for path in ["source", "b", "c", "d"] {
                found.append(
                    try await GraphDatabase.withDatabase(
                        at: folder.path(of: path), engine: try GraphEngine.load(.kuzu), configuration: .forTransfers
                    ) {
                        try await GraphComparison().differences(of: $0, from: mover.export)
                    })
            }
            #expect(
                found == [
                    [],
                    [
                        #"the 1 rows of T are not those that were exported, such as [1,"a",5] in place of [1,"b",5]"#
                    ], ["the table T is not the same"],
                    ["T has 2 rows, and 1 were exported"],
                ])
        }
    }

    @Test(
        "P1: a text in a default or macro stays what it was to the engine that was given it",
        arguments: Direction.allCases)
    func texts(direction: Direction) async throws {
        let texts = [#"'a\nb\T\\n\'\"c'"#, #""it's \u0041\u0027 `x`""#, "'two\nlines'", #"'x\r\b\f\U0001F600'"#]
        let make = [
            "CREATE NODE TABLE T(id INT64 PRIMARY KEY\(texts.enumerated().map { ", s\($0) STRING DEFAULT \($1)" }.joined()))",
            "CREATE MACRO texts(x) AS [\(texts.joined(separator: ", "))]",
        ]
        @Sendable func found(_ connection: GraphConnection) throws -> [[GraphValue]] {
            try connection.execute("CREATE (:T {id: 1})")
            let columns = texts.indices.map { "t.s\($0)" }.joined(separator: ", ")
            return try connection.query("MATCH (t:T) RETURN \(columns), texts(1)").map { $0.values }
        }
        let before = try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.with(direction.from, folder.path(of: "graph")) { connection in
                for statement in make { try connection.execute(statement) }
                return try found(connection)
            }
        }
        let after = try await moved(direction, make, found)
        #expect(after == before && before.count == 1)
    }
}
