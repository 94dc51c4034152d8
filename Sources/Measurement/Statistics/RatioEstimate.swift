/// How many times as much one thing takes as another, measured in pairs: the median of the pairs' ratios, and how sure it is.
///
/// Pairs, because a machine's moods last longer than one measurement: what slows one of a pair down slows the other. The interval is
/// the bootstrap's, by percentiles (Efron, Annals of Statistics 1979), from 2 000 resamples of the pairs.
public struct RatioEstimate: Sendable, Hashable {
    /// The median of the ratios.
    public let median: Double
    /// Where the median lies with 95 % confidence.
    public let interval: ClosedRange<Double>

    private static let resamples = 2_000

    /// - Parameters:
    ///   - pairs: at least one; the first of each is divided by the second, which must not be 0.
    ///   - seed: makes the interval repeatable.
    public init(_ pairs: [(subject: Double, reference: Double)], seed: UInt64 = 1) {
        self.init(ratios: pairs.map { $0.subject / $0.reference }, seed: seed)
    }

    /// The same for values that are compared with nothing.
    ///
    /// - Parameter values: at least one.
    public init(values: [Double], seed: UInt64 = 1) {
        self.init(ratios: values, seed: seed)
    }

    private init(ratios: [Double], seed: UInt64) {
        precondition(!ratios.isEmpty, "a ratio needs a measurement")
        median = ratios.median
        var generator = SplitMix64(seed: seed)
        var medians: [Double] = []
        medians.reserveCapacity(Self.resamples)
        for _ in 0..<Self.resamples {
            let resample = ratios.map { _ in ratios[Int.random(in: ratios.indices, using: &generator)] }
            medians.append(resample.median)
        }
        medians.sort()
        interval = medians[Self.resamples / 40]...medians[Self.resamples - 1 - Self.resamples / 40]
    }
}

extension Collection<Double> {
    /// The middle value, or the mean of the two in the middle; NaN when there is none.
    public var median: Double {
        guard !isEmpty else { return .nan }
        let sorted = sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
