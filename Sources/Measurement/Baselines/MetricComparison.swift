/// What became of one metric.
package struct MetricComparison: Sendable, Hashable, Codable {
    /// What can be said. "Inconclusive" is an answer of its own: neither that something changed nor that nothing did.
    package enum Verdict: String, Sendable, Hashable, Codable {
        case improved, unchanged, regressed, inconclusive
    }

    /// A range of ratios.
    package struct Interval: Sendable, Hashable, Codable {
        package var low, high: Double
    }

    package var id: String
    package var unit: String
    package var better: Baseline.Metric.Better
    package var verdict: Verdict
    /// The medians.
    package var baseline, candidate: Double
    /// How many runs the baseline is of. One can't tell how much runs differ.
    package var baselineRuns: Int
    /// How many repetitions each is of.
    package var baselineSamples, candidateSamples: Int
    /// The candidate's median by the baseline's; nil where a ratio means nothing.
    package var ratio: Double?
    /// Where the ratio lies.
    package var interval: Interval?
    /// How likely chance alone makes such a difference, in this metric and after Holm's adjustment; nil when there was too little to test.
    package var p, adjustedP: Double?
    /// How great a change has to be to matter, as a part of 1.
    package var tolerance: Double
    /// Whether a second run shows the same change, or each of several; nil when there was none, or nothing to confirm.
    package var isConfirmed: Bool?
    /// Why the verdict is what it is, in a sentence.
    package var reason: String
}
