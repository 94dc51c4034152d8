import Foundation
import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Testing

@testable import Transactions

/// Three live stores that outlive their coordinators, and a Redis that can be killed, frozen and emptied.
struct DurableStores: Sendable {
    let server: RedisServer
    let redis: RedisPool
    let folder: TemporaryDirectory

    var sqlite: String { folder.path(of: "records.sqlite") }
    var graph: String { folder.path(of: "graph.db") }

    static func with(
        appendOnly: RedisServer.Configuration.AppendOnly? = nil, _ body: (DurableStores) async throws -> Void
    ) async throws {
        var server = RedisServer.Configuration()
        server.appendOnly = appendOnly
        var pool = RedisPoolConfiguration()
        // A frozen server is noticed soon.
        pool.connection.commandTimeout = .seconds(2)
        pool.connection.connectTimeout = .seconds(2)
        pool.retries = .never
        try await RedisServer.withServer(server) { server in
            try await TemporaryDirectory.withDirectory { folder in
                try await RedisPool.withPool(to: server.endpoint, configuration: pool) { redis in
                    let stores = DurableStores(server: server, redis: redis, folder: folder)
                    try await stores.createTables()
                    try await body(stores)
                }
            }
        }
    }

    private func createTables() async throws {
        try await withCoordinator { coordinator in
            try await coordinator.sqlite.write { db in
                try db.execute(sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
            }
            try await coordinator.graph?.withWriter { session in
                try await session.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, name STRING)")
            }
        }
    }

    static var configuration: CoordinatorConfiguration {
        var configuration = CoordinatorConfiguration()
        configuration.longestPause = .milliseconds(50)
        return configuration
    }

    /// Opens the stores, and closes them after `body`.
    @discardableResult
    func withCoordinator<Value: Sendable>(
        configuration: CoordinatorConfiguration = DurableStores.configuration, usesGraph: Bool = true,
        closingWithin limit: Duration = .seconds(30), _ body: (Coordinator) async throws -> Value
    ) async throws -> Value {
        let coordinator = try await Coordinator.open(
            sqlite: sqlite, graph: usesGraph ? graph : nil, redis: redis, configuration: configuration)
        func close() async {
            await coordinator.close(within: limit)
            await coordinator.graph?.shutdown(within: .seconds(10))
            await coordinator.sqlite.shutdown(within: .seconds(10))
        }
        do {
            let value = try await body(coordinator)
            await close()
            return value
        } catch {
            await close()
            throw error
        }
    }

    /// Expects these users in each of the three stores, and no others.
    func expectUsers(
        _ ids: [Int], in coordinator: Coordinator, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let sqlite = try await coordinator.sqlite.read { try Int.fetchAll($0, sql: "SELECT id FROM users ORDER BY id") }
        let graph = try await coordinator.graph?.query("MATCH (u:User) RETURN u.id ORDER BY u.id").decode(Int.self)
        #expect(sqlite == ids, "SQLite", sourceLocation: sourceLocation)
        if let graph { #expect(graph == ids, "the graph", sourceLocation: sourceLocation) }
        let keys = try await redis.send(RedisCommand("KEYS", "user:*"), as: [String].self)
        #expect(keys.compactMap { Int($0.dropFirst(5)) }.sorted() == ids, "Redis", sourceLocation: sourceLocation)
    }

    /// Waits until Redis has everything.
    func untilCaughtUp(_ coordinator: Coordinator) async throws {
        let limit = ContinuousClock.now + .seconds(20)
        while coordinator.core.cacheState.withLock({ !$0.queue.isIdle }) {
            guard ContinuousClock.now < limit else {
                Issue.record("Redis does not catch up")
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Copies a store's files aside, while nobody has them open.
    func backUp(_ path: String, as name: String) throws {
        try copy(path, to: folder.path(of: name))
    }

    func restore(_ path: String, from name: String) throws {
        try copy(folder.path(of: name), to: path)
    }

    private func copy(_ source: String, to target: String) throws {
        for suffix in ["", "-wal", "-shm", ".wal"] {
            try? FileManager.default.removeItem(atPath: target + suffix)
            guard FileManager.default.fileExists(atPath: source + suffix) else { continue }
            try FileManager.default.copyItem(atPath: source + suffix, toPath: target + suffix)
        }
    }
}

func copyFile(_ source: String, to target: String) throws {
    try? FileManager.default.removeItem(atPath: target)
    try FileManager.default.copyItem(atPath: source, toPath: target)
}
