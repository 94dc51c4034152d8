import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: DETACH DELETE and the log (H24)", .timeLimit(.minutes(5))) struct DetachedDeletionTests {
    /// Node 4 will have lost the only relationship that goes out from it.
    private static let tables = [
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY)", "CREATE REL TABLE L(FROM N TO N)",
        "UNWIND range(0, 9) AS i CREATE (:N {id: i})",
    ]
    private static let links = [(6, 0), (6, 6), (9, 0), (4, 5), (7, 4)].map { from, to in
        "MATCH (a:N {id: \(from)}), (b:N {id: \(to)}) CREATE (a)-[:L]->(b)"
    }
    private static let unlink = "MATCH (a:N {id: 4})-[l:L]->(b:N {id: 5}) DELETE l"
    private static let found = "MATCH (a:N) WITH a MATCH (a)-[l:L]->(b:N) RETURN a.id, b.id ORDER BY a.id, b.id"
    private static let right = [[6, 0], [6, 6], [9, 0]]

    @Test("H24: the log of a DETACH DELETE is read back wrongly, where the table of capabilities says so")
    func engine() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            let count = "MATCH (a:N) WITH a MATCH (a)-[l:L]->(b:N) RETURN count(*)"
            func opened(_ body: (RawConnection) throws -> GraphValue?) throws -> GraphValue? {
                let database = try RawDatabase(path)
                defer { database.close() }
                return try body(database.connect())
            }
            _ = try opened { connection in
                for statement in Self.tables + Self.links + ["CHECKPOINT"] { #expect(connection.run(statement) == nil) }
                return nil
            }
            let before = try opened { connection in
                for statement in [Self.unlink, "MATCH (a:N {id: 4}) DETACH DELETE a"] {
                    #expect(connection.run(statement) == nil)
                }
                return try connection.value(count)
            }
            #expect(before == .int64(3))
            let after = try opened { try $0.value(count) }
            let engine = try GraphEngine.load()
            #expect((after != before) == engine.capabilities.misreadsDetachedDeletions)
        }
    }

    @Test("H24: what DETACH DELETE leaves is the same after the log was read back", arguments: [false, true])
    func readBack(inTransaction: Bool) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { session in
                    for statement in Self.tables + Self.links { try await session.execute(statement) }
                    try await database.checkpoint()
                    try await session.execute(Self.unlink)
                    let delete = "MATCH (a:N {id: $id}) DETACH DELETE a"
                    if inTransaction {
                        try await session.transaction { try $0.execute(delete, ["id": 4]) }
                    } else {
                        try await session.execute(delete, ["id": 4])
                    }
                    let links = try await session.pairs(Self.found)
                    #expect(links == Self.right)
                }
            }
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { session in
                    let links = try await session.pairs(Self.found)
                    #expect(links == Self.right)
                    let nodes = try await session.query("MATCH (a:N) RETURN count(*)").scalar(Int.self)
                    #expect(nodes == 9)
                }
            }
        }
    }

    @Test("H24: nodes of several tables, by several names, without a table of relationships, and none at all")
    func forms() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE N(id INT64 PRIMARY KEY)")
                    try await session.execute("CREATE (:N {id: 1})")
                    try await session.execute("MATCH (n:N {id: 1}) DETACH DELETE n;")
                    let none = try await session.query("MATCH (n) RETURN count(*)").scalar(Int.self)
                    #expect(none == 0)
                    try await session.execute("CREATE NODE TABLE M(id INT64 PRIMARY KEY)")
                    try await session.execute("CREATE REL TABLE K(FROM N TO M, w INT64)")
                    try await session.execute("UNWIND range(1, 4) AS i CREATE (:N {id: i})-[:K {w: i}]->(:M {id: i})")
                    try await session.execute("MATCH (n:N {id: 1}), (m:M {id: 2}) DETACH DELETE n, m")
                    try await session.execute("MATCH (n:N {id: 99}) DETACH DELETE n")
                    try await session.execute("UNWIND [3] AS i MATCH (`n` {id: i}) /* of both */ DETACH DELETE `n`")
                    let links = try await session.pairs("MATCH (n:N)-[k:K]->(m:M) RETURN n.id, m.id")
                    #expect(links == [[4, 4]])
                    let nodes = try await session.query("MATCH (n) RETURN count(*)").scalar(Int.self)
                    #expect(nodes == 4)
                }
            }
        }
    }

    @Test(
        "H24: what can't be run several times is refused with the remedy, and changes nothing",
        arguments: [
            "MATCH (a:N)-[:L]->(:N {id: 0}) DETACH DELETE a", "MATCH (a:N) WITH a LIMIT 1 DETACH DELETE a",
            "CREATE (b:N {id: 77}) WITH b MATCH (a:N {id: 1}) DETACH DELETE a", "MATCH (a:N) DETACH DELETE a RETURN 1",
        ])
    func refused(cypher: String) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                guard database.engine.capabilities.misreadsDetachedDeletions else { return }
                try await database.withSession { session in
                    for statement in Self.tables + Self.links { try await session.execute(statement) }
                    await #expect {
                        try await session.execute(cypher)
                    } throws: { error in
                        guard case GraphError.statementRefused(cypher, let reason) = error else { return false }
                        return reason.contains("Delete the relationships first")
                    }
                    let nodes = try await session.query("MATCH (a:N) RETURN count(*)").scalar(Int.self)
                    #expect(nodes == 10)
                }
            }
        }
    }

    @Test("H24: an error is told of the statement that the caller knows, and nothing of it is done")
    func failure() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                try await database.withSession { session in
                    for statement in Self.tables + Self.links { try await session.execute(statement) }
                    let cypher = "MATCH (a:N) WHERE a.id / (a.id - 7) > -100 DETACH DELETE a"
                    await #expect {
                        try await session.execute(cypher)
                    } throws: { error in
                        guard case GraphError.statementFailed(cypher, _) = error else { return false }
                        return true
                    }
                    let nodes = try await session.query("MATCH (a:N) RETURN count(*)").scalar(Int.self)
                    #expect(nodes == 10)
                    let links = try await session.pairs(Self.found).count
                    #expect(links == 5)
                }
            }
        }
    }
}

extension GraphSession {
    fileprivate nonisolated func pairs(_ cypher: String) async throws -> [[Int]] {
        try await query(cypher).map { row in
            try row.values.map { value in
                guard case .int64(let number) = value else { throw GraphError.unexpectedResult("\(value)") }
                return Int(number)
            }
        }
    }
}
