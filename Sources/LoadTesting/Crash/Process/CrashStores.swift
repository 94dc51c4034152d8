import GRDB
import GraphClient
import Logging
import RedisClient
import Stores
import Transactions

/// The stores of a crash test, as the process under test and the one that checks it open them.
package struct CrashStores: Sendable {
    /// What kinds of stores there are, so that every part of the protocol is met.
    package enum Kind: String, Sendable, CaseIterable {
        /// All three; the journal keeps everything, so that Redis may lose all it has.
        case kept
        /// All three; the journal is trimmed as soon as it may be.
        case trimmed
        /// Without a graph; the journal is trimmed as soon as it may be.
        case withoutGraph

        var hasGraph: Bool { self != .withoutGraph }
        var isTrimmed: Bool { self != .kept }
    }

    let folder: String
    /// The Unix socket of redis-server.
    let socket: String
    let kind: Kind

    package init(folder: String, socket: String, kind: Kind) {
        self.folder = folder
        self.socket = socket
        self.kind = kind
    }

    /// Opens and recovers them for the length of `body`.
    func withCoordinator<Value: Sendable>(
        _ body: (Coordinator, RedisPool) async throws -> Value
    ) async throws -> Value {
        var redis = RedisPoolConfiguration()
        redis.pool.minimumSize = 1
        redis.pool.maximumSize = 8
        // Redis is killed too, and is back soon.
        redis.pool.connectBackOff = .milliseconds(5)
        redis.pool.maximumConnectBackOff = .milliseconds(50)
        redis.connection.commandTimeout = .seconds(2)
        var sqlite = SQLitePoolConfiguration()
        sqlite.minimumConnections = 1
        sqlite.maximumConnections = 4
        var graph = GraphPoolConfiguration()
        graph.minimumConnections = 1
        graph.maximumConnections = 4
        graph.database.bufferPoolSize = 64 << 20
        graph.database.maxThreads = 2
        let (sqliteConfiguration, graphConfiguration) = (sqlite, graph)
        return try await RedisPool.withPool(to: .unixSocket(path: socket), configuration: redis) { redis in
            let coordinator = try await Coordinator.open(
                sqlite: folder + "/records.sqlite", graph: kind.hasGraph ? folder + "/graph.db" : nil, redis: redis,
                configuration: configuration, sqliteConfiguration: sqliteConfiguration,
                graphConfiguration: graphConfiguration, logger: Logger(label: "trivet.crash"))
            let result: Result<Value, any Error>
            do {
                result = .success(try await body(coordinator, redis))
            } catch {
                result = .failure(error)
            }
            await coordinator.closeAll()
            return try result.get()
        }
    }

    private var configuration: CoordinatorConfiguration {
        var configuration = CoordinatorConfiguration()
        configuration.firstPause = .milliseconds(2)
        configuration.longestPause = .milliseconds(20)
        configuration.managedKeys = ["crash:*"]
        if kind.isTrimmed {
            configuration.journalRetention = .zero
            configuration.trimInterval = 5
            // Checkpoints too, or with a graph nothing could be trimmed.
            configuration.graphCheckpoints.transactions = 20
        }
        return configuration
    }

    /// Makes the tables that are not there yet; a process may have been killed half-way through.
    func prepare(_ coordinator: Coordinator) async throws {
        try await coordinator.sqlite.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS log (position INTEGER PRIMARY KEY, unit INTEGER NOT NULL UNIQUE);
                    CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, value INTEGER NOT NULL);
                    CREATE TABLE IF NOT EXISTS links (a INTEGER, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
                    CREATE TABLE IF NOT EXISTS places (id INTEGER PRIMARY KEY, tags TEXT NOT NULL);
                    CREATE TABLE IF NOT EXISTS paths (a INTEGER, b INTEGER, weight INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
                    CREATE TABLE IF NOT EXISTS counters (id INTEGER PRIMARY KEY, value INTEGER NOT NULL);
                    """)
        }
        guard let graph = coordinator.graph else { return }
        let tables = try await graph.query("CALL show_tables() RETURN name").decode(String.self)
        guard !tables.contains("Path") else { return }
        try await graph.withWriter { session in
            for statement in [
                "NODE TABLE IF NOT EXISTS Entry(position INT64 PRIMARY KEY, unit INT64)",
                "NODE TABLE IF NOT EXISTS Item(id INT64 PRIMARY KEY, value INT64)",
                "NODE TABLE IF NOT EXISTS Counter(id INT64 PRIMARY KEY, value INT64)",
                "REL TABLE IF NOT EXISTS Link(FROM Item TO Item)",
                "NODE TABLE IF NOT EXISTS Place(id INT64 PRIMARY KEY, tags INT64[])",
            ] {
                try await session.execute("CREATE \(statement)")
            }
            let made = try await session.query("MATCH (p:Place) RETURN count(*)").scalar(Int.self)
            for place in made / Self.spacing..<CrashUnit.places {
                try await session.execute(
                    "UNWIND range(0, $last) AS i CREATE (:Place {id: i * $many + $place})",
                    ["last": Self.spacing - 1, "many": CrashUnit.places, "place": place])
            }
            try await session.execute("CREATE REL TABLE IF NOT EXISTS Path(FROM Place TO Place, weight INT64)")
        }
    }

    /// The engine keeps relationships by regions of 1 024 nodes of either end, and its checkpoints have lost those of one
    /// whose neighbours had none left: with so many nodes for each place that units use, each is in a region of its own.
    private static let spacing = 1_100

    /// What a row of SQLite is in the other stores.
    var mappings: StoreMappings {
        let node = NodeMapping(label: "Item", properties: ["value"])
        let end = { RelationshipMapping.End(label: "Item", key: ["id": $0]) }
        let item = StoreMapping(
            table: "items", graph: kind.hasGraph ? .node(node) : nil,
            cache: CacheMapping(key: "crash:item:{id}", value: .string("value")))
        let link = StoreMapping(
            table: "links", graph: .relationship(RelationshipMapping(type: "Link", from: end("a"), to: end("b"))))
        return StoreMappings(kind.hasGraph ? [item, link] : [item])
    }
}
