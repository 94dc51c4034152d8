import Foundation
import LoadTesting
import Subprocess
import Testing
import TrivetTesting

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@Suite("The command line: what it prints and how it ends", .timeLimit(.minutes(5)))
struct CommandLineTests {
    @Test("Help teaches: subcommands, examples, exit statuses")
    func help() async throws {
        let top = try await TrivetTool.run(["--help"])
        #expect(top.status == 0 && top.output.contains("doctor") && top.output.contains("Exit status"))
        let run = try await TrivetTool.run(["run", "--help"])
        #expect(run.status == 0 && run.output.contains("Examples:") && run.output.contains("user-journey"))
    }

    @Test(
        "Wrong usage is status 2, with what would be right",
        arguments: [
            (["run", "nonsense"], "user-journey"), (["run", "--users", "0"], "1 to 500"),
            (["run", "--users", "x"], "--users"),
            (["run", "--scale", "nan"], "0.1 to 100"), (["run", "--duration", "0"], "1 to 86400"),
            (["run", "--dashboard", "70000"], "0 to 65535"),
            (["run", "--dashboard", "0", "--dashboard-host", "0.0.0.0"], "TRIVET_DASHBOARD_TOKEN"),
            (["run", "--baseline", "/no/such/result.json"], "/no/such/result.json"),
            (["dashboard", "/no/such/result.json"], "/no/such/result.json"),
            (["dashboard", "http://127.0.0.1:1/", "--host", "::"], "TRIVET_DASHBOARD_TOKEN"),
            (["bench", "nonsense"], "pools, sqlite, kuzu, redis, transactions, growth, patterns, measurement, all"),
            (["bench", "pools", "--save-baseline", "a b"], "can't be a baseline's name"),
            (["bench", "pools", "--graph-engine", "both"], "no suites"),
            (["bench", "--graph-engine", "both", "--save-baseline", "a"], "of one engine"),
            (["bench", "--graph-engine", "neo4j"], "both"), (["run", "--graph-engine", "both"], "ladybug"),
            (["compare", "a"], "<after>"), (["bench", "--repetitions", "9"], "10 to 1000"),
            (["nonsense"], "Usage"),
            (["run", "--json", "/no/such/folder/x.json"], "/no/such/folder/x.json"),
            (["run", "--data", "/dev/null/x"], "--data"),
        ])
    func wrongUsage(arguments: [String], hint: String) async throws {
        let result = try await TrivetTool.run(arguments)
        #expect(result.status == 2)
        #expect(result.errors.contains(hint))
        #expect(result.output.isEmpty)
    }

    @Test("doctor shows each engine with version and place")
    func doctor() async throws {
        let result = try await TrivetTool.run(["doctor"])
        #expect(result.status == 0)
        for engine in ["redis-server", "SQLite", "Kùzu", "LadybugDB"] {
            #expect(result.output.contains("✓ \(engine)"))
        }
    }

    @Test("doctor misses no engine of the graph that nobody asks for, and says so of the one that somebody does")
    func optionalEngine() async throws {
        let nowhere = ["TRIVET_KUZU_LIBRARY": "/nowhere/at/all", "TRIVET_GRAPH_ENGINE": ""]
        let unasked = try await TrivetTool.run(["doctor"], environment: nowhere)
        #expect(unasked.status == 0 && unasked.output.contains("– Kùzu"))
        let asked = try await TrivetTool.run(["doctor", "--graph-engine", "kuzu"], environment: nowhere)
        #expect(asked.status == 3 && asked.output.contains("✗ Kùzu"))
        let both = try await TrivetTool.run(["bench", "--graph-engine", "both"], environment: nowhere)
        #expect(both.status == 3 && both.errors.contains("/nowhere/at/all"))
    }

    @Test("--graph-engine chooses the engine, and results, reports and the command to repeat name it")
    func graphEngine() async throws {
        let run = ["run", "cross-database", "--duration", "1", "--graph-engine", "ladybug"]
        let text = try await TrivetTool.run(run)
        #expect([0, 7].contains(text.status), "\(text.output)\(text.errors)")
        #expect(text.output.contains("LadybugDB 0.") && !text.output.contains("Kùzu"))
        #expect(text.output.contains("--graph-engine ladybug"))
        let document = try JSONDecoder().decode(
            RunResult.self, from: Data(try await TrivetTool.run(run + ["--json", "-"]).output.utf8))
        #expect(document.engines.named.keys.sorted() == ["ladybug", "redis", "sqlite"])
        let unknown = try await TrivetTool.run(["run", "--graph-engine", "neo4j"])
        #expect(unknown.status == 2 && unknown.errors.contains("ladybug"))
    }

