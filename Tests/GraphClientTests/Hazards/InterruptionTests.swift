import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: time limits and cancellation (H11)", .graphDatabase, .timeLimit(.minutes(5)))
struct InterruptionTests {
    /// Some 10^12 combinations: never done within a test.
    static let endless =
        "UNWIND range(1, 10000) AS a UNWIND range(1, 10000) AS b UNWIND range(1, 10000) AS c RETURN sum(a * b * c)"

    @Test("P1: a statement beyond its time limit is stopped, and the connection goes on")
    func timeLimit() async throws {
        try await GraphDatabase.current.withSession { session in
            await #expect {
                try await session.run { connection in
                    try connection.withTimeLimit(.milliseconds(50)) { try connection.query(Self.endless) }
                }
            } throws: { error in
                if case GraphError.timedOut(_, .milliseconds(50)) = error { true } else { false }
            }
            let found = try await session.query("RETURN 1").scalar(Int.self)
            #expect(found == 1)
        }
    }

    @Test("H11: cancellation stops a statement, at whatever moment it comes", arguments: 0..<12)
    func cancellation(delay: Int) async throws {
        try await GraphDatabase.current.withSession { session in
            let task = Task { try await session.query(Self.endless) }
            if delay > 0 { try await Task.sleep(for: .microseconds(delay * delay * 100)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await session.query("RETURN 1").scalar(Int.self) == 1)
        }
    }

    @Test("P1: a cancelled task leaves the writers' queue, and those behind it go on")
    func cancelledInQueue() async throws {
        let database = try GraphDatabase.current
        try await database.withSession { holder in
            try await holder.execute("CREATE NODE TABLE Q(id INT64 PRIMARY KEY)")
            let waiting = Task {
                try await database.withSession { try await $0.execute("CREATE (:Q {id: 1})") }
            }
            let pass = try await holder.run { connection in
                try connection.enterGate(.write, purpose: "the test")
            }
            let behind = Task {
                try await database.withSession { try await $0.execute("MERGE (:Q {id: 2})") }
            }
            waiting.cancel()
            _ = await waiting.result
            try await holder.run { $0.leaveGate(pass) }
            try await behind.value
            #expect(try await holder.query("MATCH (q:Q {id: 2}) RETURN count(*)").scalar(Int.self) == 1)
        }
    }

    @Test("P1: waiting for the writer ends with an error that says who holds it")
    func busy() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            var configuration = GraphDatabase.Configuration()
            configuration.lockTimeLimit = .milliseconds(50)
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph"), configuration: configuration) {
                database in
                try await database.withSession { session in
                    try await session.run { connection in
                        let other = try GraphConnection(database: connection.database)
                        try connection.transaction {
                            #expect {
                                try other.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                            } throws: { error in
                                guard case GraphError.busy(_, let waited, let holders) = error else { return false }
                                return waited >= .milliseconds(50)
                                    && holders.first?.contains("a write transaction") == true
                            }
                        }
                    }
                }
            }
        }
    }
}
