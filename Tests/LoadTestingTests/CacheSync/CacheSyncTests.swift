import Foundation
import Measurement
import RedisClient
import Reporting
import Testing
import TrivetTesting

@testable import LoadTesting

@Suite("S3: the cache follows SQLite under load", .timeLimit(.minutes(5)))
struct CacheSyncTests {
    private var plan: LoadPlan {
        var plan = LoadPlan()
        plan.users = 64
        plan.warmUp = .milliseconds(100)
        plan.steady = .seconds(1)
        plan.scale = 0.2
        return plan
    }

    /// More updates than the scenario's own, so that a second has enough of them.
    private var scenario: CacheSync {
        var scenario = CacheSync()
        scenario.updateRate = 400
        return scenario
    }

    private func run(
        _ scenario: CacheSync, on engines: LiveEngines, monitor: LoadMonitor = LoadMonitor()
    ) async throws -> (outcome: ScenarioOutcome, lag: CheckResult) {
        let stage = Stage(
            engines: engines, data: SeedData(scale: 0.1), ids: JourneyIDs(after: 0), plan: plan, monitor: monitor)
        let outcome = try await scenario.run(stage)
        return (outcome, try #require(outcome.figures.first { $0.id == "cache.lag" }))
    }

    @Test("S3, T7: every update is seen in Redis, also those of a connection that Trivet has not opened")
    func follows() async throws {
        try await LiveEngines.withEngines(folder: nil) { engines in
            let (outcome, lag) = try await run(scenario, on: engines)
            #expect(outcome.result.failureKinds == [])
            #expect(lag.endless == nil && lag.samples > 299)
            let streams = try #require(outcome.result.streams)
            #expect(streams.map(\.name) == ["cache", "updates"])
            for stream in streams {
                #expect(stream.due > 0 && stream.due == stream.succeeded + stream.failed + stream.dropped)
                #expect(stream.latency.p50 >= stream.service.p50)
            }
            #expect(lag.samples == streams[1].succeeded)
            #expect(try #require(lag.percentiles).p50 > 0 && (lag.resolution ?? 0) > 0)
            // The pool's own updates are samples of its commits; there are more, and they are the stranger's.
            let commits = try #require(outcome.latencies[.sqliteTransaction]).count
            #expect(commits > 0 && commits < streams[1].succeeded)
            let agreement = try #require(outcome.agreement)
            #expect(agreement.same == agreement.compared && agreement.compared >= 200)
        }
    }

    @Test("S3, T7: when the synchronizer ends in mid-run, lag is endless, and the check and the comparison fail")
    func synchronizerEnds() async throws {
        try await LiveEngines.withEngines(folder: nil) { engines in
            var scenario = scenario
            scenario.synchronizerEndsAfter = 50
            scenario.patience = .milliseconds(200)
            let (outcome, lag) = try await run(scenario, on: engines)
            #expect(lag.verdict == .fail && (lag.endless ?? 0) > 100)
            #expect(lag.samples == outcome.result.streams?[1].succeeded, "what is never seen is a sample, too")
            #expect(!outcome.result.pass)
            #expect(outcome.result.failureKinds.contains { $0.description.contains("never seen") })
            let agreement = try #require(outcome.agreement)
            #expect(agreement.same < agreement.compared && agreement.difference != nil)
            let result = RunResult(
                profile: "cache-sync", seed: 1, seconds: 1, engines: engines.versions, checks: [lag],
                scenarios: [outcome.result], passed: false, interrupted: false, command: "")
            #expect(result.outcome == .targetMissed)
            let text = SummaryTable(style: TerminalStyle(hasColor: false)).render(result)
            #expect(text.contains("∞ ms") && text.contains("never)") && text.contains("updates: "))
            let document = try JSONDecoder().decode(RunResult.self, from: Data(try JSONReport.render(result).utf8))
            #expect(document == result)
        }
    }

    @Test("S3, T7: updates while Redis is away are seen late, and not never, also when it comes back empty")
    func redisAway() async throws {
        try await LiveEngines.withEngines(folder: nil) { engines in
            var scenario = scenario
            scenario.patience = .seconds(60)
            let monitor = LoadMonitor()
            let breaker = Task {
                while monitor.operations < 50 { try await Task.sleep(for: .milliseconds(5)) }
                try await engines.server.restart(empty: true)
            }
            let (outcome, lag) = try await run(scenario, on: engines, monitor: monitor)
            try await breaker.value
            #expect(lag.endless == nil && lag.samples == outcome.result.streams?[1].succeeded)
            let agreement = try #require(outcome.agreement)
            #expect(agreement.difference == nil && agreement.same == agreement.compared)
            // Whoever asked meanwhile was told so, and that is counted.
            #expect(monitor.failures > 0)
        }
    }
}
