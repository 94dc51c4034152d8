import Foundation
import GraphClient
import GraphTransfer
import LoadTesting

/// A graph that is there, as the command line names it: its file, or the folder of a run with --data.
struct GraphPlace {
    let path: String
    let engine: GraphEngine

    /// - Throws: ``ConfigurationError`` where there is no graph; what loading its engine throws.
    init(_ argument: String, engine chosen: GraphEngine.Kind?) throws {
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder)
        path = isFolder.boolValue ? argument + "/" + DataFolder.graph : argument
        guard isThere, FileManager.default.fileExists(atPath: path) else {
            throw ConfigurationError(description: "There is no graph at \(path). Check the path.")
        }
        // Whoever made it is the only one that can read it.
        engine = try GraphEngine.load(chosen ?? GraphDatabase.maker(ofDatabaseAt: path))
    }

    func with<Value: Sendable>(_ body: (GraphDatabase) async throws -> Value) async throws -> Value {
        try await GraphDatabase.withDatabase(at: path, engine: engine, configuration: .forTransfers) {
            try await body($0)
        }
    }

    /// What a folder that was named stands for.
    static func new(_ argument: String) throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder), isFolder.boolValue else {
            return argument
        }
        return argument + "/" + DataFolder.graph
    }
}
