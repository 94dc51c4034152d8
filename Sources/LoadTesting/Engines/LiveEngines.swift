import FaultInjection
import Foundation
import GraphClient
import LocalEngines
import Metrics
import RedisClient
import Stores
import Threads
import Transactions

/// The engines of a run: private ones, which nobody else uses and which are gone afterwards, or a user's own.
package struct LiveEngines: Sendable {
    package let stores: RunStores
    /// The redis-server that belongs to the run; nil where it is a user's own.
    package let privateServer: RedisServer?
    /// What stands before Redis, when the run is to break the network; nil for nothing.
    package var proxy: FaultProxy?
    /// The process in which the stores are open, where it is not this one; then `stores` has none.
    package var worker: Worker?
    /// How a user's own Redis is reached without a pool and without a proxy; nil for a server of the run's own.
    var ownRedis: RedisAccess?
    /// The versions in use.
    package let versions: EngineVersions

    // What private engines have. Only files run on a user's own stores, and these ask `stores`.

    /// SQLite and the graph belong to it; their pools are `sqlite` and `graph`.
    package var coordinator: Coordinator { present(stores.coordinator) }
    package var sqlite: SQLitePool { present(stores.sqlite) }
    package var graph: GraphPool { present(stores.graph) }
    package var redis: RedisPool { present(stores.redis) }
    package var server: RedisServer { present(privateServer) }

    /// How Redis is reached without a pool, and past the proxy.
    func directRedis() throws -> RedisAccess {
        if let access = ownRedis ?? privateServer.map({ RedisAccess(endpoint: $0.endpoint) }) { return access }
        throw WrongAnswer(description: "this run has no Redis")
    }

    private func present<Engine>(_ engine: Engine?) -> Engine {
        guard let engine else { preconditionFailure("a programmed scenario runs on private engines only") }
        return engine
    }

    /// How the engines are set up beyond their defaults.
    package struct Options: Sendable, Hashable {
        /// Whether clients reach Redis through a proxy that can break the network.
        package var hasProxy = false
        /// Whether Redis has an append-only file even in a temporary folder, so that it comes back with its data.
        package var keepsRedis = false
        /// Of the proxy's delays.
        package var seed: UInt64 = 42
        /// Whether stores that Trivet has not made may be written.
        package var adopts = false
        /// The process that has the stores open and does the operations; nil for this one.
        package var worker: Worker.Plan?

        /// The defaults that stand at each property.
        package init() {}
    }

    /// Starts and opens the engines for the length of `body`.
    /// - Parameter folder: where they keep their data; nil for a temporary folder, which is removed afterwards.
    /// - Throws: what the engines' clients throw, and what `body` throws.
    package static func withEngines<T: Sendable>(
        folder: String?, options: Options = Options(), _ body: (LiveEngines) async throws -> T
    ) async throws -> T {
        guard let folder else {
            return try await TemporaryDirectory.withDirectory {
                try await open(in: $0.path, isKept: false, options, body)
            }
        }
        try await onThread("trivet-folder") { try DataFolder.claim(folder, adopts: options.adopts) }
        return try await open(in: folder, isKept: true, options, body)
    }

    private static func open<T: Sendable>(
        in folder: String, isKept: Bool, _ options: Options, _ body: (LiveEngines) async throws -> T
    ) async throws -> T {
        // The libraries first: it takes a moment to see that one is missing, and nothing has to be undone.
        let engine = try await loadEngine(forGraphAt: "\(folder)/\(DataFolder.graph)")
        var redis = RedisServer.Configuration(folder: isKept ? "\(folder)/\(DataFolder.redis)" : nil)
        if options.keepsRedis { redis.appendOnly = .everySecond }
        return try await RedisServer.withServer(redis) { server in
            guard options.hasProxy else {
                return try await open(
                    in: folder, engine: engine, server, server.endpoint, proxy: nil, options.worker, body)
            }
            return try await FaultProxy.withProxy(to: .unixSocket(path: server.controlSocket), seed: options.seed) {
                proxy in
                try await open(
                    in: folder, engine: engine, server, .tcp(host: "127.0.0.1", port: proxy.port), proxy: proxy,
                    options.worker, body)
            }
        }
    }

    private static func open<T: Sendable>(
        in folder: String, engine: GraphEngine, _ server: RedisServer, _ endpoint: RedisEndpoint, proxy: FaultProxy?,
        _ worker: Worker.Plan?, _ body: (LiveEngines) async throws -> T
    ) async throws -> T {
        let versions = EngineVersions(
            sqlite: try await SQLitePool.libraryVersion(), graph: engine, redis: server.version)
        guard let worker else {
            return try await withStores(in: folder, engine: engine, redis: endpoint) { stores in
                try await body(LiveEngines(stores: stores, privateServer: server, proxy: proxy, versions: versions))
            }
        }
        return try await Worker.withWorker(worker, folder: folder, redis: endpoint) { worker in
            try await body(
                LiveEngines(
                    stores: RunStores(), privateServer: server, proxy: proxy, worker: worker, versions: versions))
        }
    }

    /// Opens the stores of a folder, as a worker does; `body` gets them alone.
    static func withStores<T: Sendable>(
        in folder: String, redis: RedisEndpoint, _ body: (LiveEngines) async throws -> T
    ) async throws -> T {
        let engine = try await loadEngine(forGraphAt: "\(folder)/\(DataFolder.graph)")
        return try await withStores(in: folder, engine: engine, redis: redis) { stores in
            try await body(
                LiveEngines(
                    stores: stores, privateServer: nil,
                    versions: EngineVersions(sqlite: nil, graph: engine, redis: nil)))
        }
    }

    private static func withStores<T: Sendable>(
        in folder: String, engine: GraphEngine, redis endpoint: RedisEndpoint, _ body: (RunStores) async throws -> T
    ) async throws -> T {
        var pool = RedisPoolConfiguration()
        // Room for all users of a stress at once; connections are opened as they are needed.
        pool.pool.maximumSize = 128
        return try await RedisPool.withPool(
            to: endpoint, configuration: pool, observers: PoolMetrics.observers(MetricsSystem.factory)
        ) { redis in
            let coordinator = try await openCoordinator(in: folder, engine: engine, redis: redis)
            let result: Result<T, any Error>
            do {
                result = .success(
                    try await body(
                        RunStores(
                            sqlite: coordinator.sqlite, graph: coordinator.graph, redis: redis,
                            coordinator: coordinator)))
            } catch {
                result = .failure(error)
            }
            await coordinator.closeAll()
            return try result.get()
        }
    }

    private static func openCoordinator(
        in folder: String, engine: GraphEngine, redis: RedisPool
    ) async throws -> Coordinator {
        var sqlite = SQLitePoolConfiguration()
        sqlite.maximumConnections = 40
        var graph = GraphPoolConfiguration()
        graph.maximumConnections = 60
        // Three times the connections of the defaults run three times the queries at once, each with its pages.
        graph.database.bufferPoolSize = 384 << 20
        return try await Coordinator.open(
            sqlite: "\(folder)/\(DataFolder.database)", graph: "\(folder)/\(DataFolder.graph)", redis: redis,
            sqliteConfiguration: sqlite,
            graphConfiguration: graph, graphEngine: engine)
    }

    static func loadEngine(forGraphAt path: String) async throws -> GraphEngine {
        try await onThread("trivet-graph-load") { try GraphEngine.load(forDatabaseAt: path) }
    }
}

/// How a connection to Redis is made.
struct RedisAccess: Sendable {
    var endpoint: RedisEndpoint
    var configuration = RedisConnection.Configuration()
}

/// The folder for the stores can't be used.
package struct DataFolderError: Error, Sendable, CustomStringConvertible {
    let folder: String
    let reason: String

    /// What is wrong, and the remedy.
    package var description: String {
        "Can't use the data folder \(folder): \(reason) Or choose another one with --data."
    }
}
