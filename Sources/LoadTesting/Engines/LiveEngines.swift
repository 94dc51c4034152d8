import Foundation
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Threads

/// The three engines of a run: private ones, which nobody else uses and which are gone afterwards.
package struct LiveEngines: Sendable {
    package let sqlite: SQLitePool
    package let graph: GraphDatabase
    package let redis: RedisServer

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
            try await GraphDatabase.withDatabase(at: folder + "/graph.kuzu", engine: engine) { graph in
                let sqlite = try await SQLitePool.open(at: folder + "/records.sqlite")
                let versions = RunResult.Engines(
                    sqlite: try await SQLitePool.libraryVersion(), kuzu: engine.version, redis: server.version)
                let engines = LiveEngines(sqlite: sqlite, graph: graph, redis: server, versions: versions)
                let result: T
                do {
                    result = try await body(engines)
                } catch {
                    await sqlite.shutdown()
                    throw error
                }
                await sqlite.shutdown()
                return result
            }
        }
    }
}

/// The folder for the stores can't be used.
package struct DataFolderError: Error, Sendable, CustomStringConvertible {
    let folder: String
    let reason: String

    /// What is wrong, and the remedy.
    package var description: String { "Can't use the data folder \(folder): \(reason) Choose another one with --data." }
}
