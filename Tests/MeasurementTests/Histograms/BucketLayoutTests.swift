import Testing

@testable import Measurement

@Suite("M2: where a histogram counts a value")
struct BucketLayoutTests {
    @Test(
        "M2: buckets follow each other without a gap, and none is wider than it may be",
        arguments: [BucketLayout.fine, .compact])
    func contiguous(layout: BucketLayout) {
        var next: UInt64 = 0
        for index in 0..<layout.count {
            let values = layout.values(of: index)
            #expect(values.lowerBound == next)
            #expect(layout.index(of: values.lowerBound) == index)
            #expect(layout.index(of: values.upperBound) == index)
            let width = values.upperBound - values.lowerBound
            #expect(width == 0 || width < values.lowerBound >> UInt64(layout.octaveBits))
            next = values.upperBound + 1
        }
        #expect(next > BucketLayout.longest)
    }

    @Test("M2: all buckets are in one octave, and a bucket of few is made of whole ones of many")
    func nesting() {
        for layout in [BucketLayout.fine, .compact] {
            #expect(layout.octaves.flatMap { Array(layout.buckets(ofOctave: $0)) } == Array(0..<layout.count))
        }
        for index in 0..<BucketLayout.fine.count {
            let values = BucketLayout.fine.values(of: index)
            let compact = BucketLayout.compact
            #expect(compact.index(of: values.lowerBound) == compact.index(of: values.upperBound))
        }
    }

    @Test("M2: nanoseconds without a 128-bit division are the same as with it")
    func nanoseconds() {
        var generator = SplitMix64(seed: 3)
        var durations: [Duration] = [
            .zero, .nanoseconds(-1), .seconds(-5), .seconds(3_600), .seconds(3_600) - .nanoseconds(1), .seconds(1e15),
            Duration(attoseconds: 999_999_999), Duration(attoseconds: 1_000_000_000), Duration(attoseconds: -1),
        ]
        for _ in 0..<10_000 {
            let bits = Int64.random(in: 0..<62, using: &generator)
            durations.append(
                Duration(attoseconds: Int128(Int64.random(in: 0...(1 << bits), using: &generator)) * 1_000))
        }
        for duration in durations {
            let (seconds, attoseconds) = duration.components
            let expected =
                seconds >= 3_600
                ? BucketLayout.longest
                : duration < .zero ? 0 : UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000
            #expect(duration.histogramNanoseconds == expected)
        }
    }
}
