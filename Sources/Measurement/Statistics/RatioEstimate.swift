/// How many times as much one thing takes as another, and how sure that is.
///
/// Measured in pairs where that can be: a machine's moods last longer than one measurement, and what slows one of a pair down slows the other. The
/// interval is the bootstrap's, by percentiles (Efron, Annals of Statistics 1979), from 2 000 resamples.
public struct RatioEstimate: Sendable, Hashable {
    /// The median of the pairs' ratios, or the ratio of the medians of what was not measured in pairs.
    public let median: Double
    /// Where the true one lies with 95 % confidence, or with the one that was asked for.
    public let interval: ClosedRange<Double>

    /// - Parameters:
    ///   - pairs: at least one; the first of each is divided by the second, which must not be 0.
    ///   - seed: makes the interval repeatable.
    public init(_ pairs: [(subject: Double, reference: Double)], confidence: Double = 0.95, seed: UInt64 = 1) {
        self.init(values: pairs.map { $0.subject / $0.reference }, confidence: confidence, seed: seed)
    }

    /// The same for values that are compared with nothing.
    ///
    /// - Parameter values: at least one.
    public init(values: [Double], confidence: Double = 0.95, seed: UInt64 = 1) {
        precondition(!values.isEmpty, "a ratio needs a measurement")
        median = values.median
        var bootstrap = Bootstrap(seed: seed)
        interval = Bootstrap.interval(bootstrap.medians(of: values), confidence: confidence)
    }

    /// The ratio of two medians, for what was measured at different times.
    ///
    /// - Parameters:
    ///   - subject: at least one value.
    ///   - reference: at least one value, all of them more than 0.
    public init(subject: [Double], reference: [Double], confidence: Double = 0.95, seed: UInt64 = 1) {
        self.init(subjectRuns: [subject], referenceRuns: [reference], confidence: confidence, seed: seed)
    }

    /// The same for what was measured in several runs, whose values have something in common: medians are those of the runs' medians.
    ///
    /// - Parameters:
    ///   - subjectRuns: at least one, each of at least one value.
    ///   - referenceRuns: at least one, each of at least one value, all of them more than 0.
    package init(subjectRuns: [[Double]], referenceRuns: [[Double]], confidence: Double = 0.95, seed: UInt64 = 1) {
        for runs in [subjectRuns, referenceRuns] {
            precondition(!runs.isEmpty && !runs.contains { $0.isEmpty }, "a ratio needs a measurement of each")
        }
        precondition(referenceRuns.allSatisfy { $0.allSatisfy { $0 > 0 } }, "what is divided by must be more than 0")
        median = subjectRuns.map(\.median).median / referenceRuns.map(\.median).median
        var bootstrap = Bootstrap(seed: seed)
        let ratios = zip(bootstrap.medians(ofRuns: subjectRuns), bootstrap.medians(ofRuns: referenceRuns)).map {
            $0 / $1
        }
        interval = Bootstrap.interval(ratios, confidence: confidence)
    }
}
