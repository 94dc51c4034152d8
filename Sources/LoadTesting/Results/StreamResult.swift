import Measurement

extension RunResult {
    /// What a stream of an open load did in its steady state.
    package struct StreamResult: Sendable, Codable, Hashable {
        package var name: String
        /// Operations a second that were to come.
        package var rate: Double
        /// How they were spaced: `uniform` or `poisson`.
        package var spacing: String
        /// Operations that were due, and what became of them.
        package var due, succeeded, failed, dropped: Int
        /// In milliseconds from the moment at which an operation was due.
        package var latency: CheckResult.Percentiles
        /// In milliseconds from its beginning.
        package var service: CheckResult.Percentiles
        /// By how many milliseconds the load generator itself was late.
        package var generatorLag: CheckResult.Percentiles
    }
}

extension CheckResult.Percentiles {
    /// In milliseconds.
    init(_ recorder: LatencyRecorder) {
        self.init(
            p50: recorder.percentile(50).milliseconds, p95: recorder.percentile(95).milliseconds,
            p99: recorder.percentile(99).milliseconds, p999: recorder.percentile(99.9).milliseconds,
            max: recorder.longest.milliseconds)
    }
}
