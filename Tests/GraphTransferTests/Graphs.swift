import Foundation
import GraphClient
import LocalEngines

@testable import GraphTransfer

/// From one engine to another, and from each to itself.
struct Direction: Sendable, CustomStringConvertible, CaseIterable {
    var from: GraphEngine.Kind
    var to: GraphEngine.Kind
    var description: String { "\(from.rawValue) to \(to.rawValue)" }

    static var allCases: [Direction] {
        GraphEngine.Kind.allCases.flatMap { from in GraphEngine.Kind.allCases.map { Direction(from: from, to: $0) } }
    }
}

extension GraphDatabase {
    /// Opens a database with an engine of this kind, for as long as `body` uses a session of it.
    static func with<Value: Sendable>(
        _ kind: GraphEngine.Kind, _ path: String, _ body: @Sendable (GraphConnection) throws -> Value
    ) async throws -> Value {
        try await withDatabase(at: path, engine: try GraphEngine.load(kind), configuration: .forTransfers) { database in
            try await database.withSession { try await $0.run(body) }
        }
    }
}

/// Exports and imports as a user would, from file to file.
struct Mover {
    let folder: TemporaryDirectory
    var source: String { folder.path(of: "source") }
    var export: String { folder.path(of: "export") }
    var target: String { folder.path(of: "target") }

    func export(_ kind: GraphEngine.Kind, observer: @escaping TransferObserver = { _ in }) async throws
        -> ExportManifest
    {
        try await GraphDatabase.withDatabase(
            at: source, engine: try GraphEngine.load(kind), configuration: .forTransfers
        ) { database in
            try await GraphExport(to: export, observer: observer).run(database)
        }
    }

    func `import`(_ kind: GraphEngine.Kind, observer: @escaping TransferObserver = { _ in }) async throws {
        _ = try await GraphImport(from: export, to: target, engine: try GraphEngine.load(kind), observer: observer)
            .run()
    }

    /// The names of what is in the folder, locks aside.
    var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasSuffix(".lock") }.sorted()
        }
    }
}

/// What an operation throws, as a text; an empty one when it throws nothing.
func failure(_ body: () async throws -> Void) async -> String {
    do {
        try await body()
        return ""
    } catch {
        return "\(error)"
    }
}
