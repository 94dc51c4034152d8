import GraphClient
import LocalEngines
import Measurement

/// The process whose memory is measured, since in another one somebody else's would count too: it opens a graph, makes connections, and writes.
package struct MemoryProcess: Sendable {
    /// When memory is measured.
    enum Moment: String, CaseIterable {
        /// A database is open, with a buffer pool of the default size.
        case opened
        /// Fifty sessions have read something.
        case connected
        /// 100 000 nodes have been written.
        case written
        /// And moved into the file.
        case checkpointed
    }

    /// The tool's subcommand for it.
    package static let command = "memory-process"

    private static let (sessions, rows) = (50, 100_000)
    private let kind: GraphEngine.Kind

    package init(_ kind: GraphEngine.Kind) {
        self.kind = kind
    }

    /// - Parameter tell: is told each moment with the bytes that the engine has brought into memory, as ``bytes(_:)`` reads them.
    package func run(tell: (String) -> Void) async throws {
        let engine = try GraphEngine.load(kind)
        let before = ProcessMemory.resident()
        func note(_ moment: Moment) { tell("\(moment.rawValue) \(ProcessMemory.resident() - before)") }
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph"), engine: engine) { database in
                note(.opened)
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE Item(id INT64 PRIMARY KEY, name STRING)")
                    try await session.execute("CREATE (:Item {id: -1, name: 'first'})")
                }
                try await withSessions(Self.sessions, of: database) { note(.connected) }
                try await database.withSession { session in
                    for first in stride(from: 0, to: Self.rows, by: 1_000) {
                        let rows = GraphParameters.rows(first..<(first + 1_000)) { ["id": $0, "name": "item \($0)"] }
                        try await session.execute(
                            "UNWIND $rows AS r CREATE (:Item {id: r.id, name: r.name})", ["rows": rows])
                    }
                }
                note(.written)
                try await database.checkpoint()
                note(.checkpointed)
            }
        }
    }

    private func withSessions(_ count: Int, of database: GraphDatabase, _ body: () -> Void) async throws {
        guard count > 0 else { return body() }
        try await database.withSession { session in
            _ = try await session.query("MATCH (i:Item {id: $id}) RETURN i.name", ["id": -1])
            try await withSessions(count - 1, of: database, body)
        }
    }

    /// What a line tells; nil for a line that tells nothing of that moment.
    static func bytes(_ moment: Moment, in line: String) -> Int? {
        let words = line.split(separator: " ")
        return words.count == 2 && words[0] == moment.rawValue ? Int(words[1]) : nil
    }
}
