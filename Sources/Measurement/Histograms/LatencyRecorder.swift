import Histogram

/// Durations of one kind of operation, in memory of a fixed size however many there are.
///
/// A high dynamic range histogram (Tene, HdrHistogram): any percentile is within 0.1 % of the true value, from a nanosecond to an hour; longer
/// durations count as an hour. A plain value: each task records into its own, and they are added up at the end. What many tasks record into is a
/// ``SharedLatencyRecorder``.
public struct LatencyRecorder: Sendable {
    private var histogram = Histogram<UInt64>(
        highestTrackableValue: BucketLayout.longest, numberOfSignificantValueDigits: .three)

    /// An empty recorder, of some 250 KB.
    public init() {}

    /// What was counted in buckets of the same layout.
    ///
    /// - Parameter longest: the longest duration, which its bucket tells only roughly.
    init(_ counts: [(index: Int, count: UInt64)], longest: UInt64) {
        for (index, count) in counts {
            let values = BucketLayout.fine.values(of: index)
            let isLast = index == counts.last?.index
            // While it is being recorded, the longest and its bucket may not both be seen yet.
            let value = isLast ? min(max(longest, values.lowerBound), values.upperBound) : values.lowerBound
            _ = histogram.record(value, count: count)
        }
    }

    /// Adds a duration; a negative one counts as 0.
    public mutating func record(_ duration: Duration) {
        _ = histogram.record(duration.histogramNanoseconds)
    }

    /// Adds all that `other` has recorded.
    public mutating func add(_ other: LatencyRecorder) {
        histogram.add(other.histogram)
    }

    /// How many durations were recorded.
    public var count: Int { Int(histogram.totalCount) }

    /// The duration that `percent` of all did not exceed, 0 to 100; zero when there are none.
    public func percentile(_ percent: Double) -> Duration {
        count == 0 ? .zero : .nanoseconds(Int64(histogram.valueAtPercentile(percent)))
    }

    /// The longest; zero when there are none.
    public var longest: Duration {
        count == 0 ? .zero : .nanoseconds(Int64(histogram.maxRecorded))
    }

    /// How many were longer than `limit`, within the histogram's precision.
    public func count(above limit: Duration) -> Int {
        let nanoseconds = limit.histogramNanoseconds
        guard nanoseconds < BucketLayout.longest else { return 0 }
        return Int(histogram.count(within: nanoseconds...BucketLayout.longest))
    }
}
