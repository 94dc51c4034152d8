/// Two baselines side by side: what of the second is better or worse than the first, as far as can be said (M4).
///
/// A metric has regressed, or improved, only if the difference is significant by the U test after Holm's adjustment for all metrics, greater than what
/// is tolerated, with an interval of the ratio that excludes no change, and, when there is a second run, shown by that as well. It is unchanged
/// only if the whole interval lies within what is tolerated. All else is inconclusive.
package struct Comparison: Sendable, Hashable, Codable {
    /// The names of the two.
    package let baseline, candidate: String
    /// In the baseline's order.
    package let metrics: [MetricComparison]
    /// The ids of metrics that only one of them has.
    package let onlyInBaseline, onlyInCandidate: [String]
    /// What of machines and engines differs, where it was compared all the same.
    package let differences: [String]

    /// - Parameters:
    ///   - confirmation: a second run of the candidate. A change that it doesn't show is not taken for one. Without it, the runs of a candidate of
    ///     several have to agree.
    ///   - isForced: compares what was measured on different machines or engines, too.
    /// - Throws: `BaselineError` that names what is different.
    package init(
        baseline: Baseline, candidate: Baseline, confirmation: Baseline? = nil,
        rules: ComparisonRules = ComparisonRules(),
        isForced: Bool = false
    ) throws {
        let others = [candidate] + [confirmation].compactMap { $0 }
        for document in [baseline] + others {
            guard let defect = document.defects.first else { continue }
            throw BaselineError(.invalid, "\(document.name) can't be compared: \(defect)")
        }
        var differences: [String] = []
        for other in others {
            for difference in baseline.conditions(differentIn: other) where !differences.contains(difference) {
                differences.append(difference)
            }
        }
        guard differences.isEmpty || isForced else {
            throw BaselineError(
                .notComparable,
                "\(baseline.name) and \(candidate.name) were measured under different conditions, so a difference between them says nothing about the code: "
                    + differences.joined(separator: "; ") + ". Measure both here, or force the comparison.")
        }
        let known = Dictionary(uniqueKeysWithValues: candidate.metrics.map { ($0.id, $0) })
        let pairs = baseline.metrics.compactMap { metric in known[metric.id].map { (metric, $0) } }
        let second = Dictionary(uniqueKeysWithValues: confirmation?.metrics.map { ($0.id, $0) } ?? [])
        self.baseline = baseline.name
        self.candidate = candidate.name
        self.differences = differences
        metrics = Judgement(rules: rules).judge(pairs, confirmation: confirmation == nil ? nil : second)
        let own = Set(baseline.metrics.map(\.id))
        onlyInBaseline = baseline.metrics.map(\.id).filter { known[$0] == nil }
        onlyInCandidate = candidate.metrics.map(\.id).filter { !own.contains($0) }
    }

    /// The ids of changed metrics that no second run was asked about.
    package var unconfirmed: [String] {
        metrics.filter { $0.isConfirmed == nil && ($0.verdict == .regressed || $0.verdict == .improved) }.map(\.id)
    }

    /// Whether something is worse for certain: a regression that a second run has shown, too.
    package var hasRegressed: Bool { metrics.contains { $0.verdict == .regressed && $0.isConfirmed == true } }

    /// Of all metrics: one that regressed says more than one that can't be told, and that more than all others.
    package var verdict: MetricComparison.Verdict {
        let verdicts = Set(metrics.map(\.verdict))
        if verdicts.contains(.regressed) { return .regressed }
        if verdicts.contains(.inconclusive) || metrics.isEmpty { return .inconclusive }
        return verdicts.contains(.improved) ? .improved : .unchanged
    }
}
