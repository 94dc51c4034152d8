import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: the digest that a checkpoint is checked by (H21, H23)", .timeLimit(.minutes(5)))
struct DatabaseDigestTests {
    /// Types with two values each, as Cypher.
    private static let values = [
        ("BOOL", "true", "false"), ("INT8", "1", "2"), ("INT16", "1", "2"), ("INT32", "1", "2"), ("INT64", "1", "2"),
        ("INT128", "1", "2"), ("UINT64", "1", "2"), ("FLOAT", "1.5", "1.25"), ("DOUBLE", "1.5", "1.5000000001"),
        ("DECIMAL(10, 2)", "1.5", "1.51"), ("DECIMAL(30, 2)", "1.5", "1.51"), ("STRING", "'a'", "''"),
        ("STRING", "'a text of more than twelve bytes'", "'a text of more than twelve bytez'"),
        ("BLOB", "blob('ab')", "blob('ac')"), ("UUID", "gen_random_uuid()", "gen_random_uuid()"),
        ("DATE", "date('2020-01-01')", "date('2020-01-02')"),
        ("TIMESTAMP", "timestamp('2020-01-01 00:00:00')", "timestamp('2020-01-01 00:00:01')"),
        ("INTERVAL", "interval('1 day')", "interval('2 days')"), ("INT64[]", "[1, 2]", "[2, 1]"),
        ("STRING[][]", "[['a'], ['b', 'c']]", "[['a', 'b'], ['c']]"),
        ("FLOAT[3]", "[1.0, 2.0, 3.0]", "[1.0, 2.0, 4.0]"),
        ("STRUCT(x INT64, y STRING)", "{x: 1, y: 'a'}", "{x: 1, y: 'b'}"),
        ("STRUCT(x INT64)[]", "[{x: 1}]", "[{x: 2}]"), ("MAP(STRING, INT64)", "map(['a'], [1])", "map(['a'], [2])"),
    ]

    private func digest(_ session: GraphSession) async throws -> DatabaseDigest {
        try await session.run { connection in
            func query(_ cypher: String) throws -> [GraphRow] { try connection.query(cypher).map { $0 } }
            return try DatabaseDigest(TableCatalog(query: query), query: query)
        }
    }

    @Test("P1: it notices a change of any property, in nodes and relationships, and no checkpoint")
    func properties() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                try await database.withSession { session in
                    let columns = Self.values.enumerated().map { "p\($0) \($1.0)" }.joined(separator: ", ")
                    let all = Self.values.enumerated().map { "p\($0): \($1.1)" }.joined(separator: ", ")
                    try await session.execute("CREATE NODE TABLE `A b`(id INT64 PRIMARY KEY, \(columns))")
                    try await session.execute("CREATE REL TABLE L(FROM `A b` TO `A b`, \(columns))")
                    try await session.execute("CREATE (:`A b` {id: 1, \(all)})-[:L {\(all)}]->(:`A b` {id: 2})")
                    try await session.execute("MATCH (a:`A b` {id: 2}), (b:`A b` {id: 1}) CREATE (a)-[:L]->(b)")
                    var digests = [try await digest(session)]
                    #expect(digests[0].parts.count == 3 && digests[0].torn.isEmpty)
                    try await database.checkpoint()
                    #expect(try await digest(session).differences(from: digests[0]).isEmpty)
                    for (index, value) in Self.values.enumerated() {
                        for pattern in ["(a:`A b` {id: 1})", "(:`A b` {id: 1})-[a:L]->()"] {
                            try await session.execute("MATCH \(pattern) SET a.p\(index) = \(value.2)")
                            let changed = try await digest(session)
                            let differences = changed.differences(from: digests[digests.count - 1])
                            let isNode = pattern.hasPrefix("(a")
                            #expect(differences.count == (isNode ? 1 : 2), "\(value.0) at \(pattern): \(differences)")
                            digests.append(changed)
                        }
                    }
                    try await session.execute("MATCH (a:`A b` {id: 1})-[l:L]->() DELETE l")
                    let gone = try await digest(session)
                    #expect(gone.differences(from: digests[digests.count - 1]).count == 2)
                }
            }
        }
    }
}
