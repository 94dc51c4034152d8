/// Durations in few buckets: enough for the 50th, 95th and 99th percentile of a moment, in at most 5 KB and usually less than one.
///
/// A percentile is within 3.2 % of the true value, or half a nanosecond. A plain value.
package struct CompactHistogram: Sendable, Hashable {
    private static let layout = BucketLayout.compact

    /// The bucket of the first count.
    private var first = 0
    /// From the first bucket that isn't empty to the last; those outside have no place.
    private var counts: [UInt64] = []
    /// How many durations there are.
    package private(set) var count: UInt64 = 0

    package init() {}

    package mutating func record(_ duration: Duration) {
        add(1, of: duration.histogramNanoseconds)
    }

    /// - Parameter nanoseconds: at most an hour.
    mutating func add(_ times: UInt64, of nanoseconds: UInt64) {
        let index = Self.layout.index(of: nanoseconds)
        makePlace(for: index..<index + 1)
        counts[index - first] += times
        count += times
    }

    /// Adds all that `other` has.
    package mutating func add(_ other: CompactHistogram) {
        makePlace(for: other.places)
        for index in other.places { counts[index - first] += other.counts[index - other.first] }
        count += other.count
    }

    /// What has come since an earlier state of the same histogram.
    func since(_ earlier: CompactHistogram) -> CompactHistogram {
        var difference = CompactHistogram()
        for index in places {
            let before = earlier.places.contains(index) ? earlier.counts[index - earlier.first] : 0
            let now = counts[index - first]
            if now > before { difference.add(now - before, of: Self.layout.values(of: index).lowerBound) }
        }
        return difference
    }

    /// The duration that `percent` of all did not exceed, 0 to 100; zero when there are none.
    package func percentile(_ percent: Double) -> Duration {
        let wanted = max(1, (percent / 100 * Double(count)).rounded(.up))
        var sum = 0.0
        for index in places {
            sum += Double(counts[index - first])
            if sum >= wanted { return .nanoseconds(Int64(middle(of: index))) }
        }
        return .zero
    }

    /// What the longest is at least.
    var longestAtLeast: Duration {
        counts.isEmpty ? .zero : .nanoseconds(Int64(Self.layout.values(of: places.upperBound - 1).lowerBound))
    }

    /// The middle of each bucket in nanoseconds, ascending, with its count.
    var middles: [(nanoseconds: UInt64, count: UInt64)] { places.map { (middle(of: $0), counts[$0 - first]) } }

    private var places: Range<Int> { first..<first + counts.count }

    private func middle(of index: Int) -> UInt64 {
        let values = Self.layout.values(of: index)
        return values.lowerBound + (values.upperBound - values.lowerBound) / 2
    }

    private mutating func makePlace(for wanted: Range<Int>) {
        guard !wanted.isEmpty else { return }
        if counts.isEmpty { first = wanted.lowerBound }
        if wanted.lowerBound < first {
            counts.insert(contentsOf: repeatElement(0, count: first - wanted.lowerBound), at: 0)
            first = wanted.lowerBound
        }
        let missing = wanted.upperBound - places.upperBound
        if missing > 0 { counts.append(contentsOf: repeatElement(0, count: missing)) }
    }
}
