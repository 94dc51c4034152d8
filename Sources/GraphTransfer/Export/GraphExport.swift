import Foundation
import GraphClient

/// Writes a graph into a folder: its schema and all its rows, in a form that both engines can be filled from.
package struct GraphExport: Sendable {
    private let folder: ExportFolder
    private let observer: TransferObserver

    /// - Parameters:
    ///   - folder: must not be there yet, or be empty.
    ///   - observer: is told of progress.
    package init(to folder: String, observer: @escaping TransferObserver = { _ in }) {
        self.folder = ExportFolder(folder)
        self.observer = observer
    }

    /// Exports all of the graph, and leaves nothing behind where that fails. Nothing in the graph is changed.
    ///
    /// - Throws: ``TransferError``, `GraphError`, or `CancellationError`.
    package func run(_ database: GraphDatabase) async throws -> ExportManifest {
        let unfinished = try folder.begin()
        do {
            let (observer, engine) = (observer, database.engine)
            let manifest = try await database.withSession { session in
                try await session.run { connection in
                    try Self.export(connection, engine, to: unfinished, observer)
                }
            }
            try folder.finish(manifest)
            return manifest
        } catch {
            folder.abandon()
            throw error
        }
    }

    private static func export(
        _ connection: GraphConnection, _ engine: GraphEngine, to folder: String, _ observer: TransferObserver
    ) throws -> ExportManifest {
        let (schema, remarks) = try SchemaReader(connection: connection, engine: engine, scratch: folder).read()
        let parts = try TablePart.all(of: schema).enumerated().map { index, part in
            let file = "\(part.folderName)-\(index + 1).jsonl"
            return try export(part, connection, to: folder, file, observer)
        }
        return ExportManifest(
            source: ExportManifest.Source(engine: engine.kind.rawValue, version: engine.version), schema: schema,
            parts: parts, remarks: remarks)
    }

    private static func export(
        _ part: TablePart, _ connection: GraphConnection, to folder: String, _ file: String,
        _ observer: TransferObserver
    ) throws -> ExportedPart {
        let content = try PartContent(part, connection)
        var writer = try PartFileWriter(folder + "/" + file)
        let digest = try content.read(step: "exporting", observer) { try writer.write($0) }
        // Before its length is asked, since it writes the rest.
        let sha256 = try writer.finish()
        return ExportedPart(
            file: file, title: part.title, columns: part.columns, rows: digest.rows, bytes: writer.bytes,
            sha256: sha256, content: digest.text)
    }
}

extension TablePart {
    /// What its file's name begins with.
    fileprivate var folderName: String {
        switch self {
        case .nodes: "nodes"
        case .relationships: "relationships"
        }
    }
}
