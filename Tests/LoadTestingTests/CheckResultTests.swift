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
        #expect(abs((result.percentiles?.max ?? 0) - 70) < 0.1)
    }

    @Test func `The limits are those that users were promised`() {
        let targets: [Target] = [
            .graphQuery, .graphConnect, .redisOperation, .redisPipeline, .sqliteTransaction, .sqliteQuery,
            .crossCoordination, .cacheLag, .graphConnections, .redisConnections, .sqliteConnections, .graphMemory,
            .redisMemory, .sqliteMemory, .poolReuse, .crossSuccess, .crossConsistency, .recovery, .memoryGrowth,
            .dashboardLatency,
        ]
        let promises = targets.map { "\($0.id) \($0.comparison.rawValue) \(Int($0.limit)) \($0.unit)" }
        #expect(
            promises == [
                "graph.query < 500 ms", "graph.connect < 100 ms", "redis.operation < 50 ms", "redis.pipeline < 100 ms",
                "sqlite.transaction < 100 ms", "sqlite.query < 200 ms", "cross.coordination < 500 ms",
                "cache.lag < 100 ms", "graph.connections ≥ 50 ", "redis.connections ≥ 100 ", "sqlite.connections ≥ 30 ",
                "graph.memoryPerConnection ≤ 10 MB", "redis.memoryPerConnection ≤ 2 MB",
                "sqlite.memoryPerConnection ≤ 5 MB", "pool.reuse > 95 %", "cross.success > 99 %",
                "cross.consistency ≥ 100 %", "recovery < 10 s", "memory.growth < 200 MB",
                "dashboard.latency < 2000 ms",
            ])
    }

    @Test func `A rate needs samples, and shows what it is at least`() {
        let good = CheckResult(.crossSuccess, succeeded: 999, of: 1_000)
        #expect(good.verdict == .pass && good.beyond == 1)
        // The interval's values are SuccessRate's matter; here it counts that it is in per cent.
        #expect(abs((good.lowerBound ?? 0) - 99.435) < 0.01)
        #expect(CheckResult(.crossSuccess, succeeded: 99, of: 100).verdict == .inconclusive)
        #expect(CheckResult(.crossSuccess, succeeded: 980, of: 1_000).verdict == .fail)
    }

    @Test func `A figure that is measured once is judged by itself`() {
        #expect(CheckResult(.graphConnections, value: 50, samples: 1).verdict == .pass)
        #expect(CheckResult(.graphConnections, value: 49, samples: 1).verdict == .fail)
        #expect(CheckResult(.redisMemory, value: 2.1, samples: 100).verdict == .fail)
        #expect(CheckResult(.redisMemory, value: 0, samples: 0).verdict == .inconclusive)
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
