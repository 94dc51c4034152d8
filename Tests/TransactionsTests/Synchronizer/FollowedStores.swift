import GRDB
import LocalEngines
import RedisClient
import Stores
import Testing
import TrivetTesting

@testable import Transactions

/// SQLite and Redis, a coordinator over them, and a connection to SQLite that knows nothing of Trivet: another program.
struct FollowedStores: Sendable {
    let path: String
    let server: RedisServer
    let redis: RedisPool
    let coordinator: Coordinator
    let stranger: DatabaseQueue

    static let users = """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT COLLATE NOCASE, visits INTEGER DEFAULT 0)
        """
    static let usersMapping = StoreMapping(
        table: "users", cache: CacheMapping(key: "user:{id}", value: .json(["id", "name", "city"])))

    static func with<Value: Sendable>(
        schema: String = users, redis settings: RedisServer.Configuration = .init(),
        configuration: CoordinatorConfiguration = CoordinatorConfiguration(),
        _ body: (FollowedStores) async throws -> Value
    ) async throws -> Value {
        try await RedisServer.withServer(settings) { server in
            try await TemporaryDirectory.withDirectory { folder in
                let path = folder.path(of: "records.sqlite")
                let stranger = try DatabaseQueue(path: path, configuration: Self.patient)
                try await stranger.inDatabaseOnThread { database in
                    try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; \(schema)")
                }
                return try await RedisPool.withPool(to: server.endpoint) { redis in
                    try await Coordinator.withCoordinator(sqlite: path, redis: redis, configuration: configuration) {
                        coordinator in
                        try await body(
                            FollowedStores(
                                path: path, server: server, redis: redis, coordinator: coordinator, stranger: stranger))
                    }
                }
            }
        }
    }

    /// Waits for others who write.
    static var patient: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(30)
        return configuration
    }

    /// Runs a synchronizer for the length of `body`.
    func following<Value: Sendable>(
        _ mappings: StoreMappings = [usersMapping],
        configuration: CacheSynchronizer.Configuration = CacheSynchronizer.Configuration(),
        _ body: @Sendable (CacheSynchronizer) async throws -> Value
    ) async throws -> Value {
        let synchronizer = try CacheSynchronizer(coordinator, mappings: mappings, configuration: configuration)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await synchronizer.run() }
            let value: Value
            do {
                try await synchronizer.waitUntilCurrent()
                value = try await body(synchronizer)
            } catch {
                group.cancelAll()
                // What ended the run says more than what that led to.
                try await group.waitForAll()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
            return value
        }
    }

    /// What another program does.
    func strangely(_ sql: String, _ arguments: StatementArguments = StatementArguments()) async throws {
        try await stranger.inDatabaseOnThread { try $0.execute(sql: sql, arguments: arguments) }
    }

    /// The strings at all keys that match.
    func strings(_ pattern: String = "user:*") async throws -> [String: String] {
        var found: [String: String] = [:]
        for key in try await redis.send(RedisCommand("KEYS", pattern), as: [String].self) {
            found[key] = try await redis.get(key)
        }
        return found
    }

    /// What the keys of users should hold.
    func expectedUsers() async throws -> [String: String] {
        try await stranger.inDatabaseOnThread { database in
            let rows = try Row.fetchAll(
                database,
                sql:
                    "SELECT 'user:' || id AS key, json_object('id', id, 'name', name, 'city', city) AS value FROM users"
            )
            return Dictionary(uniqueKeysWithValues: rows.map { ($0["key"], $0["value"]) })
        }
    }

    /// Redis has what the users' rows say.
    func expectAgreement() async throws {
        let (found, expected) = (try await strings(), try await expectedUsers())
        #expect(found == expected)
    }

    /// Waits for something that no call of the synchronizer's tells, with a bound that only a defect reaches.
    func wait(for synchronizer: CacheSynchronizer, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            if (try? await condition()) == true { return }
            guard ContinuousClock.now < deadline else {
                Issue.record("it did not come: \(synchronizer.status)")
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    func pendingChanges() async throws -> Int {
        try await stranger.inDatabaseOnThread { database in
            try Int.fetchOne(database, sql: "SELECT count(*) FROM trivet_changes") ?? 0
        }
    }
}

extension DatabaseQueue {
    func inDatabaseOnThread<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await writeWithoutTransaction { try body($0) }
    }
}
