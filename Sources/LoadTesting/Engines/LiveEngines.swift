import FaultInjection
import Foundation
import GraphClient
import LocalEngines
import Metrics
import RedisClient
import Stores
import Threads
import Transactions

/// The three engines of a run: private ones, which nobody else uses and which are gone afterwards.
package struct LiveEngines: Sendable {
    /// SQLite and the graph belong to it; their pools are `sqlite` and `graph`.
    package let coordinator: Coordinator
    package let graph: GraphPool
    package let redis: RedisPool
    package let server: RedisServer
    /// What stands before Redis, when the run is to break the network; nil for nothing.
    package var proxy: FaultProxy?
    /// Where the stores are.
    package let folder: String

    package var sqlite: SQLitePool { coordinator.sqlite }

    /// The versions in use.
    package let versions: RunResult.Engines

    /// How the engines are set up beyond their defaults.
    package struct Options: Sendable, Hashable {
        /// Whether clients reach Redis through a proxy that can break the network.
        package var hasProxy = false
        /// Whether Redis has an append-only file even in a temporary folder, so that it comes back with its data.
        package var keepsRedis = false
        /// Of the proxy's delays.
        package var seed: UInt64 = 42

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
        do {
            try await onThread("trivet-folder") {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
        } catch {
            throw DataFolderError(folder: folder, reason: error.localizedDescription)
        }
        return try await open(in: folder, isKept: true, options, body)
    }

    private static func open<T: Sendable>(
        in folder: String, isKept: Bool, _ options: Options, _ body: (LiveEngines) async throws -> T
    ) async throws -> T {
        // The libraries first: it takes a moment to see that one is missing, and nothing has to be undone.
        let engine = try await onThread("trivet-graph-load") { try GraphEngine.load() }
        var redis = RedisServer.Configuration(folder: isKept ? folder + "/redis" : nil)
        if options.keepsRedis { redis.appendOnly = .everySecond }
        return try await RedisServer.withServer(redis) { server in
            guard options.hasProxy else {
                return try await open(in: folder, engine: engine, server, server.endpoint, proxy: nil, body)
            }
            return try await FaultProxy.withProxy(to: .unixSocket(path: server.controlSocket), seed: options.seed) {
                proxy in
                try await open(
                    in: folder, engine: engine, server, .tcp(host: "127.0.0.1", port: proxy.port), proxy: proxy, body)
            }
        }
    }

    private static func open<T: Sendable>(
        in folder: String, engine: GraphEngine, _ server: RedisServer, _ endpoint: RedisEndpoint, proxy: FaultProxy?,
        _ body: (LiveEngines) async throws -> T
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
                guard let graph = coordinator.graph else { throw CancellationError() }
                let versions = RunResult.Engines(
                    sqlite: try await SQLitePool.libraryVersion(), kuzu: engine.version, redis: server.version)
                result = .success(
                    try await body(
                        LiveEngines(
                            coordinator: coordinator, graph: graph, redis: redis, server: server, proxy: proxy,
                            folder: folder, versions: versions)))
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
            sqlite: folder + "/records.sqlite", graph: folder + "/graph.kuzu", redis: redis,
            sqliteConfiguration: sqlite,
            graphConfiguration: graph)
    }
}

/// The folder for the stores can't be used.
package struct DataFolderError: Error, Sendable, CustomStringConvertible {
    let folder: String
    let reason: String

    /// What is wrong, and the remedy.
    package var description: String { "Can't use the data folder \(folder): \(reason) Choose another one with --data." }
}
