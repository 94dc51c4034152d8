import Testing

@testable import Measurement

@Suite("M2: histograms of few buckets")
struct CompactHistogramTests {
    /// Durations over many octaves, so that the histogram has to grow both ways.
    private func durations(_ count: Int, seed: UInt64) -> [Duration] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            let bits = Int64.random(in: 0..<40, using: &generator)
            return .nanoseconds(Int64.random(in: 0...(1 << bits), using: &generator))
        }
    }

    private func histogram(_ durations: [Duration]) -> CompactHistogram {
        var histogram = CompactHistogram()
        for duration in durations { histogram.record(duration) }
        return histogram
    }

    @Test("M2: percentiles are within 3.2 % of those of the sorted durations", arguments: 1...5 as ClosedRange<UInt64>)
    func precision(seed: UInt64) {
        let durations = durations(1_000, seed: seed)
        let sorted = durations.sorted()
        let histogram = histogram(durations)
        #expect(histogram.count == 1_000)
        for percent in [0.1, 1, 25, 50, 90, 95, 99, 99.9, 100] {
            let exact = sorted[Int((percent / 100 * 1_000).rounded(.up)) - 1]
            let found = histogram.percentile(percent)
            let error = abs((found - exact) / .nanoseconds(1))
            #expect(error <= 0.032 * (exact / .nanoseconds(1)) + 0.5, "\(percent) %: \(found), \(exact)")
        }
    }

    @Test("M2: adding and taking away are exact")
    func arithmetic() {
        let a = durations(300, seed: 1), b = durations(500, seed: 2)
        var sum = histogram(a)
        sum.add(histogram(b))
        #expect(sum == histogram(a + b))
        #expect(sum.since(histogram(a)) == histogram(b))
        #expect(sum.since(sum) == CompactHistogram())
        sum.add(CompactHistogram())
        #expect(sum == histogram(a + b))
        #expect(CompactHistogram().percentile(99) == .zero)
    }
}
