import Foundation
import LoadTesting
import LocalEngines
import Testing

@Suite("S4, S5, S8: flows of data as users run them", .timeLimit(.minutes(10))) struct DataFlowRunTests {
    /// What each judges.
    private static let checks = [
        ("user-analytics", "user-analytics.consistency"), ("live-dashboard", "dashboard.latency"),
        ("sustained", "sustained.consistency"),
    ]

    @Test("S4, S5, S8: each runs by its name, keeps its stores and goes on with them, and its report has its figures")
    func runs() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let data = folder.path(of: "data")
            for (scenario, check) in Self.checks + Self.checks {
                let report = folder.path(of: scenario)
                let run = try await TrivetTool.run([
                    "run", scenario, "--duration", "1", "--data", data, "--json", "-", "--report", report,
                ])
                // On a busy machine it may be slow, or have too few samples: here only what it found matters.
                try #require([0, 1, 7].contains(run.status), "\(run.output)\(run.errors)")
                let result = try JSONDecoder().decode(RunResult.self, from: Data(run.output.utf8))
                #expect(result.scenarios.map(\.id) == [scenario] && result.scenarios[0].operations > 0)
                let found = try #require(result.checks.first { $0.id == check })
                if found.isOfConsistency { #expect(found.value == 100) }
                #expect(found.endless == nil && found.samples > 1)
                #expect(result.checks.first { $0.id == "cross.consistency" }?.value == 100)
                for file in ["report.html", "summary.md", "junit.xml"] {
                    let text = try String(contentsOfFile: report + "/" + file, encoding: .utf8)
                    #expect(text.contains(check), "\(file)")
                }
            }
            let verified = try await TrivetTool.run(["verify", "--data", data])
            #expect(verified.status == 0 && verified.output.contains("✓ members"), "\(verified.output)")
            #expect(verified.output.contains("The stores agree."))
        }
    }
}
