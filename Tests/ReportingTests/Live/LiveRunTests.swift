import Foundation
import Testing
import TrivetTesting

@testable import LoadTesting
@testable import Reporting

@Suite("Reports of a run on live engines", .timeLimit(.minutes(5)))
struct LiveRunTests {
    @Test("§6: the document is as its schema says, and all that was measured over time is drawn")
    func liveRun() async throws {
        var plan = LoadPlan()
        plan.requestedUsers = 2
        plan.warmUp = .milliseconds(100)
        plan.requestedSteady = .milliseconds(1_500)
        plan.scale = 0.1
        let result = try await ScenarioRun(plan: plan).run(
            profile: "user-journey", command: "trivet run", monitor: LoadMonitor())
        let document = try JSONDecoder().decode(JSONValue.self, from: Data(try JSONReport.render(result).utf8))
        #expect(try JSONSchema.published.violations(of: document) == [])

        let scenario = try #require(result.scenarios.first)
        let latencies = try #require(scenario.latencies)
        #expect(Set(latencies.map(\.id)).isSuperset(of: ["cross.coordination", "redis.operation"]))
        for latency in latencies {
            // Looked at from the outside: the last moment may be missing.
            let check = try #require(result.checks.first { $0.id == latency.id })
            let counted = latency.counts.reduce(0, +)
            #expect(counted > 0 && counted <= check.samples)
            #expect(latency.classes.map { $0.reduce(0, +) } == latency.counts)
            #expect(latency.classes.allSatisfy { $0.count == latency.bounds.count - 1 })
            #expect(zip(latency.p50, latency.p99).allSatisfy { $0.0 ?? 0 <= $0.1 ?? 0 })
        }
        let pools = try #require(scenario.pools)
        #expect(Set(pools.map(\.name)).isSuperset(of: ["sqlite.readers", "sqlite.writer"]))
        #expect(pools.contains { $0.open.contains { $0 ?? 0 > 0 } })
        #expect(scenario.processes?.allSatisfy { $0.memoryTimeline?.values.contains { $0 ?? 0 > 1 } == true } == true)
        #expect(result.machine?.cores ?? 0 > 0 && result.started?.hasSuffix("Z") == true)
        for check in result.checks where check.percentiles != nil {
            let curve = try #require(check.curve)
            #expect(zip(curve, curve.dropFirst()).allSatisfy { $0.percent < $1.percent && $0.value <= $1.value })
            #expect(curve.last?.value == check.percentiles?.max)
        }

        let page = ParsedXML(HTMLReport.render(result))
        #expect(page.error == nil)
        #expect(page.named("figure").count >= latencies.count + 2)
        #expect(ParsedXML(JUnitReport.render(result)).error == nil)
    }
}
