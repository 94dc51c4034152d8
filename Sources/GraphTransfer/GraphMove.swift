import Foundation
import GraphClient

/// Exports a graph and imports it elsewhere, with a folder between the two that is gone afterwards.
package struct GraphMove: Sendable {
    private let path: String
    private let engine: GraphEngine
    private let observer: TransferObserver

    /// - Parameters:
    ///   - path: where the new graph shall be; nothing may be there.
    ///   - engine: what makes the new graph.
    package init(to path: String, engine: GraphEngine, observer: @escaping TransferObserver = { _ in }) {
        self.path = path
        self.engine = engine
        self.observer = observer
    }

    /// Moves all of it, or leaves nothing behind.
    ///
    /// - Parameter open: opens the graph that is read, for the length of its argument.
    package func run(
        _ open: ((GraphDatabase) async throws -> ExportManifest) async throws -> ExportManifest
    ) async throws -> ExportManifest {
        // Before minutes of work.
        let target = ImportTarget(path)
        try target.check()
        // Beside the new graph: where it has room, this has some as well.
        let folder = target.path + ".moving"
        _ = try await open { try await GraphExport(to: folder, observer: observer).run($0) }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await GraphImport(from: folder, to: path, engine: engine, observer: observer).run()
    }
}
