import Foundation
import GRDB
import Measurement
import Reporting
import Testing
import TrivetTesting

@testable import LoadTesting

@Suite("S5: from a user's action to the dashboard", .timeLimit(.minutes(5))) struct LiveDashboardTests {
    private var scenario: LiveDashboard {
        var scenario = LiveDashboard()
        // What a machine can do that is busy with other tests.
        scenario.rate = 150
        return scenario
    }

    @Test(
        "S5: dashboard.latency: every action is seen by a client over HTTP, with the figures that are stored and cached"
    )
    func seen() async throws {
        try await withStage { stage in
            let outcome = try await scenario.run(stage)
            #expect(outcome.result.failureKinds == [] && outcome.result.pass)
            let check = try #require(outcome.figures.first { $0.id == "dashboard.latency" })
            let stream = try #require(outcome.result.streams?.first)
            #expect(check.endless == nil && check.samples == stream.succeeded && check.samples >= 299)
            #expect(check.target == 2_000 && check.unit == "ms" && (check.percentiles?.p50 ?? 0) > 0)
            // It can't be seen before it is committed.
            #expect(try #require(check.percentiles).max >= stream.latency.p50)
            let agreement = try #require(outcome.agreement)
            #expect(agreement.difference == nil && agreement.same == agreement.compared && agreement.compared > 10)
            let (rows, through, last) = try await stage.engines.sqlite.read { database in
                (
                    try Int.fetchOne(database, sql: "SELECT count(*) FROM dashboard_figures") ?? 0,
                    try Int.fetchOne(database, sql: "SELECT max(through) FROM dashboard_figures"),
                    try Int.fetchOne(database, sql: "SELECT max(id) FROM actions")
                )
            }
            #expect(rows > 1 && through == last)
            // Whoever looks on sees them, too.
            #expect(stage.monitor.meter(of: .dashboardLatency).successCount == check.samples)
        }
    }

    @Test("S5: what is shown no more counts as endless, and the check fails")
    func shownNoMore() async throws {
        try await withStage { stage in
            var scenario = scenario
            scenario.showsUntil = 150
            scenario.patience = .milliseconds(200)
            let outcome = try await scenario.run(stage)
            let check = try #require(outcome.figures.first { $0.id == "dashboard.latency" })
            #expect(check.verdict == .fail && (check.endless ?? 0) > 100)
            #expect(check.samples == outcome.result.streams?.first?.succeeded, "what is never seen is a sample, too")
            #expect(!outcome.result.pass)
            #expect(outcome.result.failureKinds.contains { $0.description.contains("never seen on the dashboard") })
            let result = RunResult(
                profile: "live-dashboard", seed: 1, seconds: 1, engines: stage.engines.versions, checks: [check],
                scenarios: [outcome.result], passed: false, interrupted: false, command: "")
            #expect(SummaryTable(style: TerminalStyle(hasColor: false)).render(result).contains("∞ ms"))
            let document = try JSONDecoder().decode(RunResult.self, from: Data(try JSONReport.render(result).utf8))
            #expect(document == result)
        }
    }
}
