import Foundation
import GraphClient
import LocalEngines
import Testing

@testable import GraphTransfer

@Suite("P1: what a move refuses, before anything is written") struct RefusalTests {
    private func withExport(_ body: (Mover) async throws -> Void) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let mover = Mover(folder: folder)
            try await GraphDatabase.with(.kuzu, mover.source) { connection in
                try connection.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY, s STRING)")
                try connection.execute("UNWIND range(1, 2500) AS i CREATE (:T {id: i, s: 'text'})")
            }
            _ = try await mover.export(.kuzu)
            try await body(mover)
        }
    }

    static let graphs: [(statements: [String], words: [String])] = [
        (
            ["CREATE NODE TABLE T(id INT64 PRIMARY KEY, u UNION(a INT64, b INT64)[])"],
            ["T.u", "UNION(a INT64, b INT64)", "which one is in use can't be told"]
        ),
        (
            ["CREATE NODE TABLE T(id SERIAL PRIMARY KEY)", "ALTER TABLE T RENAME TO S"],
            ["S.id", "S_id_serial", "Rename it back"]
        ),
        (["CREATE NODE TABLE T(id INT64 PRIMARY KEY, `a``b` INT64)"], ["property of T", "backtick", "Rename it"]),
    ]

    @Test("P1: a graph with something that can't be carried is refused with its name", arguments: graphs.indices)
    func unsupported(index: Int) async throws {
        let (statements, words) = Self.graphs[index]
        for kind in GraphEngine.Kind.allCases {
            try await TemporaryDirectory.withDirectory { folder in
                let mover = Mover(folder: folder)
                try await GraphDatabase.with(kind, mover.source) { connection in
                    for statement in statements { try connection.execute(statement) }
                }
                let text = await failure { _ = try await mover.export(kind) }
                for word in words { #expect(text.contains(word), "\(text)") }
                #expect(try mover.names == ["source", "source.wal", "source.wal.seal"])
            }
        }
    }

    @Test("P1: what LadybugDB would change is refused with its place, and leaves nothing behind")
    func nullUnion() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let mover = Mover(folder: folder)
            try await GraphDatabase.with(.kuzu, mover.source) { connection in
                try connection.execute(
                    "CREATE NODE TABLE T(id INT64 PRIMARY KEY, s STRUCT(u UNION(a INT64, b STRING)))")
                try connection.execute("CREATE (:T {id: 1, s: {u: cast(NULL AS UNION(a INT64, b STRING))}})")
            }
            _ = try await mover.export(.kuzu)
            let text = await failure { try await mover.import(.ladybug) }
            #expect(text.contains("A row of T") && text.contains("UNION that is NULL"), "\(text)")
            #expect(try mover.names == ["export", "source", "source.wal", "source.wal.seal"])
            try await mover.import(.kuzu)
        }
    }

    @Test("P1: NaN on its way into Kùzu, which would make more of it, is refused with its place (H26)")
    func notANumber() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let mover = Mover(folder: folder)
            try await GraphDatabase.with(.ladybug, mover.source) { connection in
                try connection.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY, x DOUBLE, s STRUCT(y FLOAT[]))")
                try connection.execute(
                    "CREATE (:T {id: $id, x: $x, s: {y: $y}})",
                    ["id": 1, "x": 1.5, "y": GraphValue.list([.float(1), .float(.nan)])])
            }
            _ = try await mover.export(.ladybug)
            let text = await failure { try await mover.import(.kuzu) }
            #expect(text.contains("A row of T has NaN in s"), "\(text)")
            #expect(try mover.names == ["export", "source", "source.wal", "source.wal.seal"])
            try await mover.import(.ladybug)
        }
    }

    @Test("P1: a UNION within another value whose alternative is NULL can't be told, and leaves nothing behind")
    func unknownAlternative() async throws {
        for kind in GraphEngine.Kind.allCases {
            try await TemporaryDirectory.withDirectory { folder in
                let mover = Mover(folder: folder)
                try await GraphDatabase.with(kind, mover.source) { connection in
                    try connection.execute(
                        "CREATE NODE TABLE T(id INT64 PRIMARY KEY, s STRUCT(u UNION(a INT64, b STRING), x INT64))")
                    try connection.execute(
                        "CREATE (:T {id: 1, s: cast({u: NULL, x: 1} AS STRUCT(u UNION(a INT64, b STRING), x INT64))})")
                }
                let text = await failure { _ = try await mover.export(kind) }
                #expect(text.contains("A row of T") && text.contains("whose alternative is NULL"), "\(text)")
                #expect(try mover.names == ["source", "source.wal", "source.wal.seal"])
            }
        }
    }

    @Test("P1: nothing is overwritten: neither a folder, a file, a graph, nor what one has left")
    func taken() async throws {
        try await withExport { mover in
            let folder = await failure { _ = try await mover.export(.kuzu) }
            #expect(folder.contains(mover.export) && folder.contains("not empty"))
            for rest in ["", ".wal", ".checkpoint-copy"] {
                try Data([1]).write(to: URL(fileURLWithPath: mover.target + rest))
                let text = await failure { try await mover.import(.ladybug) }
                #expect(text.contains("\(mover.target)\(rest) is there already"), "\(text)")
                try FileManager.default.removeItem(atPath: mover.target + rest)
            }
            for unfinished in [mover.target + ".importing", mover.folder.path(of: "other.unfinished")] {
                try FileManager.default.createDirectory(atPath: unfinished, withIntermediateDirectories: false)
            }
            let running = await failure { try await mover.import(.ladybug) }
            #expect(running.contains("target.importing is there") && running.contains("delete that folder"))
            let exporting = await failure {
                _ = try await GraphDatabase.withDatabase(
                    at: mover.source, engine: try GraphEngine.load(.kuzu), configuration: .forTransfers
                ) {
                    try await GraphExport(to: mover.folder.path(of: "other")).run($0)
                }
            }
            #expect(exporting.contains("other.unfinished is there"))
            #expect(!FileManager.default.fileExists(atPath: mover.target))
        }
    }

    @Test("P1: an unfinished, changed or newer export is refused, and no graph is made")
    func damaged() async throws {
        try await withExport { mover in
            let rows = URL(fileURLWithPath: mover.export + "/nodes-1.jsonl")
            let manifest = URL(fileURLWithPath: mover.export + "/manifest.json")
            let (goodRows, goodManifest) = (try Data(contentsOf: rows), try Data(contentsOf: manifest))
            func refused(_ words: String...) async throws {
                let text = await failure { try await mover.import(.ladybug) }
                for word in words { #expect(text.contains(word), "\(text)") }
                #expect(!FileManager.default.fileExists(atPath: mover.target))
                #expect(!FileManager.default.fileExists(atPath: mover.target + ".importing"))
                try goodRows.write(to: rows)
                try goodManifest.write(to: manifest)
            }
            try Data(goodRows.dropLast()).write(to: rows)
            try await refused("nodes-1.jsonl", "checksum")
            try FileManager.default.removeItem(at: rows)
            try await refused("nodes-1.jsonl", "can't be read")
            try FileManager.default.removeItem(at: manifest)
            try await refused("unfinished")
            let text = String(decoding: goodManifest, as: UTF8.self)
            try Data(text.replacing("\"version\" : 1\n", with: "\"version\" : 2\n").utf8).write(to: manifest)
            try await refused("version 2")
            try Data("{}".utf8).write(to: manifest)
            try await refused("not that of a graph's export")
            try await mover.import(.ladybug)
        }
    }

    @Test("P1: rows that don't fit their table, or whose content is another one, leave no graph behind")
    func unfitRows() async throws {
        try await withExport { mover in
            let rows = URL(fileURLWithPath: mover.export + "/nodes-1.jsonl")
            let manifest = URL(fileURLWithPath: mover.export + "/manifest.json")
            let (goodRows, goodManifest) = (
                String(decoding: try Data(contentsOf: rows), as: UTF8.self), try Data(contentsOf: manifest)
            )
            // A manifest that was made to fit: only the content's digest still knows.
            func refused(_ changed: String, _ words: String) async throws {
                try Data(changed.utf8).write(to: rows)
                let (sha256, bytes) = try PartFileReader.checksum(rows.path)
                var known = try JSONDecoder().decode(ExportManifest.self, from: goodManifest)
                known.parts[0].sha256 = sha256
                known.parts[0].bytes = bytes
                try JSONEncoder().encode(known).write(to: manifest)
                let text = await failure { try await mover.import(.ladybug) }
                #expect(text.contains(words), "\(text)")
                #expect(try mover.names == ["export", "source", "source.wal", "source.wal.seal"])
            }
            try await refused(
                goodRows.replacing("[2400,\"text\"]", with: "[2400,\"tex\"]"), "not those that were exported")
            try await refused(goodRows + "[2501,\"text\"]\n", "2501 rows, and 2500 were exported")
            try await refused(goodRows.replacing("[2400,\"text\"]", with: "[2399,\"text\"]"), "duplicated primary key")
            try await refused(goodRows.replacing("[2400,\"text\"]", with: "[2400,text]"), "nodes-1.jsonl, line ")
            try await refused(
                goodRows.replacing("[2400,\"text\"]", with: "[9223372036854775808,\"text\"]"), "is no INT64")
        }
    }

    @Test("P1: an export or import that is cancelled leaves nothing behind")
    func cancelled() async throws {
        try await withExport { mover in
            try FileManager.default.removeItem(atPath: mover.export)
            let export = await failure {
                try await Self.cancelled { observer in _ = try await mover.export(.kuzu, observer: observer) }
            }
            #expect(export == "\(CancellationError())")
            #expect(try mover.names == ["source", "source.wal", "source.wal.seal"])
            _ = try await mover.export(.kuzu)
            let text = await failure {
                try await Self.cancelled { observer in try await mover.import(.ladybug, observer: observer) }
            }
            #expect(text == "\(CancellationError())")
            #expect(try mover.names == ["export", "source", "source.wal", "source.wal.seal"])
        }
    }

    /// Cancels what it runs when the first thousand rows are done.
    private static func cancelled(
        _ body: @escaping @Sendable (@escaping TransferObserver) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (steps, tell) = AsyncStream.makeStream(of: Void.self)
            let work = Task {
                defer { tell.finish() }
                try await body { progress in
                    if progress.rows >= 1_000 {
                        tell.yield()
                        // Until it is heard: the next thousand must not be done.
                        while !Task.isCancelled { usleep(1_000) }
                    }
                }
            }
            group.addTask {
                for await _ in steps { break }
                work.cancel()
            }
            group.addTask { try await work.value }
            try await group.waitForAll()
        }
    }
}
