import Measurement
import Testing

@testable import LoadTesting

@Suite("Targets and their judgement")
struct CheckResultTests {
    private func check(_ milliseconds: [Int], _ target: Target = .redisOperation) -> CheckResult {
        var recorder = LatencyRecorder()
        for value in milliseconds { recorder.record(.milliseconds(value)) }
        return CheckResult(target, recorder)
    }

    @Test func `The 99th percentile decides, not the mean and not the worst`() {
        #expect(check([Int](repeating: 1, count: 995) + [Int](repeating: 900, count: 5)).verdict == .pass)
        #expect(check([Int](repeating: 1, count: 980) + [Int](repeating: 900, count: 20)).verdict == .fail)
        #expect(check([Int](repeating: 50, count: 400)).verdict == .fail, "< 50 ms is not met by 50 ms")
    }

    @Test func `Fewer than 299 samples say nothing`() {
        #expect(check([Int](repeating: 1, count: 298)).verdict == .inconclusive)
        #expect(check([Int](repeating: 900, count: 298)).verdict == .inconclusive)
        #expect(check([Int](repeating: 1, count: 299)).verdict == .pass)
        #expect(check([]).verdict == .inconclusive)
    }

    @Test func `Samples beyond the target are counted`() {
        let result = check([Int](repeating: 1, count: 400) + [60, 70])
        #expect(result.beyond == 2 && result.samples == 402)
        #expect(abs(result.percentiles.max - 70) < 0.1)
    }

    @Test func `The limits are those that users were promised`() {
        let limits = Dictionary(uniqueKeysWithValues: UserJourney.targets.map { ($0.id, $0.limit) })
        #expect(
            limits == [
                "graph.query": 500, "graph.connect": 100, "redis.operation": 50, "redis.pipeline": 100,
                "sqlite.transaction": 100, "sqlite.query": 200,
            ])
        #expect(UserJourney.targets.allSatisfy { $0.comparison == .below && $0.unit == "ms" })
    }

    private func result(
        _ verdicts: [CheckResult.Verdict], scenarioPasses: Bool = true, interrupted: Bool = false
    ) -> RunResult {
        let checks = verdicts.map { verdict in
            var check = check([Int](repeating: 1, count: 400))
            check.verdict = verdict
            return check
        }
        let scenario = RunResult.ScenarioResult(
            id: "s", operations: 1, failures: 0, perSecond: 1, pass: scenarioPasses, failureKinds: [])
        return RunResult(
            profile: "quick", seed: 1, seconds: 1, engines: .init(sqlite: "3", kuzu: "0", redis: "7"), checks: checks,
            scenarios: [scenario], passed: false, interrupted: interrupted, command: "")
    }

    @Test func `The outcome: interrupted before missed, missed before inconclusive`() {
        #expect(result([.pass, .pass]).outcome == .allTargetsMet)
        #expect(result([.pass, .inconclusive]).outcome == .inconclusive)
        #expect(result([.fail, .inconclusive]).outcome == .targetMissed)
        #expect(result([.pass], scenarioPasses: false).outcome == .targetMissed)
        #expect(result([.fail], interrupted: true).outcome == .interrupted)
        #expect(RunResult.Outcome.interrupted.rawValue == 130 && RunResult.Outcome.inconclusive.rawValue == 7)
    }
}
