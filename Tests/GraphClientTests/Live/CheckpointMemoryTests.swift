import Measurement
import Testing
import TrivetTesting

@testable import GraphClient

@Suite("M3: what changed properties take of the process's memory", .timeLimit(.minutes(5)))
struct CheckpointMemoryTests {
    @Test("M3: a checkpoint gives it back to the system")
    func givenBack() async throws {
        // In a process of its own, whose memory nobody else changes.
        await #expect(processExitsWith: .success) {
            try await TemporaryDirectory.withDirectory { folder in
                try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                    try await database.withSession { session in
                        try await session.execute("CREATE NODE TABLE A(id INT64 PRIMARY KEY, n INT64)")
                        try await session.execute("UNWIND range(1, 2000) AS i CREATE (:A {id: i, n: 0})")
                        let megabytes = { Double(try ProcessSample.current().residentMemory) / 1_048_576 }
                        func change(_ count: Int) async throws {
                            for n in 1...count {
                                try await session.execute(
                                    "MATCH (a:A {id: $id}) SET a.n = $n", ["id": n % 2_000 + 1, "n": n])
                            }
                        }
                        // What is needed once and for all.
                        try await change(100)
                        try await database.checkpoint()
                        let before = try megabytes()
                        try await change(6_000)
                        let grown = try megabytes() - before
                        try await database.checkpoint()
                        let left = try megabytes() - before
                        #expect(left < max(grown / 2, 15), "of \(grown) MB, \(left) MB are left")
                    }
                }
            }
        }
    }
}
