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
    /// Where the stores are.
    package let folder: String

    package var sqlite: SQLitePool { coordinator.sqlite }

    /// The versions in use.
    package let versions: RunResult.Engines

    /// Starts and opens the engines for the length of `body`.
    /// - Parameter folder: where they keep their data; nil for a temporary folder, which is removed afterwards.
    /// - Throws: what the engines' clients throw, and what `body` throws.
    package static func withEngines<T: Sendable>(
        folder: String?, _ body: (LiveEngines) async throws -> T
    ) async throws -> T {
        guard let folder else {
            return try await TemporaryDirectory.withDirectory { try await open(in: $0.path, isKept: false, body) }
        }
        do {
            try await onThread("trivet-folder") {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
        } catch {
            throw DataFolderError(folder: folder, reason: error.localizedDescription)
        }
        return try await open(in: folder, isKept: true, body)
    }

    private static func open<T: Sendable>(
        in folder: String, isKept: Bool, _ body: (LiveEngines) async throws -> T
    ) async throws -> T {
        // The libraries first: it takes a moment to see that one is missing, and nothing has to be undone.
        let engine = try await onThread("trivet-graph-load") { try GraphEngine.load() }
        let redis = RedisServer.Configuration(folder: isKept ? folder + "/redis" : nil)
        return try await RedisServer.withServer(redis) { server in
            var pool = RedisPoolConfiguration()
            // Room for all users of a stress at once; connections are opened as they are needed.
            pool.pool.maximumSize = 128
            return try await RedisPool.withPool(
                to: server.endpoint, configuration: pool, observers: PoolMetrics.observers(MetricsSystem.factory)
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
                                coordinator: coordinator, graph: graph, redis: redis, server: server, folder: folder,
                                versions: versions)))
                } catch {
                    result = .failure(error)
                }
                await coordinator.closeAll()
                return try result.get()
            }
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
