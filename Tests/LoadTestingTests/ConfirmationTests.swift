import Measurement
import Testing

@testable import LoadTesting

@Suite("A second look at what was missed")
struct ConfirmationTests {
    private func outcome(_ milliseconds: Int, _ target: Target = .redisOperation) -> ScenarioOutcome {
        var recorder = LatencyRecorder()
        for _ in 0..<400 { recorder.record(.milliseconds(milliseconds)) }
        let result = RunResult.ScenarioResult(
            id: "one", operations: 400, failures: 0, perSecond: 1, pass: true, failureKinds: [])
        return ScenarioOutcome(result: result, latencies: [target: recorder])
    }

    @Test("§6: a target of time that is missed once and met then is met, and tells both; missed twice, it is missed")
    func time() throws {
        let first = outcome(60)
        #expect(Confirmation.openTargets(ScenarioRun.judge([first])) == ["redis.operation"])
        let met = try #require(ScenarioRun.judge([first, outcome(2).asSecondLook]).first)
        #expect(met.verdict == .pass && abs(met.value - 2) < 0.1 && met.samples == 400)
        #expect(met.firstLook?.samples == 400 && met.firstLook?.beyond == 400)
        #expect(abs((met.firstLook?.value ?? 0) - 60) < 0.5)
        let missed = try #require(ScenarioRun.judge([first, outcome(70).asSecondLook]).first)
        #expect(missed.verdict == .fail && abs(missed.value - 70) < 0.5)
    }

    @Test("§6: a second look changes nothing of targets that were met, and its samples are no one else's")
    func others() throws {
        let checks = ScenarioRun.judge([
            outcome(60), outcome(3, .sqliteQuery), outcome(2).asSecondLook, outcome(900, .sqliteQuery).asSecondLook,
        ])
        let query = try #require(checks.first { $0.id == "sqlite.query" })
        #expect(query.verdict == .pass && query.samples == 400 && query.firstLook == nil)
    }

    @Test("§6: where the load generator was late, a second look that it kept up with counts")
    func lateGenerator() throws {
        var late = outcome(2)
        late.isSaturated = true
        late.figures = [CheckResult(.crossSuccess, succeeded: 400, of: 400).doubted(.generatorSaturated)]
        let first = ScenarioRun.judge([late])
        #expect(Confirmation.openTargets(first) == ["cross.success", "redis.operation"])
        #expect(first.allSatisfy { $0.verdict == .inconclusive })
        var again = outcome(3)
        again.figures = [CheckResult(.crossSuccess, succeeded: 400, of: 400)]
        let checks = ScenarioRun.judge([late, again.asSecondLook])
        #expect(checks.count == 2 && checks.allSatisfy { $0.verdict == .pass && $0.firstLook != nil })
        let stillLate = ScenarioRun.judge([late, late.asSecondLook])
        #expect(stillLate.allSatisfy { $0.verdict == .inconclusive })
        // What failed has failed, however late the generator was.
        let failed = CheckResult(.crossSuccess, succeeded: 300, of: 400).doubted(.generatorSaturated)
        #expect(Confirmation.openTargets([failed]).isEmpty)
    }

    @Test("§6: what failed and what differs is looked at once")
    func failures() {
        let checks = [
            CheckResult(.crossSuccess, succeeded: 900, of: 1_000),
            CheckResult(.analyticsConsistency, value: 99, samples: 400),
            CheckResult(.graphConnections, value: 3, samples: 1), CheckResult(.memoryGrowth, value: 300, samples: 60),
        ]
        #expect(checks.allSatisfy { $0.verdict == .fail })
        #expect(Confirmation.openTargets(checks).isEmpty)
    }

    @Test("§6: --confirm runs again only what measured a missed target, and both runs stand in the result")
    func live() async throws {
        func run(_ limit: String) async throws -> RunResult {
            let text = """
                scenario: one
                operations: [{name: it, redis: INCR n}]
                load: {users: 1, stages: [{hold: 300ms}]}
                targets: [p50 < \(limit)]
                """
            var run = FileRun(try FileRun.scenario(text, path: "one.yaml"), plan: LoadPlan())
            run.confirms = true
            return try await run.run(command: "", monitor: LoadMonitor())
        }
        let missed = try await run("1us")
        #expect(missed.scenarios.map(\.id) == ["one", "one (again)"])
        #expect(missed.outcome == .targetMissed)
        #expect(missed.checks.first { $0.id == "one: p50 < 1us" }?.firstLook != nil)
        let met = try await run("1min")
        #expect(met.scenarios.map(\.id) == ["one"] && met.checks.allSatisfy { $0.firstLook == nil })
    }
}
