import Histogram

/// Durations of one kind of operation, in memory of a fixed size however many there are.
///
/// A high dynamic range histogram (Tene, HdrHistogram): any percentile is within 0.1 % of the true value, from a nanosecond to an hour; longer
/// durations count as an hour. A plain value: each task records into its own, and they are added up at the end.
public struct LatencyRecorder: Sendable {
    private static let longest: UInt64 = 3_600_000_000_000

    private var histogram = Histogram<UInt64>(
        highestTrackableValue: LatencyRecorder.longest, numberOfSignificantValueDigits: .three)

    /// An empty recorder, of some 250 KB.
    public init() {}

    /// Adds a duration; a negative one counts as 0.
    public mutating func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let nanoseconds =
            seconds >= 3_600
            ? Self.longest
            : seconds < 0 ? 0 : UInt64(seconds) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
        _ = histogram.record(nanoseconds)
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
        let nanoseconds = UInt64(max(0, limit / .nanoseconds(1)))
        guard nanoseconds < Self.longest else { return 0 }
        return Int(histogram.count(within: nanoseconds...Self.longest))
    }
}
