/// What a campaign came to.
package struct CrashResult: Sendable {
    package var seed: UInt64
    package var engines: EngineVersions
    package var figures: CrashFigures
    package var failures: [CrashFailure]
    package var seconds: Double
    package var isInterrupted: Bool
    /// From each kill to the stores' being recovered; the first hundreds of them.
    var faults: [FaultWindow] = []
    /// Units that were acknowledged, over time.
    var timeline: RunResult.Timeline?

    /// As the document that other programs read.
    package func document(command: String) -> RunResult {
        let violations = failures.reduce(0) { $0 + $1.violations.count }
        let times = figures.recoverySeconds.sorted()
        var recovery = CheckResult(.recovery, value: times.last ?? 0, samples: times.count)
        recovery.beyond = times.count { !Target.recovery.comparison.holds($0, Target.recovery.limit) }
        recovery.percentiles = CheckResult.Percentiles(
            p50: times.percentile(50), p95: times.percentile(95), p99: times.percentile(99),
            p999: times.percentile(99.9), max: times.last ?? 0)
        let checks = [
            CheckResult(.crashViolations, value: Double(violations), samples: figures.rounds), recovery,
        ]
        var scenario = RunResult.ScenarioResult(
            id: "crash", operations: figures.units.acknowledged, failures: violations,
            perSecond: seconds > 0 ? Double(figures.units.acknowledged) / seconds : 0, pass: violations == 0,
            failureKinds: failures.flatMap(\.violations).prefix(10).map { .init(description: "\($0)", count: 1) })
        scenario.timeline = timeline
        scenario.start = 0
        var document = RunResult(
            profile: "crash", seed: seed, seconds: seconds, engines: engines, checks: checks, scenarios: [scenario],
            passed: violations == 0 && checks.allSatisfy(\.pass), interrupted: isInterrupted, command: command)
        document.noteOrigin(commit: nil)
        document.faults = faults.isEmpty ? nil : faults
        document.crash = RunResult.Crash(figures: figures, failures: failures)
        return document
    }

    /// A broken promise says more than an interruption.
    package var outcome: RunResult.Outcome {
        if !failures.isEmpty { return .inconsistent }
        return document(command: "").outcome
    }
}

extension [Double] {
    /// Of sorted values: the least that so many per cent do not exceed.
    fileprivate func percentile(_ percent: Double) -> Double {
        guard !isEmpty else { return 0 }
        return self[Swift.min(count - 1, Int((Double(count) * percent / 100).rounded(.up)) - 1)]
    }
}
