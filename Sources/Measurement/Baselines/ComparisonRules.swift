/// What counts as a change.
package struct ComparisonRules: Sendable, Hashable {
    /// A change may be chance with at most this probability, after Holm's adjustment for the number of metrics.
    package var significance = 0.05
    /// How often the intervals of ratios hold the true ones.
    package var confidence = 0.95
    /// The least repetitions of a metric on both sides; with fewer it is inconclusive.
    package var leastSamples = 5
    /// Smaller changes don't matter, as a part of 1, however quiet the metric is.
    package var leastTolerance = 0.05
    /// How much of a metric's own noise doesn't matter either: this many of the distances that its repetitions usually have from their median.
    package var noiseFactor = 2.0
    /// The most that noise can excuse. A metric that varies more is inconclusive where it would else be taken for unchanged.
    package var mostTolerance = 0.5
    /// What is tolerated of metrics by id, as a part of 1, instead of what follows from noise.
    package var tolerances: [String: Double] = [:]
    /// Makes the intervals repeatable.
    package var seed: UInt64 = 1

    package init() {}

    /// How great a change of a metric has to be to matter.
    ///
    /// By default twice the baseline's noise, but from 5 to 50 %. Its noise is the greater of two: by how much a repetition usually differs from its
    /// run's median (1.4826 times the median deviation, as a part of the median) and, of a baseline of several runs, by how much a further run does.
    /// The candidate's noise is not asked: what has become restless must not excuse itself.
    package func tolerance(of baseline: Baseline.Metric) -> Double {
        if let tolerance = tolerances[baseline.id] { return tolerance }
        let noise = max(baseline.noiseWithinRuns, baseline.noiseBetweenRuns ?? 0)
        // The noise around 0 is no part of it, and tells nothing.
        return noise.isFinite ? min(max(leastTolerance, noiseFactor * noise), mostTolerance) : leastTolerance
    }
}
