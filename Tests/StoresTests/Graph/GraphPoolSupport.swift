import GraphClient
import Pooling
import Stores
import Testing
import TrivetTesting

extension GraphPool {
    /// A pool on a database of its own, with a table of users, for the length of `body`.
    static func withPool(
        _ configure: (inout GraphPoolConfiguration) -> Void = { _ in },
        _ body: (GraphPool) async throws -> Void
    ) async throws {
        var configuration = GraphPoolConfiguration()
        configure(&configuration)
        try await TemporaryDirectory.withDirectory { folder in
            let pool = try await GraphPool.open(at: folder.path(of: "graph"), configuration: configuration)
            do {
                try await pool.createTable()
                try await body(pool)
            } catch {
                await pool.shutdown(within: .seconds(10))
                throw error
            }
            #expect(await pool.shutdown(within: .seconds(10)).isComplete)
        }
    }

    func createTable() async throws {
        try await execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY)")
    }

    func insert(_ id: Int) async throws {
        try await execute("CREATE (:User {id: $id})", ["id": id])
    }

    func count() async throws -> Int {
        try await query("MATCH (u:User) RETURN count(*)").scalar(Int.self)
    }
}

extension GraphConnection {
    func count() throws -> Int { try query("MATCH (u:User) RETURN count(*)").scalar(Int.self) }

    /// A query that never ends by itself: some 10^12 combinations.
    func queryForEver() throws {
        try execute(
            "UNWIND range(1, 10000) AS a UNWIND range(1, 10000) AS b UNWIND range(1, 10000) AS c RETURN sum(a * b * c)")
    }
}
