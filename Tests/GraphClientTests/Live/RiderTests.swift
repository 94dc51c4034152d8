import Testing
import TrivetTesting

@testable import GraphClient

@Suite("What a statement takes along is created with it, or not at all", .graphDatabase)
struct RiderTests {
    private func rider(_ number: Int64) -> StatementRider {
        StatementRider("(:Mark {number: $number})", "number", .int64(number))
    }

    @Test("T1: from its second time on, in the same transaction, with the statement's own rows and errors")
    func taken() async throws {
        try await GraphDatabase.current.withSession { session in
            try await session.run { connection in
                try connection.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY)")
                try connection.execute("CREATE NODE TABLE Mark(number INT64 PRIMARY KEY)")
                func count(_ label: String) throws -> Int {
                    try connection.query("MATCH (n:\(label)) RETURN count(*)").scalar(Int.self)
                }
                let create = "CREATE (:User {id: $id}) // the end"
                #expect(try !connection.query(create, ["id": 1], taking: rider(1)).isTaken)
                #expect(try connection.query(create, ["id": 2], taking: rider(2)).isTaken)
                let result = try connection.query(create, ["id": 3], taking: rider(3)).result
                #expect(result.isEmpty && result.columns.names.isEmpty)
                #expect(try count("User") == 3)
                #expect(try count("Mark") == 2)

                // What fails leaves neither, and is told in the statement's own words.
                do {
                    _ = try connection.query(create, ["id": 3], taking: rider(4))
                    Issue.record("a second user 3")
                } catch GraphError.statementFailed(let statement, let message) {
                    #expect(statement == create)
                    #expect(message.contains("duplicated primary key"))
                }
                do {
                    _ = try connection.query(create, ["name": 3], taking: rider(4))
                    Issue.record("a parameter that is not there")
                } catch let error as GraphError {
                    #expect(error.description.contains("it has no value") && error.description.contains(create))
                    #expect(!error.description.contains("Mark"))
                }
                #expect(try count("Mark") == 2)

                // Whatever runs once for each row of something else takes nothing along.
                let match = "MATCH (u:User) CREATE (:User {id: u.id + $n})"
                for n in [10, 100] {
                    #expect(try !connection.query(match, ["n": n], taking: rider(5)).isTaken)
                }
                #expect(try count("Mark") == 2)
            }
        }
    }
}
