import Foundation
import GraphClient

/// Compares a graph with an export: schema, counts and content, read from the graph.
package struct GraphComparison: Sendable {
    private let observer: TransferObserver

    /// - Parameter observer: is told of progress.
    package init(observer: @escaping TransferObserver = { _ in }) {
        self.observer = observer
    }

    /// What is different, in words; empty when all is the same.
    ///
    /// - Parameter folder: what an export has made.
    package func differences(of database: GraphDatabase, from folder: String) async throws -> [String] {
        let folder = ExportFolder(folder)
        return try await differences(of: database, from: folder.manifest(), in: folder)
    }

    func check(_ database: GraphDatabase, against manifest: ExportManifest, in folder: ExportFolder) async throws {
        let found = try await differences(of: database, from: manifest, in: folder)
        guard found.isEmpty else {
            throw TransferError(
                .different, "The imported graph is not what was exported: \(found.joined(separator: "; ")).",
                remedy: "Nothing was left behind. Report this as a defect, with the export.")
        }
    }

    private func differences(
        of database: GraphDatabase, from manifest: ExportManifest, in folder: ExportFolder
    ) async throws -> [String] {
        let (observer, engine) = (observer, database.engine)
        return try await TemporaryFolder.with { scratch in
            try await database.withSession { session in
                try await session.run { connection in
                    let reader = SchemaReader(connection: connection, engine: engine, scratch: scratch)
                    let schema = try reader.read().schema
                    let found = schema.differences(from: manifest.schema)
                    guard found.isEmpty else { return found }
                    return try zip(TablePart.all(of: schema), manifest.parts).compactMap { part, exported in
                        let content = try PartContent(part, connection).read(step: "comparing", observer)
                        if content.rows != exported.rows {
                            return "\(part.title) has \(content.rows) rows, and \(exported.rows) were exported"
                        }
                        guard content.text != exported.content else { return nil }
                        let example = try Self.example(part, connection, folder.path + "/" + exported.file)
                        return "the \(content.rows) rows of \(part.title) are not those that were exported\(example)"
                    }
                }
            }
        }
    }
}

extension GraphComparison {
    /// The first row that was exported and is not there, beside the first one that is there and was not exported; nothing for so many rows
    /// that it would take too much memory.
    private static func example(_ part: TablePart, _ connection: GraphConnection, _ file: String) throws -> String {
        let reader = RowReader(connection: connection, part: part)
        guard try reader.count() <= 100_000 else { return "" }
        var counts: [[UInt8]: Int] = [:]
        var exported = try PartFileReader(file)
        while let line = try exported.next() { counts[line, default: 0] += 1 }
        try reader.forEach { counts[$0, default: 0] -= 1 }
        func first(_ isWanted: (Int) -> Bool) -> String {
            let row =
                counts.filter { isWanted($0.value) }.keys.map { String(decoding: $0, as: UTF8.self) }.min() ?? "none"
            return row.count > 2_000 ? row.prefix(2_000) + "…" : row
        }
        return ", such as \(first { $0 > 0 }) in place of \(first { $0 < 0 })"
    }
}

/// A folder for the length of a call.
private enum TemporaryFolder {
    static func with<Value: Sendable>(_ body: (String) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trivet-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder.path)
    }
}

extension GraphSchema {
    /// In words. Where a sequence began is not compared: one that was imported began where the exported one was.
    func differences(from other: GraphSchema) -> [String] {
        func different<Item: Equatable>(_ kind: String, _ mine: [Item], _ others: [Item], _ name: (Item) -> String)
            -> [String]
        {
            let names = Set(mine.map(name)).union(others.map(name)).sorted()
            return names.filter { name_ in
                mine.first { name($0) == name_ } != others.first { name($0) == name_ }
            }.map { "the \(kind) \($0) is not the same" }
        }
        return different("table", nodes, other.nodes, \.name)
            + different("table", relationships, other.relationships, \.name)
            + different("sequence", sequences.map(\.goingOn), other.sequences.map(\.goingOn), \.name)
            + different("macro", macros, other.macros) { $0 }
    }
}

extension GraphSchema.Sequence {
    fileprivate var goingOn: GraphSchema.Sequence {
        var sequence = self
        if sequence.lastValue != nil { sequence.start = 0 }
        return sequence
    }
}
