import Testing

@testable import Scenarios

@Suite("S1: statements and their values")
struct StatementTests {
    @Test(
        "S1: SQL's values are found outside of quotes and comments, and writing is told from reading",
        arguments: [
            ("SELECT $a, $b, $a", ["a", "b"], false),
            ("SELECT '$a', \"$b\", `$c` -- $d\n, $e /* $f */, 'it''s $g'", ["e"], false),
            ("INSERT INTO t VALUES ($x)", ["x"], true), ("select replace(a, $x, 'UPDATE') from t", ["x"], false),
            ("WITH x AS (SELECT 1) DELETE FROM t", [], true), ("SELECT $1, $", [], false),
            ("SELECT t.replace, a.analyze FROM t", [], false),
            ("SELECT updated FROM \"INSERT\"", [], false), ("/* open $a", [], false), ("SELECT 'open $a", [], false),
        ])
    func sql(text: String, parameters: [String], writes: Bool) {
        let statement = StatementText(text, .sql)
        #expect(statement.parameters == parameters)
        #expect(statement.writes == writes)
    }

    @Test(
        "S1: Cypher's values likewise",
        arguments: [
            ("MATCH (n {id: $id}) RETURN n", ["id"], false), ("CREATE(:N {id: $id})", ["id"], true),
            ("MATCH (n) SET n.a = $a // $b", ["a"], true), ("RETURN 'it\\'s $x', $y", ["y"], false),
            ("MATCH (n) WHERE n.created > 1 RETURN n.set_at", [], false),
            ("MATCH (n:Set)-[:CREATE]->() RETURN n.delete, n.set", [], false),
            ("MATCH (n:User)SET n.a = 1", [], true), ("MATCH (n:User) DETACH DELETE n", [], true),
        ])
    func cypher(text: String, parameters: [String], writes: Bool) {
        let statement = StatementText(text, .cypher)
        #expect(statement.parameters == parameters)
        #expect(statement.writes == writes)
    }

    @Test("S1: Redis' commands are words, with quotes and values in them")
    func redis() throws {
        let command = try #require(RedisCommandText("set  key:${id}x \"a \\\"b\\\" $c\" '' 'd e'"))
        #expect(command.name == "SET")
        #expect(command.parameters == ["id", "c"])
        let values: [String: FieldValue] = ["id": .integer(5), "c": .number(1.5)]
        #expect(command.arguments.map { $0.text { values[$0] } } == ["key:5x", "a \"b\" 1.5", "", "d e"])
        #expect(RedisCommandText("") == nil)
        #expect(RedisCommandText("GET 'a") == nil)
    }

    @Test("S1: a dollar sign can be written, and one without a name stays")
    func dollars() {
        #expect(TextTemplate("$$a $ 5$ ${ $1 ${a").parts == [.text("$a $ 5$ ${ $1 ${a")])
        #expect(TextTemplate("$a$b").names == ["a", "b"])
        #expect(TextTemplate("").parts.isEmpty)
    }

    @Test(
        "§5: the nearest name, or none when nothing is near",
        arguments: [("weigth", "weight"), ("Weight", "weight"), ("elephant", nil), ("nme", "name"), ("x", nil)])
    func nearest(wrong: String, name: String?) {
        #expect(NearestName.nearest(to: wrong, among: ["name", "weight", "values"]) == name)
    }

    @Test(
        "§5: durations need their unit",
        arguments: [
            ("5s", Duration.seconds(5)), ("1.5 min", .seconds(90)), ("250ms", .milliseconds(250)),
            ("2h", .seconds(7_200)),
            ("10us", .microseconds(10)), ("0s", .zero), ("5", nil), ("s", nil), ("-5s", nil), ("5 parsecs", nil),
            ("1e9h", nil),
            ("", nil),
        ])
    func durations(text: String, duration: Duration?) {
        #expect(DurationText.parse(text) == duration)
    }
}