    @Test(
        "P1: a graph that the other engine made is refused by its maker's name, and stays as it is", .temporaryDirectory
    )
    func otherMaker() async throws {
        let data = ["--data", try TemporaryDirectory.current.path(of: "data")]
        let run = ["run", "cross-database", "--duration", "1", "--scale", "0.1", "--quiet"] + data
        let made = try await TrivetTool.run(run + ["--graph-engine", "ladybug"])
        #expect([0, 1, 7].contains(made.status), "\(made.errors)")
        for arguments in [run, ["verify"] + data, ["recover"] + data] {
            let refused = try await TrivetTool.run(arguments + ["--graph-engine", "kuzu"])
            #expect(refused.status == 2)
            #expect(
                refused.errors.contains("LadybugDB made it") && refused.errors.contains("TRIVET_GRAPH_ENGINE=ladybug"))
        }
        let checked = try await TrivetTool.run(["verify"] + data + ["--graph-engine", "ladybug"])
        #expect(checked.status == 0, "\(checked.errors)")
    }

    @Test(
        "Without a name the engine is the one that made the graph, and for a new one LadybugDB; a name is obeyed",
        .temporaryDirectory)
    func engineOfTheGraph() async throws {
        let run = ["run", "cross-database", "--duration", "1", "--scale", "0.1", "--quiet", "--json", "-", "--data"]
        func engines(_ arguments: [String]) async throws -> [String] {
            let result = try await TrivetTool.run(arguments, environment: ["TRIVET_GRAPH_ENGINE": ""])
            #expect([0, 1, 7].contains(result.status), "\(result.errors)")
            return try JSONDecoder().decode(RunResult.self, from: Data(result.output.utf8)).engines.named.keys.sorted()
        }
        let (old, new) = try (TemporaryDirectory.current.path(of: "old"), TemporaryDirectory.current.path(of: "new"))
        let (named, unnamed) = (
            try await engines(run + [old, "--graph-engine", "kuzu"]), try await engines(run + [old])
        )
        let ofNew = try await engines(run + [new])
        #expect(named == ["kuzu", "redis", "sqlite"] && unnamed == named)
        #expect(ofNew == ["ladybug", "redis", "sqlite"])
        for arguments in [["verify", "--data", old], ["recover", "--data", old]] {
            let result = try await TrivetTool.run(arguments, environment: ["TRIVET_GRAPH_ENGINE": ""])
            #expect(result.status == 0, "\(result.errors)")
        }
    }

    @Test(
        "A missing engine is status 3, with the remedy, in doctor and in run",
        arguments: ["TRIVET_REDIS_SERVER", "TRIVET_KUZU_LIBRARY"],
        [["doctor", "--graph-engine", "kuzu"], ["run", "--quiet", "--graph-engine", "kuzu"]])
    func missingEngine(variable: String, arguments: [String]) async throws {
        let result = try await TrivetTool.run(arguments, environment: [variable: "/nowhere/at/all"])
        #expect(result.status == 3)
        #expect((result.output + result.errors).contains("/nowhere/at/all"))
    }

    @Test("run --json - writes the document and nothing else to standard output")
    func json() async throws {
        let result = try await TrivetTool.run(["run", "--duration", "1", "--scale", "0.1", "--json", "-"])
        #expect([0, 1, 7].contains(result.status))
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(document["schema"] as? Int == 1 && document["seed"] as? Int == 42)
        let checks = try #require(document["checks"] as? [[String: Any]])
        let ids = Set(checks.compactMap { $0["id"] as? String })
        #expect(ids.isSuperset(of: ["graph.query", "redis.operation", "cross.coordination", "cross.consistency"]))
        let latencies = checks.filter { $0["unit"] as? String == "ms" }
        #expect(latencies.allSatisfy { ($0["percentiles"] as? [String: Double])?["p99.9"] != nil })
        #expect((document["passed"] as? Bool) == (result.status == 0))
        #expect(result.errors.contains("preparing") && !result.errors.contains("\u{1B}"))
    }

    @Test("Ctrl-C ends a run in good order: status 130, results written, nothing left behind")
    func interrupted() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let file = folder.path(of: "results.json")
            let result = try await TrivetTool.run(
                ["run", "--duration", "600", "--scale", "0.1", "--json", file], environment: ["TMPDIR": folder.path],
                signalAfter: ("steady", .interrupt))
            #expect(result.status == 130)
            let document = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file)))
            #expect((document as? [String: Any])?["interrupted"] as? Bool == true)
            #expect(result.output.contains("Interrupted"))
            try await waitUntilEmpty(folder, except: "results.json")
        }
    }

    @Test("A killed run leaves neither a server nor a folder behind")
    func killed() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let result = try await TrivetTool.run(
                ["run", "--duration", "600", "--scale", "0.1"], environment: ["TMPDIR": folder.path],
                signalAfter: ("steady", .kill))
            #expect(result.status != 0)
            try await waitUntilEmpty(folder)
        }
    }

    /// The watchdog cleans up after the process has ended, on its own time; the suite's time limit is the bound.
    private func waitUntilEmpty(_ folder: TemporaryDirectory, except kept: String? = nil) async throws {
        while try FileManager.default.contentsOfDirectory(atPath: folder.path).contains(where: { $0 != kept }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
