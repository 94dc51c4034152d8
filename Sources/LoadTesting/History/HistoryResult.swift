import Histories

/// What a checked history came to.
package struct HistoryResult: Sendable {
    package var verdict: HistoryVerdict
    package var engines: EngineVersions

    package init(verdict: HistoryVerdict, engines: EngineVersions) {
        self.verdict = verdict
        self.engines = engines
    }

    /// As the document that other programs read. A history that can't be judged says nothing either way.
    package func document(seconds: Double, seed: UInt64, command: String) -> RunResult {
        let counts = verdict.counts
        let anomalies = verdict.found.values.reduce(0, +)
        var check = CheckResult(
            .historyAnomalies, value: Double(anomalies), samples: verdict.problems.isEmpty ? counts.committed : 0)
        check.beyond = anomalies
        let kinds =
            verdict.problems.prefix(10).map { RunResult.ScenarioResult.Failure(description: "\($0)", count: 1) }
            + verdict.found.sorted { $0.key < $1.key }.prefix(10).map { name, count in
                let example = verdict.anomalies.first { $0.name == name }.map { "\($0)" } ?? "\(name)"
                return .init(description: example, count: count)
            }
        let operations = counts.committed + counts.failed + counts.inDoubt
        let scenario = RunResult.ScenarioResult(
            id: "history", operations: operations, failures: counts.failed,
            perSecond: seconds > 0 ? (Double(operations) / seconds * 10).rounded() / 10 : 0, pass: verdict.isClean,
            failureKinds: kinds)
        var document = RunResult(
            profile: "history", seed: seed, seconds: seconds, engines: engines, checks: [check], scenarios: [scenario],
            passed: verdict.isClean && check.pass, interrupted: false, command: command)
        document.noteOrigin(commit: nil)
        return document
    }
}
