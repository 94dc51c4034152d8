import Foundation
import GraphClient

/// Makes a graph of an export, compares it with what was exported, and only then gives it its name.
package struct GraphImport: Sendable {
    private let folder: ExportFolder
    private let target: ImportTarget
    private let engine: GraphEngine
    private let configuration: GraphDatabase.Configuration
    private let observer: TransferObserver

    /// - Parameters:
    ///   - folder: what an export has made.
    ///   - path: where the graph shall be; nothing may be there.
    package init(
        from folder: String, to path: String, engine: GraphEngine,
        configuration: GraphDatabase.Configuration = .forTransfers, observer: @escaping TransferObserver = { _ in }
    ) {
        self.folder = ExportFolder(folder)
        target = ImportTarget(path)
        self.engine = engine
        self.configuration = configuration
        self.observer = observer
    }

    /// Imports all of it, or leaves nothing behind.
    ///
    /// - Throws: ``TransferError``, `GraphError`, or `CancellationError`.
    package func run() async throws -> ExportManifest {
        let manifest = try folder.manifest()
        try target.check()
        try check(manifest)
        let unfinished = try target.begin()
        do {
            try await GraphDatabase.withDatabase(at: unfinished, engine: engine, configuration: configuration) {
                database in
                try await fill(database, with: manifest)
                try await GraphComparison(observer: observer).check(database, against: manifest, in: folder)
            }
            try target.finish()
            return manifest
        } catch {
            target.abandon()
            throw error
        }
    }

    private func check(_ manifest: ExportManifest) throws {
        guard TablePart.all(of: manifest.schema).count == manifest.parts.count else {
            throw TransferError(
                .damaged, "The manifest of \(folder.path) names other files than its schema has tables.",
                remedy: "Export the graph again.")
        }
        try folder.check(manifest, observer)
    }

    private func fill(_ database: GraphDatabase, with manifest: ExportManifest) async throws {
        let (folder, engine, observer) = (folder.path, engine, observer)
        try await database.withSession { session in
            try await session.run { connection in
                for statement in SchemaStatements(schema: manifest.schema).all { try connection.execute(statement) }
            }
            for (part, file) in zip(TablePart.all(of: manifest.schema), manifest.parts) {
                try await session.run { connection in
                    var loader = try PartLoader(part, file, in: folder, connection, engine, observer)
                    while try loader.loadBatch() {
                        if database.logSize > Self.longestLog { try connection.checkpointUnguarded() }
                    }
                }
            }
            try await session.run { try $0.checkpointUnguarded() }
        }
    }

    /// What is not in the file is in memory, some more than the log's length.
    private static let longestLog = 96 << 20
}

extension GraphDatabase.Configuration {
    /// For moving whole graphs: room for what is written between two checkpoints, and for a page of what is read.
    package static var forTransfers: GraphDatabase.Configuration {
        var configuration = GraphDatabase.Configuration()
        configuration.bufferPoolSize = 512 << 20
        return configuration
    }
}
