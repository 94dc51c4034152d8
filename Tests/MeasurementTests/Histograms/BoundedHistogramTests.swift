import Testing

@testable import Measurement

@Suite("Durations between fixed bounds")
struct BoundedHistogramTests {
    @Test("M6: each bucket counts what is at most its bound, its own included, and the rest is in the count")
    func buckets() {
        let histogram = BoundedHistogram(bounds: [.microseconds(10), .milliseconds(1)])
        for nanoseconds in [-5, 0, 10_000, 10_001, 1_000_000, 1_000_001] as [Int64] {
            histogram.record(nanoseconds: nanoseconds)
        }
        let reading = histogram.reading
        #expect(reading.atMost == [3, 5] && reading.count == 6)
        #expect(reading.total == .nanoseconds(10_000 + 10_001 + 1_000_000 + 1_000_001))
    }

    @Test("M6: what many threads record at the same time is all there")
    func threads() async {
        let histogram = BoundedHistogram(bounds: [.nanoseconds(50)])
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { for value in 1...1_000 { histogram.record(nanoseconds: Int64(value % 100)) } }
            }
        }
        #expect(histogram.reading.count == 8_000 && histogram.reading.atMost == [8 * 510])
        #expect(histogram.reading.total == .nanoseconds(8 * 10 * 4_950))
    }
}
