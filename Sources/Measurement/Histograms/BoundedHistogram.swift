import Synchronization

/// Durations counted between fixed bounds, by any number of threads at the same time: for monitoring systems, whose histograms have few buckets.
///
/// Recording waits for nobody and allocates nothing.
package final class BoundedHistogram: Sendable {
    /// The upper ends of all buckets but the last, which has none, in nanoseconds and ascending.
    package let bounds: [UInt64]
    /// For each number of binary digits, the first bucket that a duration with so many can be in.
    private let firstBuckets: [Int]
    /// A number for each bucket, then the sum of all durations.
    private let counts: StripedAtomics

    /// - Parameter bounds: the buckets' upper ends, ascending; each bucket includes its own.
    package init(bounds: [Duration]) {
        self.bounds = bounds.map(\.histogramNanoseconds)
        precondition(zip(self.bounds, self.bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds have to ascend")
        let ends = self.bounds
        firstBuckets = (0...64).map { digits in
            let least: UInt64 = digits == 0 ? 0 : 1 << UInt64(digits - 1)
            return ends.firstIndex { $0 >= least } ?? ends.count
        }
        counts = StripedAtomics(count: bounds.count + 2)
    }

    /// Adds a duration; a negative one counts as 0. From any thread.
    package func record(nanoseconds: Int64) {
        let nanoseconds = UInt64(max(0, nanoseconds))
        // From there it is one or two further.
        var index = firstBuckets[64 - nanoseconds.leadingZeroBitCount]
        while index < bounds.count, bounds[index] < nanoseconds { index += 1 }
        let stripe = counts.own
        stripe[index].wrappingAdd(1, ordering: .relaxed)
        // Waits are mostly none.
        if nanoseconds > 0 { stripe[bounds.count + 1].wrappingAdd(nanoseconds, ordering: .relaxed) }
    }

    /// How many durations were at most each bound, how many there are, and their sum.
    package var reading: (atMost: [Int], count: Int, total: Duration) {
        func sum(_ index: Int) -> UInt64 {
            (0..<counts.stripes).reduce(0) { $0 &+ counts.stripe($1)[index].load(ordering: .relaxed) }
        }
        var running = 0
        let atMost = bounds.indices.map { index in
            running += Int(sum(index))
            return running
        }
        return (
            atMost, running + Int(sum(bounds.count)), .nanoseconds(Int64(truncatingIfNeeded: sum(bounds.count + 1)))
        )
    }
}
