import Synchronization

/// Durations of one kind of operation, recorded by any number of threads at the same time.
///
/// Recording waits for nobody and allocates nothing, so that it can be left on. Precision and range are those of ``LatencyRecorder``, which
/// is what ``snapshot()`` returns. Of the memory, some megabytes of address space, only pages that a duration fell on are ever resident.
public final class SharedLatencyRecorder: Sendable {
    private static let layout = BucketLayout.fine
    /// Behind the buckets of a stripe: the octaves that have a count, as a bit each; the longest since it was last taken; the sum.
    private static let octaves = layout.count
    private static let recent = layout.count + 1
    private static let sum = layout.count + 2

    let counts: StripedAtomics
    /// The longest of those that were taken out of the stripes.
    private let past = Atomic<UInt64>(0)

    /// An empty recorder.
    public init() {
        counts = StripedAtomics(count: Self.layout.count + 3)
    }

    /// Adds a duration; a negative one counts as 0, one above an hour as an hour. From any thread.
    public func record(_ duration: Duration) {
        record(duration.histogramNanoseconds, in: counts.own)
    }

    /// The same in nanoseconds.
    func record(nanoseconds: UInt64) {
        record(min(nanoseconds, BucketLayout.longest), in: counts.own)
    }

    func record(_ nanoseconds: UInt64, in stripe: UnsafeMutablePointer<Atomic<UInt64>>) {
        let index = Self.layout.index(of: nanoseconds)
        stripe[index].wrappingAdd(1, ordering: .relaxed)
        stripe[Self.sum].wrappingAdd(nanoseconds, ordering: .relaxed)
        // Both change so seldom that reading them first is cheaper.
        let octave: UInt64 = 1 &<< UInt64(truncatingIfNeeded: Self.layout.octave(of: index))
        if stripe[Self.octaves].load(ordering: .relaxed) & octave == 0 {
            stripe[Self.octaves].bitwiseOr(octave, ordering: .relaxed)
        }
        if stripe[Self.recent].load(ordering: .relaxed) < nanoseconds {
            stripe[Self.recent].max(nanoseconds, ordering: .relaxed)
        }
    }

    /// What has been recorded. What is recorded during the call may be in it or not.
    public func snapshot() -> LatencyRecorder {
        var counts: [(index: Int, count: UInt64)] = []
        forEachBucket { counts.append(($0, $1)) }
        return LatencyRecorder(counts, longest: longest)
    }

    /// How many durations were recorded.
    public var count: Int {
        var sum: UInt64 = 0
        forEachBucket { sum &+= $1 }
        return Int(sum)
    }

    /// All durations together.
    public var total: Duration {
        var sum: UInt64 = 0
        for number in 0..<counts.stripes { sum &+= counts.stripe(number)[Self.sum].load(ordering: .relaxed) }
        return .nanoseconds(Int64(truncatingIfNeeded: sum))
    }

    /// The same as ``snapshot()`` in few buckets, for a series.
    func compact() -> CompactHistogram {
        var histogram = CompactHistogram()
        forEachBucket { histogram.add($1, of: Self.layout.values(of: $0).lowerBound) }
        return histogram
    }

    /// The longest duration since the last call. For one reader: what it takes, no other gets.
    func takeRecentLongest() -> UInt64 {
        var longest: UInt64 = 0
        for number in 0..<counts.stripes {
            // Whoever reads between the two steps knows the longest as its bucket does, within 0.1 %.
            let taken = counts.stripe(number)[Self.recent].exchange(0, ordering: .acquiringAndReleasing)
            past.max(taken, ordering: .releasing)
            longest = max(longest, taken)
        }
        return longest
    }

    private var longest: UInt64 {
        var longest: UInt64 = 0
        for number in 0..<counts.stripes {
            longest = max(longest, counts.stripe(number)[Self.recent].load(ordering: .acquiring))
        }
        return max(longest, past.load(ordering: .acquiring))
    }

    /// In ascending order, those of the stripes added up; without the empty ones.
    private func forEachBucket(_ body: (_ index: Int, _ count: UInt64) -> Void) {
        let occupied = (0..<counts.stripes).map { counts.stripe($0)[Self.octaves].load(ordering: .relaxed) }
        for octave in Self.layout.octaves {
            let stripes = occupied.indices.filter { occupied[$0] >> UInt64(octave) & 1 == 1 }
            guard !stripes.isEmpty else { continue }
            for index in Self.layout.buckets(ofOctave: octave) {
                var sum: UInt64 = 0
                for stripe in stripes { sum &+= counts.stripe(stripe)[index].load(ordering: .relaxed) }
                if sum > 0 { body(index, sum) }
            }
        }
    }
}
