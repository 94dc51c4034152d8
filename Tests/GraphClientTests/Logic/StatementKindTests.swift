import Testing

@testable import GraphClient

@Suite("Statement kinds: what a statement needs from the database")
struct StatementKindTests {
    private func kind(_ text: String) -> StatementKind { StatementText(text).kind }

    @Test(arguments: [
        "MATCH (u:User) RETURN u", "match (u:Set) return u.create", "RETURN 'CREATE' AS x;",
        "CALL show_tables() RETURN *",
        "UNWIND [1, 2] AS x RETURN x", "COPY (MATCH (u:User) RETURN u) TO 'users.csv'",
        "EXPLAIN LOGICAL MATCH (u) RETURN u",
        "WITH 1 AS x RETURN x // SET\n", "LOAD FROM 'a.csv' RETURN *",
    ])
    func `Reads`(_ text: String) {
        #expect(kind(text) == .read)
    }

    @Test(arguments: [
        "CREATE (:User {id: 1})", "MATCH (u:User) SET u.name = 'x'", "MATCH (u) DETACH DELETE u",
        "merge (u:User {id: 1})",
        "CREATE NODE TABLE T(id INT64 PRIMARY KEY)", "DROP TABLE T", "PROFILE CREATE (:User {id: 1})",
        "RETURN nextval('s')",
        "CALL create_fts_index('T', 'i', ['x'])", "CALL threads=2", "INSTALL fts", "ALTER TABLE T ADD x INT64",
        "CREATE NODE TABLE IF NOT EXISTS T(id INT64 PRIMARY KEY, b BOOL DEFAULT 1 IN [1, 2], c INT64 DEFAULT 1 << 2)",
        "CREATE NODE TABLE T(id INT64 PRIMARY KEY, s STRING DEFAULT 'NOT a < b', b BOOL DEFAULT s =~ 'a')",
        "CREATE REL TABLE L(FROM A TO B, x INT64[] DEFAULT [1, 2], MANY_ONE)", "ALTER TABLE T ADD x INT64 DEFAULT -1",
        "CREATE MACRO f(x, y := 3) AS CASE x WHEN 1 THEN y ELSE x.a + 1 END",
        "CREATE (:Macro {default: 1 < 2})", "MATCH (a:A) WHERE a.x < 1 CREATE (:B {default: a.x})",
        "ANALYZE", "analyze T", "CREATE (:Graph {partition: 1})", "DROP TABLE Graph",
    ])
    func `Writes`(_ text: String) {
        #expect(kind(text) == .write)
    }

    @Test(arguments: [
        ("RETURN 1; RETURN 2", "H10"), ("BEGIN TRANSACTION", "H1"), ("commit", "H1"), ("ROLLBACK;", "H1"),
        ("CHECKPOINT", "H4"), ("CALL auto_checkpoint=true", "H3"), ("CALL force_checkpoint_on_close = true", "H4"),
        ("CALL debug_enable_multi_writes=true", "H15"), ("call enable_multi_writes=true", "H15"),
        ("CALL checkpoint_threshold=1", "H3"), ("", "empty"), (" ; ", "empty"), ("// only a comment", "empty"),
        ("RETURN 1\u{0}; DROP TABLE T", "NUL"), ("EXPLAIN", "empty"), ("PROFILE COMMIT", "H1"),
        ("CREATE NODE TABLE T(id INT64 PRIMARY KEY, b BOOL DEFAULT NOT true)", "H25"),
        ("create node table T(id INT64 PRIMARY KEY, a INT64 default 1, b BOOL default 1 <= 2)", "H25"),
        ("CREATE REL TABLE L(FROM A TO B, b BOOL DEFAULT true XOR false)", "H25"),
        ("ALTER TABLE T ADD b INT64 DEFAULT CASE WHEN 1 = 2 THEN 1 ELSE 2 END", "H25"),
        ("ALTER TABLE T ADD b INT64[] DEFAULT list_transform([1], x -> x + 1)", "H25"),
        ("CREATE MACRO adult(x) AS x >= 18", "H25"), ("CREATE MACRO f(x) AS x IS NULL", "H25"),
        ("CREATE MACRO f(x) AS any(y IN x WHERE y IN [1])", "H25"), ("EXPLAIN CREATE MACRO f(x) AS x <> 1", "H25"),
        ("CREATE GRAPH g", "other files"), ("use graph g", "other files"), ("DROP GRAPH g", "other files"),
        ("CREATE NODE TABLE T(id INT64 PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 4", "other files"),
    ])
    func `Refused, with a reason`(_ text: String, _ hazard: String) {
        guard case .refused(let reason) = kind(text) else {
            Issue.record("\(text) is accepted in spite of \(hazard)")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test(arguments: ["COPY User FROM 'users.csv'", "copy User from (MATCH (u) RETURN u)", "IMPORT DATABASE 'x'"])
    func `Bulk loads`(_ text: String) {
        #expect(kind(text) == .bulkLoad)
    }

    @Test func `Parameters of types that can't be bound are wrapped, each where it stands`() {
        let statement = StatementText("CREATE (:T {id: $id, b: $b, text: '$id'}) RETURN $id")
        #expect(
            statement.wrapping(["id": .uuid, "b": .decimal(scale: 2)])
                == "CREATE (:T {id: uuid($id), b: cast($b AS DECIMAL(38, 2)), text: '$id'}) RETURN uuid($id)")
    }

    @Test func `Places that store a parameter in a property`() {
        let text = """
            UNWIND $rows AS r MATCH (u:User {id: r.id}) SET u.age = $age, u.score = r.score, u.x = r.y + 1, u.z = $age * 2
            """
        #expect(
            StatementText(text).assignments == [
                PropertyAssignment(property: "id", parameter: "rows", field: "id"),
                PropertyAssignment(property: "age", parameter: "age"),
                PropertyAssignment(property: "score", parameter: "rows", field: "score"),
            ])
    }
}
