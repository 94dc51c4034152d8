import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Transactions

/// Stores under a coordinator, with so many users in SQLite and the graph before anything is measured.
struct GrownStores: Sendable {
    let users: Int
    let coordinator: Coordinator
    private let ids: IDs

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private init(users: Int, coordinator: Coordinator) {
        self.users = users
        self.coordinator = coordinator
        ids = IDs(after: users)
    }

    /// Makes stores of several sizes, on one redis-server.
    static func with(
        users: [Int], prepare: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable ([GrownStores]) async throws -> Void
    ) async throws {
        try await RedisServer.withServer { server in
            try await TemporaryDirectory.withDirectory { folder in
                try await make(users[...], in: folder, redis: server.endpoint, [], prepare, body)
            }
        }
    }

    private static func make(
        _ users: ArraySlice<Int>, in folder: TemporaryDirectory, redis: RedisEndpoint, _ made: [GrownStores],
        _ prepare: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable ([GrownStores]) async throws -> Void
    ) async throws {
        guard let count = users.first else { return try await body(made) }
        // A coordinator's numbers are in Redis too, so each has a database of its own there.
        var pool = RedisPoolConfiguration()
        pool.connection.database = made.count
        try await RedisPool.withPool(to: redis, configuration: pool) { redisPool in
            try await Coordinator.withCoordinator(
                sqlite: folder.path(of: "\(count).sqlite"), graph: folder.path(of: "\(count).graph"), redis: redisPool
            ) { coordinator in
                guard let graph = coordinator.graph else { return }
                try await BenchmarkStores.makeTables(coordinator.sqlite, graph)
                try await fill(coordinator.sqlite, graph, count, prepare)
                try await check(coordinator.sqlite, graph, count)
                try await coordinator.checkpointGraph()
                let stores = GrownStores(users: count, coordinator: coordinator)
                try await make(users.dropFirst(), in: folder, redis: redis, made + [stores], prepare, body)
            }
        }
    }

    private static let chunk = 10_000

    private static func fill(
        _ sqlite: SQLitePool, _ graph: GraphPool, _ count: Int, _ prepare: @Sendable (String) -> Void
    ) async throws {
        for first in stride(from: 1, through: count, by: chunk) {
            prepare("\(first - 1) of \(count) users")
            let last = min(first + chunk - 1, count)
            try await sqlite.write { database in
                try database.execute(
                    sql: """
                        WITH RECURSIVE n(id) AS (SELECT ? UNION ALL SELECT id + 1 FROM n WHERE id < ?)
                        INSERT INTO users SELECT id, 'user ' || id FROM n
                        """, arguments: [first, last])
            }
            try await graph.execute(
                "UNWIND range($first, $last) AS id CREATE (:User {id: id, name: 'user ' + cast(id AS STRING)})",
                ["first": first, "last": last])
        }
    }

    /// What is not there costs nothing.
    private static func check(_ sqlite: SQLitePool, _ graph: GraphPool, _ count: Int) async throws {
        let rows = try await sqlite.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM users") }
        let nodes = try await graph.query("MATCH (u:User) RETURN count(*)").scalar(Int.self)
        guard rows == count, nodes == count else {
            throw Failure(description: "\(rows ?? 0) rows and \(nodes) nodes were made, instead of \(count).")
        }
    }

    /// Microseconds a unit, of so many callers at the same time.
    func add(callers: Int, unitsEach: Int) async throws -> Double {
        let whole = try await seconds {
            try await inParallel(callers) { _ in
                for _ in 0..<unitsEach { try await coordinator.addUser(ids.next()) }
            }
        }
        return whole / Double(callers * unitsEach) * 1_000_000
    }
}
