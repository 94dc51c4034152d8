import Foundation
import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Transactions

/// The three stores with users in them: once under a coordinator, once without one, once by hand in C, all on the same redis-server.
struct BenchmarkStores: Sendable {
    let coordinator: Coordinator
    let plain: PlainStores
    let redis: RedisPool
    let byHand: GroupReference
    let ids = IDs()

    /// The same stores without anything that keeps them together.
    struct PlainStores: Sendable {
        let sqlite: SQLitePool
        let graph: GraphPool
        let redis: RedisPool
    }

    /// - Parameter engine: the graphs'; nil for the one that the environment names.
    static func with(_ engine: GraphEngine? = nil, _ body: (BenchmarkStores) async throws -> Void) async throws {
        try await RedisServer.withServer { server in
            try await TemporaryDirectory.withDirectory { folder in
                try await RedisPool.withPool(to: server.endpoint) { redis in
                    try await Coordinator.withCoordinator(
                        sqlite: folder.path(of: "a.sqlite"), graph: folder.path(of: "a.graph"), redis: redis,
                        graphEngine: engine
                    ) { coordinator in
                        guard let graph = coordinator.graph else { return }
                        try await makeTables(coordinator.sqlite, graph)
                        // What is acknowledged is durable on both sides.
                        var sqlite = SQLitePoolConfiguration()
                        sqlite.synchronous = .full
                        let records = try await SQLitePool.open(
                            at: folder.path(of: "b.sqlite"), configuration: sqlite)
                        let relationships = try await GraphPool.open(at: folder.path(of: "b.graph"), engine: engine)
                        let result: Result<Void, any Error>
                        do {
                            try await makeTables(records, relationships)
                            let plain = PlainStores(sqlite: records, graph: relationships, redis: redis)
                            try await GroupReference.with(in: folder, redis: server.endpoint, engine: engine) {
                                byHand in
                                try await body(
                                    BenchmarkStores(
                                        coordinator: coordinator, plain: plain, redis: redis, byHand: byHand))
                            }
                            result = .success(())
                        } catch {
                            result = .failure(error)
                        }
                        await relationships.shutdown(within: .seconds(5))
                        await records.shutdown(within: .seconds(5))
                        try result.get()
                    }
                }
            }
        }
    }

    static func makeTables(_ sqlite: SQLitePool, _ graph: GraphPool) async throws {
        try await sqlite.write { database in
            try database.execute(sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        }
        try await graph.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, name STRING)")
    }
}

extension Coordinator {
    /// One user in all three stores, at one moment.
    ///
    /// - Parameter isBatched: whether the node may be inserted together with those of others.
    func addUser(_ id: Int, _ times: PhaseTimes? = nil, isBatched: Bool = false) async throws {
        let start = ContinuousClock.now
        let (_, receipt) = try await transactionWithReceipt { txn in
            try await txn.sqlite { database in try insertUser(id, database) }
            if isBatched {
                try await txn.graph.insert("User", ["id": id, "name": "user \(id)"])
            } else {
                try await txn.graph.execute(createUser, ["id": id, "name": "user \(id)"])
            }
            try await txn.redis.set("a:\(id)", "user \(id)", expiry: .after(.seconds(3_600)))
        }
        times?.add(receipt.timings, of: .now - start)
    }

    /// One user's name from all three stores, at one moment.
    func readUser(_ id: Int) async throws {
        try await snapshot { snapshot in
            _ = try await snapshot.sqlite { database in try userName(id, database) }
            _ = try await snapshot.graph(findUser, ["id": id])
            _ = try await snapshot.redis.get("a:\(id)")
        }
    }
}

extension BenchmarkStores.PlainStores {
    /// One user in each store, one after the other.
    func addUser(_ id: Int, _ times: PhaseTimes = PhaseTimes()) async throws {
        try await times.measure("SQLite") { try await sqlite.write { database in try insertUser(id, database) } }
        _ = try await times.measure("graph") {
            try await graph.execute(createUser, ["id": id, "name": "user \(id)"])
        }
        _ = try await times.measure("Redis") {
            try await redis.set("b:\(id)", "user \(id)", expiry: .after(.seconds(3_600)))
        }
    }

    /// One user's name from each store, one after the other.
    func readUser(_ id: Int) async throws {
        _ = try await sqlite.read { database in try userName(id, database) }
        _ = try await graph.query(findUser, ["id": id])
        _ = try await redis.get("b:\(id)")
    }
}

private let createUser = "CREATE (:User {id: $id, name: $name})"
private let findUser = "MATCH (u:User {id: $id}) RETURN u.name"

private func insertUser(_ id: Int, _ database: Database) throws {
    try database.cachedStatement(sql: "INSERT INTO users VALUES (?, ?)").execute(arguments: [id, "user \(id)"])
}

private func userName(_ id: Int, _ database: Database) throws -> String? {
    try String.fetchOne(
        try database.cachedStatement(sql: "SELECT name FROM users WHERE id = ?"), arguments: [id])
}
