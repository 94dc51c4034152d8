import ArgumentParser
import Foundation
import GraphClient
import LoadTesting
import RedisClient
import Stores
import Transactions

/// Which stores a command works with.
struct StoreOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder of a run with --data: all three stores.", valueName: "folder"))
    var data: String?

    @Option(help: ArgumentHelp("Instead of --data: the SQLite database whose commits decide.", valueName: "file"))
    var sqlite: String?

    @Option(help: ArgumentHelp("With --sqlite: the graph.", valueName: "file"))
    var graph: String?

    @Option(
        help: ArgumentHelp(
            "With --sqlite: the Redis server, as host:port, unix:path or redis://user:password@host:port/database. User and password may come from TRIVET_REDIS_USERNAME and TRIVET_REDIS_PASSWORD instead.",
            valueName: "address"))
    var redis: String?

    @Flag(
        help: ArgumentHelp(
            "Also takes stores that Trivet has never coordinated, and writes its tables and markers into them."))
    var adopt = false

    func validate() throws {
        switch (data, sqlite) {
        case (nil, nil): throw ValidationError("Which stores? Give --data folder, or --sqlite file.")
        case (.some, .some): throw ValidationError("Give --data or --sqlite, not both.")
        case (.some, nil):
            if graph != nil || redis != nil {
                throw ValidationError("--data names all three stores; --graph and --redis go with --sqlite.")
            }
        case (nil, .some):
            if let redis { _ = try RedisAddress(redis) }
        }
    }

    /// Opens the stores, recovers them, and coordinates them for the length of `body`.
    ///
    /// - Throws: ``ConfigurationError`` for files that are not there or not Trivet's; what opening and `body` throw.
    func withCoordinator<Value: Sendable>(_ body: (Coordinator) async throws -> Value) async throws -> Value {
        let database = sqlite ?? "\(data ?? "")/records.sqlite"
        try await check(database)
        if let data {
            var options = LiveEngines.Options()
            options.adopts = adopt
            return try await LiveEngines.withEngines(folder: data, options: options) { try await body($0.coordinator) }
        }
        if let graph, !adopt { try await checkGraph(graph) }
        guard let redis else {
            return try await Coordinator.withCoordinator(sqlite: database, graph: graph, body)
        }
        let address = try RedisAddress(redis)
        return try await RedisPool.withPool(to: address.endpoint, configuration: address.configuration) { pool in
            // Recovery would go on without Redis; who asks for it here wants to know that it is there.
            try await pool.ping()
            if !adopt { try await checkRedis(pool, address.name) }
            return try await Coordinator.withCoordinator(sqlite: database, graph: graph, redis: pool, body)
        }
    }

    private func checkThere(_ path: String, _ kind: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw ConfigurationError(description: "There is no \(kind) at \(path). Check the path.")
        }
    }

    /// Opening writes: so the database has to be Trivet's, or the user has to say that it may become so.
    private func check(_ path: String) async throws {
        try checkThere(path, "SQLite database")
        guard !adopt else { return }
        var configuration = SQLitePoolConfiguration()
        configuration.isReadOnly = true
        let pool = try await SQLitePool.open(at: path, configuration: configuration)
        let isOurs: Bool
        do {
            isOurs = try await pool.read { try $0.tableExists(StoreMarks.sqliteTable) }
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
        guard isOurs else { throw notOurs(path) }
    }

    private func checkGraph(_ path: String) async throws {
        try checkThere(path, "graph")
        let tables = try await GraphDatabase.withDatabase(at: path) { database in
            try await database.withSession { try await $0.query("CALL show_tables() RETURN name", as: String.self) }
        }
        guard tables.isEmpty || tables.contains(StoreMarks.graphTable) else { throw notOurs(path) }
    }

    /// An empty one is that of a server that has lost its data, which is recovered.
    private func checkRedis(_ redis: RedisPool, _ address: String) async throws {
        let isOurs = try await redis.exists(StoreMarks.redisKey)
        let isEmpty = try await redis.dbsize() == 0
        guard isOurs || isEmpty else { throw notOurs("Redis at \(address)") }
    }

    private func notOurs(_ store: String) -> ConfigurationError {
        ConfigurationError(
            description: """
                \(store) was never coordinated by Trivet, and opening it would write into it. Nothing was written. \
                Give --adopt if it may.
                """)
    }
}
