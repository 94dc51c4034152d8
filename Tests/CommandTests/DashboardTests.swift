import Foundation
import LoadTesting
import Testing
import TrivetTesting

@Suite("Dashboards on the command line", .timeLimit(.minutes(5)))
struct DashboardTests {
    @Test("§6: a run with a dashboard says where it is, and ends by itself when it is over")
    func run() async throws {
        let result = try await TrivetTool.run(
            ["run", "user-journey", "--duration", "1", "--scale", "0.1", "--dashboard", "0", "--json", "-"])
        #expect([0, 1, 7].contains(result.status))
        #expect(result.errors.contains("dashboard: http://127.0.0.1:"))
        let document = try JSONDecoder().decode(RunResult.self, from: Data(result.output.utf8))
        #expect(document.version == RunResult.currentVersion && document.started?.hasSuffix("Z") == true)
        #expect(document.scenarios.first?.start ?? 0 > 0)
    }

    @Test("§6: Ctrl-C ends a run with a dashboard in good order")
    func interrupted() async throws {
        let result = try await TrivetTool.run(
            ["run", "user-journey", "--duration", "600", "--scale", "0.1", "--dashboard", "0"],
            signalAfter: ("steady", .interrupt))
        #expect(result.status == 130 && result.output.contains("Interrupted"))
    }

    @Test(
        "§6: a result is shown until Ctrl-C; a baseline is drawn beside a run, with the commit of each",
        .temporaryDirectory)
    func result() async throws {
        let folder = try TemporaryDirectory.current
        let before = folder.path(of: "before.json"), after = folder.path(of: "after")
        let short = ["run", "user-journey", "--duration", "1", "--scale", "0.1", "--quiet"]
        #expect([0, 1, 7].contains(try await TrivetTool.run(short + ["--json", before, "--commit", "first"]).status))
        let second = try await TrivetTool.run(short + ["--report", after, "--baseline", before, "--commit", "second"])
        #expect([0, 1, 7].contains(second.status))
        let file = URL(fileURLWithPath: after + "/report.json")
        let document = try JSONDecoder().decode(RunResult.self, from: Data(contentsOf: file))
        #expect(document.commit == "second" && document.baseline?.commit == "first")
        #expect(document.baseline?.name == before && document.baselineDifferences == [])
        #expect(try String(contentsOfFile: after + "/report.html", encoding: .utf8).contains("baseline"))
        for source in [before, after] {
            let shown = try await TrivetTool.run(
                ["dashboard", source, "--port", "0"], signalAfter: ("dashboard: http://", .interrupt))
            #expect(shown.status == 0)
        }
    }

    @Test("I3, §6: a checked history has the same four reports", .temporaryDirectory)
    func history() async throws {
        let folder = try TemporaryDirectory.current
        let report = folder.path(of: "report")
        let result = try await TrivetTool.run(
            ["history", folder.path(of: "h.edn"), "--duration", "1", "--clients", "3", "--quiet", "--report", report])
        #expect(result.status == 0 && result.errors.contains("report: \(report)/report.html"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: report).sorted() == [
                "junit.xml", "report.html", "report.json", "summary.md",
            ])
        let file = URL(fileURLWithPath: report + "/report.json")
        let document = try JSONDecoder().decode(RunResult.self, from: Data(contentsOf: file))
        let check = try #require(document.checks.first)
        #expect(check.id == "history.anomalies" && check.pass && check.value == 0 && check.samples > 5)
        #expect(document.passed && document.engines.named.count == 3)
    }
}
