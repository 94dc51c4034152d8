import Foundation
import GraphClient
import LoadTesting
import LocalEngines
import Testing

@Suite("P1: trivet graph") struct GraphCommandTests {
    private func makeGraph(_ path: String, _ kind: GraphEngine.Kind, rows: Int) async throws {
        try await GraphDatabase.withDatabase(at: path, engine: try GraphEngine.load(kind)) { database in
            try await database.withSession { session in
                try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY, s STRING)")
                try await session.execute("CREATE REL TABLE L(FROM T TO T)")
                try await session.execute("UNWIND range(1, \(rows)) AS i CREATE (:T {id: i, s: 'text'})")
                try await session.execute("MATCH (a:T) WITH a MATCH (b:T {id: 1}) CREATE (a)-[:L]->(b)")
            }
        }
    }

    @Test("P1: exported, imported, compared and moved from the command line", arguments: GraphEngine.Kind.allCases)
    func commands(kind: GraphEngine.Kind) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let (graph, export, copy) = (folder.path(of: "a"), folder.path(of: "export"), folder.path(of: "b"))
            let other = try #require(GraphEngine.Kind.allCases.first { $0 != kind })
            try await makeGraph(graph, kind, rows: 1_500)
            let exported = try await TrivetTool.run(["graph", "export", "--graph", graph, "--to", export])
            #expect(exported.status == 0, "\(exported.errors)")
            #expect(exported.output.contains("3000 rows of 2 tables") && exported.output.contains("L (T → T): 1500"))
            #expect(exported.errors.contains("exporting T"))
            let imported = try await TrivetTool.run([
                "graph", "import", "--from", export, "--graph", copy, "--graph-engine", other.rawValue, "--quiet",
            ])
            #expect(imported.status == 0 && imported.errors.isEmpty, "\(imported.errors)")
            #expect(imported.output.contains(other.displayName))
            let same = try await TrivetTool.run(["graph", "compare", "--from", export, "--graph", copy])
            #expect(same.status == 0 && same.output.contains("is what was exported"), "\(same.errors)")
            let back = folder.path(of: "c")
            let moved = try await TrivetTool.run(["graph", "move", "--graph", copy, "--to", back])
            #expect(moved.status == 0 && moved.output.contains(kind.displayName), "\(moved.errors)")
            try await GraphDatabase.withDatabase(at: back, engine: try GraphEngine.load(kind)) { database in
                try await database.withSession { try await $0.execute("MATCH (t:T {id: 7}) SET t.s = 'other'") }
            }
            let different = try await TrivetTool.run(["graph", "compare", "--from", export, "--graph", back])
            #expect(different.status == 4 && different.output.contains("rows of T are not those that were exported"))
        }
    }

    @Test("P1: wrong places are refused with status 2, and say what to do")
    func wrongPlaces() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let (graph, export) = (folder.path(of: "a"), folder.path(of: "export"))
            let nowhere = try await TrivetTool.run(["graph", "export", "--graph", graph, "--to", export])
            #expect(nowhere.status == 2 && nowhere.errors.contains("There is no graph at \(graph)"))
            try await makeGraph(graph, .kuzu, rows: 3)
            let noExport = try await TrivetTool.run([
                "graph", "import", "--from", export, "--graph", folder.path(of: "b"),
            ])
            #expect(noExport.status == 2 && noExport.errors.contains("manifest.json"))
            let taken = try await TrivetTool.run(["graph", "move", "--graph", graph, "--to", graph])
            #expect(taken.status == 2 && taken.errors.contains("is there already"), "\(taken.errors)")
            let wrongEngine = try await TrivetTool.run([
                "graph", "export", "--graph", graph, "--to", export, "--graph-engine", "ladybug",
            ])
            #expect(wrongEngine.status == 2 && wrongEngine.errors.contains("Kùzu made it"), "\(wrongEngine.errors)")
            #expect(try await TrivetTool.run(["graph", "export", "--graph", graph]).status == 2)
            let noLibrary = try await TrivetTool.run(
                ["graph", "move", "--graph", graph, "--to", folder.path(of: "b")],
                environment: ["TRIVET_LADYBUG_LIBRARY": "/nowhere.so"])
            #expect(noLibrary.status == 3 && noLibrary.errors.contains("/nowhere.so"), "\(noLibrary.errors)")
            #expect(!FileManager.default.fileExists(atPath: export))
        }
    }

    @Test("P1: Ctrl-C ends a move with status 130 and leaves nothing behind")
    func interrupted() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await makeGraph(folder.path(of: "a"), .kuzu, rows: 50_000)
            let result = try await TrivetTool.run(
                ["graph", "move", "--graph", folder.path(of: "a"), "--to", folder.path(of: "b")],
                signalAfter: ("importing T", .interrupt))
            #expect(result.status == 130, "\(result.errors)")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(names.allSatisfy { $0.hasPrefix("a") }, "\(names)")
        }
    }

    @Test(
        "T5, T8: stores go on with a graph that was moved to the other engine: recovered, consistent, and written on",
        arguments: GraphEngine.Kind.allCases)
    func goingOn(kind: GraphEngine.Kind) async throws {
        let other = try #require(GraphEngine.Kind.allCases.first { $0 != kind })
        try await TemporaryDirectory.withDirectory { folder in
            let data = folder.path(of: "data")
            func run(_ kind: GraphEngine.Kind) async throws -> RunResult {
                let run = try await TrivetTool.run([
                    "run", "cross-database", "--duration", "1", "--data", data, "--graph-engine", kind.rawValue,
                    "--json", "-",
                ])
                // On a busy machine it may be slow, or have too few samples: here only what it left matters.
                try #require([0, 1, 7].contains(run.status), "\(run.output)\(run.errors)")
                return try JSONDecoder().decode(RunResult.self, from: Data(run.output.utf8))
            }
            _ = try await run(kind)
            let moved = folder.path(of: "moved")
            let move = try await TrivetTool.run(["graph", "move", "--graph", data, "--to", moved])
            #expect(move.status == 0 && move.output.contains("TrivetMarker"), "\(move.errors)")
            for name in try FileManager.default.contentsOfDirectory(atPath: data) where name.hasPrefix("graph.db") {
                try FileManager.default.removeItem(atPath: data + "/" + name)
            }
            try FileManager.default.moveItem(atPath: moved, toPath: data + "/graph.db")
            func verify() async throws -> TrivetTool.Result {
                try await TrivetTool.run(["verify", "--data", data, "--graph-engine", other.rawValue])
            }
            let verified = try await verify()
            #expect(verified.status == 0 && verified.output.contains("The stores agree."), "\(verified.errors)")
            let result = try await run(other)
            #expect(result.checks.first { $0.id == "cross.consistency" }?.value == 100)
            #expect(try await verify().status == 0)
        }
    }
}
