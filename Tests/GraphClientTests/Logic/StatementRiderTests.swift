import Testing

@testable import GraphClient

@Suite struct StatementRiderTests {
    @Test(
        "Only statements that create, and do nothing else, take something along",
        arguments: [
            ("CREATE (:User {id: $id})", true),
            ("create (:User {id: 1}), (:User {id: 2}) // two", true),
            ("CREATE (a:User {id: 1}) CREATE (a)-[:KNOWS]->(:User {id: 2})", true),
            ("CREATE (:User {id: $id}) RETURN 1", false),
            ("CREATE (:User {id: $id});", false),
            ("MATCH (u:User) CREATE (:User {id: u.id + 1})", false),
            ("UNWIND $rows AS r CREATE (:User {id: r})", false),
            ("MERGE (:User {id: $id})", false),
            ("CREATE (u:User {id: $id}) SET u.name = 'x'", false),
            ("CREATE (u:User {id: $id}) WITH u MATCH (v:User) DELETE v", false),
            ("CREATE NODE TABLE T(id INT64 PRIMARY KEY)", false),
            ("CREATE (:User {id: $number})", false),
            ("MATCH (u:User) RETURN u", false), ("", false),
        ])
    func judged(_ cypher: String, takes: Bool) {
        #expect(StatementText(cypher).takesRiders(named: "number") == takes)
    }
}
