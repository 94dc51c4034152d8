/// Which bucket a value is counted in: as many buckets for each power of two, so that each is as wide in proportion as any other.
///
/// The layout of HdrHistogram (Tene, hdrhistogram.org): values below twice the buckets of an octave have a bucket each. A layout of fewer
/// buckets is one of more with neighbours put together, so that counts can be carried over and stay exact.
struct BucketLayout: Sendable, Hashable {
    /// An hour in nanoseconds: what is longer counts as one.
    static let longest: UInt64 = 3_600_000_000_000

    /// The binary logarithm of the buckets of an octave.
    let octaveBits: Int

    /// Within 0.1 %: what HdrHistogram has for three digits.
    static let fine = BucketLayout(octaveBits: 10)
    /// Within 3.2 %, from the middle of a bucket.
    static let compact = BucketLayout(octaveBits: 4)

    /// How many buckets there are from 0 to the longest, in whole octaves.
    var count: Int { (index(of: Self.longest) >> octaveBits + 1) << octaveBits }

    /// - Parameter value: at most the longest.
    func index(of value: UInt64) -> Int {
        // The bits that are left out: none below twice the buckets of an octave.
        let shift = 63 &- octaveBits &- (value | (2 &<< UInt64(octaveBits) &- 1)).leadingZeroBitCount
        return shift &<< octaveBits &+ Int(truncatingIfNeeded: value &>> UInt64(shift))
    }

    /// The values that are counted in a bucket.
    func values(of index: Int) -> ClosedRange<UInt64> {
        let shift = max(0, index >> octaveBits - 1)
        let lowest = UInt64(index - shift << octaveBits) << UInt64(shift)
        return lowest...(lowest + (1 << UInt64(shift) - 1))
    }

    /// The octave of a bucket; the first two are those of the values that have a bucket each.
    func octave(of index: Int) -> Int { index &>> octaveBits }

    /// The buckets of an octave.
    func buckets(ofOctave octave: Int) -> Range<Int> { octave << octaveBits..<(octave + 1) << octaveBits }

    var octaves: Range<Int> { 0..<octave(of: count) }
}

extension Duration {
    /// For a histogram: at least 0, at most an hour, without the division of 128-bit numbers that `components` makes.
    var histogramNanoseconds: UInt64 {
        let attoseconds = self.attoseconds
        if attoseconds <= 0 { return 0 }
        if attoseconds >= 3_600_000_000_000_000_000_000 { return BucketLayout.longest }
        // 10^9 is 2^9 · 1 953 125, and an hour without those nine bits fits into 64.
        return UInt64(truncatingIfNeeded: attoseconds >> 9) / 1_953_125
    }
}
