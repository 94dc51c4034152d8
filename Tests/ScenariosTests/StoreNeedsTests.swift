import Testing

@testable import Scenarios

@Suite("§5: what a scenario needs of stores that are not its own")
struct StoreNeedsTests {
    private func needs(_ operations: String, _ more: String = "") throws -> StoreNeeds {
        let text = """
            scenario: small
            operations: [\(operations)]
            load: {users: 1, stages: [{hold: 10s}]}
            \(more)
            """
        return StoreNeeds(try ScenarioFile(text, path: "small.yaml"))
    }

    @Test("§5: reads need stores and write nothing; of Redis' commands only the server knows")
    func reads() throws {
        let needs = try needs(
            """
            {name: a, sqlite: SELECT 1}, {name: b, graph: MATCH (n) RETURN n},
            {name: c, redis: [GET x, INCR y]}, {name: d, redis: GET z}
            """)
        #expect(needs.stores == [.sqlite, .graph, .redis])
        #expect(needs.writes.isEmpty && needs.coordinated == nil)
        #expect(needs.commands.map(\.name) == ["GET", "INCR"])
        #expect(needs.commands.map(\.place) == ["the operation \"c\"", "the operation \"c\""])
    }

    @Test("§5: each store's first write is named: schema, data, operations, checks and faults")
    func writes() throws {
        let operation = "{name: a, sqlite: SELECT 1}"
        func first(_ more: String) throws -> [StoreNeeds.Write] { try needs(operation, more).writes }
        #expect(try first("schema: {graph: CREATE NODE TABLE T(id INT64 PRIMARY KEY)}").map(\.store) == [.graph])
        #expect(try first("schema: {redis: SET a 1}").map(\.place) == ["the schema"])
        let data = try first("data: [{name: rows, count: 1, redis: SET a 1, sqlite: INSERT INTO t VALUES (1)}]")
        #expect(Set(data.map(\.store)) == [.sqlite, .redis])
        #expect(data.allSatisfy { $0.place == "the data \"rows\"" })
        #expect(try first("faults: [{fault: sqlite.busy, at: 1s, for: 1s}]").map(\.place) == ["the fault sqlite.busy"])
        #expect(try first("faults: [{fault: graph.reader, at: 1s, for: 1s}]").map(\.store) == [.graph])
        #expect(try first("faults: [{fault: redis.reset, at: 1s, for: 1s}]").isEmpty)
        #expect(
            try first("checks: [{name: c, graph: 'CREATE (:T {id: 1}) RETURN 1', equals: 1}]").map(\.place)
                == ["the check \"c\""])
        let twice = try needs("{name: a, sqlite: DELETE FROM t}, {name: b, sqlite: DELETE FROM u}")
        #expect(twice.writes == [StoreNeeds.Write(store: .sqlite, place: "the operation \"a\"")])
    }

    @Test("§5: what is coordinated writes in all its stores and in SQLite, whatever its statements do")
    func coordinated() throws {
        let snapshot = try needs("{name: a, snapshot: [{graph: MATCH (n) RETURN n}, {redis: GET x}]}")
        #expect(snapshot.coordinated == "the operation \"a\"")
        #expect(Set(snapshot.writes.map(\.store)) == [.sqlite, .graph, .redis])
        #expect(snapshot.stores == [.sqlite, .graph, .redis])
        let transaction = try needs("{name: a, transaction: [{redis: GET x}]}")
        #expect(Set(transaction.writes.map(\.store)) == [.sqlite, .redis])
    }
}
