import Foundation
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
            (["bench", "nonsense"], "pools, sqlite, kuzu, redis, transactions, patterns, measurement, all"),
            (["bench", "pools", "--save-baseline", "a b"], "can't be a baseline's name"),
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
        for engine in ["redis-server", "SQLite", "Kùzu"] { #expect(result.output.contains("✓ \(engine)")) }
    }

    @Test(
        "A missing engine is status 3, with the remedy, in doctor and in run",
        arguments: ["TRIVET_REDIS_SERVER", "TRIVET_KUZU_LIBRARY"], [["doctor"], ["run", "--quiet"]])
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
