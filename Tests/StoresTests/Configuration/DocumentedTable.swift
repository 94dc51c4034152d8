import Foundation

/// The rows of the first table after a heading of a chapter.
struct DocumentedTable {
    let rows: [String]

    init(in chapter: String, after heading: String) throws {
        let lines = try Self.text(of: chapter).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let start = lines.firstIndex(of: heading).map { $0 + 1 } ?? lines.endIndex
        let table = lines[start...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
        // Head and rule.
        rows = Array(table.dropFirst(2))
    }

    static func text(of chapter: String) throws -> String {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return try String(contentsOf: root.appendingPathComponent("Documentation/\(chapter)"), encoding: .utf8)
    }
}
