import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: a statement that only creates, for many rows at once") struct StatementBatchTests {
    private static let table = """
        CREATE NODE TABLE A(id INT64 PRIMARY KEY, small INT16, f DOUBLE, s STRING, b BOOL, d DATE)
        """
    private static let create = """
        CREATE (:A {id: $id, small: $small, f: $f, s: concat($s, '$s'), b: $flag, d: $d}), (:A {id: $id + 100, s: $s})
        """

    private static func row(_ id: Int) -> GraphParameters {
        GraphParameters([
            "id": .int64(Int64(id)), "small": .int16(Int16(-id)), "f": .double(Double(id) / 3),
            "s": .string("é '\(id)' $id"), "flag": .bool(id.isMultiple(of: 2)),
            "d": .date(GraphDate(daysSince1970: Int32(id))),
        ])
    }

    /// In the order of the statement, as the journal has them.
    private static func ordered(_ id: Int) -> GraphParameters {
        let row = row(id)
        return GraphParameters(["id", "small", "f", "s", "flag", "d"].map { GraphField($0, row[$0] ?? .null) })
    }

    @Test("P1: it creates what the statement creates row by row")
    func same() async throws {
        let all = "MATCH (a:A) RETURN a.* ORDER BY a.id"
        var results: [[[GraphValue]]] = []
        for isBatch in [false, true] {
            try await withTable { session in
                try await session.run { connection in
                    if isBatch {
                        let taken = try connection.query(
                            Self.create, forEach: (1...50).map(Self.ordered), as: .derived)
                        #expect(taken != nil)
                    } else {
                        for id in 1...50 { try connection.execute(Self.create, Self.row(id)) }
                    }
                }
                results.append(try await session.query(all).map(\.values))
            }
        }
        #expect(results[0].count == 100 && results[0] == results[1])
    }

    @Test("P1: what could come out otherwise is left to the caller, and nothing is run")
    func refused() async throws {
        try await withTable { session in
            let create = "CREATE (:A {id: $id, s: $s})"
            func parameters(_ fields: [(String, GraphValue)]) -> GraphParameters {
                GraphParameters(fields.map { GraphField($0.0, $0.1) })
            }
            let fine = parameters([("id", .int64(1)), ("s", .string("a"))])
            let cases: [(String, [GraphParameters])] = [
                // Another type, a NULL, a list, another order, no parameters.
                (create, [fine, parameters([("id", .int32(2)), ("s", .string("b"))])]),
                (create, [fine, parameters([("id", .int64(2)), ("s", .null)])]),
                (create, [parameters([("id", .int64(2)), ("s", .list([]))])]),
                (create, [fine, parameters([("s", .string("b")), ("id", .int64(2))])]),
                ("CREATE (:A {id: 1})", [parameters([]), parameters([])]),
                // Not only CREATE: whatever is there counts.
                ("MATCH (a:A) CREATE (:A {id: $id, s: $s})", [fine, fine]), ("MERGE (:A {id: $id, s: $s})", [fine]),
                ("CREATE (a:A {id: $id, s: $s}) RETURN a.id", [fine]),
                ("CREATE (:A {id: $id, s: $ID})", [parameters([("id", .int64(1)), ("ID", .string("a"))])]),
                ("CREATE (trivet_row:A {id: $id, s: $s})", [fine]),
            ]
            let taken = try await session.run { connection in
                try cases.map { try connection.query($0.0, forEach: $0.1, as: .derived) != nil }
            }
            #expect(taken == cases.map { _ in false })
            let count = try await session.query("MATCH (a:A) RETURN count(*)").scalar(Int.self)
            #expect(count == 0)
        }
    }

    @Test(
        "P1, H9: a fraction for an integer property is refused in a batch too, and an error names the caller's statement"
    )
    func errors() async throws {
        try await withTable { session in
            let create = "CREATE (:A {id: $id, small: $small})"
            @Sendable func row(_ id: Int64, _ small: GraphValue) -> GraphParameters {
                GraphParameters([GraphField("id", .int64(id)), GraphField("small", small)])
            }
            try await session.run { connection in
                #expect {
                    _ = try connection.query(
                        create, forEach: [row(1, .double(1)), row(2, .double(0.5))], as: .derived)
                } throws: { error in
                    guard case GraphError.invalidParameter(name: "small", _, _) = error else { return false }
                    return true
                }
                #expect {
                    _ = try connection.query(create, forEach: [row(1, .int64(1)), row(1, .int64(2))], as: .derived)
                } throws: { error in
                    guard case GraphError.statementFailed(create, _) = error else { return false }
                    return true
                }
            }
            let count = try await session.query("MATCH (a:A) RETURN count(*)").scalar(Int.self)
            #expect(count == 0)
        }
    }

    private func withTable(_ body: (GraphSession) async throws -> Void) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                try await database.withSession { session in
                    try await session.execute(Self.table)
                    try await body(session)
                }
            }
        }
    }
}
