/// By how much one sample's values are greater than another's: the median of all differences between a value of each.
///
/// Hodges and Lehmann, Annals of Mathematical Statistics 1963. The interval holds the shifts that the U test would not refuse (Moses; Hollander
/// and Wolfe, Nonparametric Statistical Methods, 2nd edition, section 4.3): from the exact distribution with at most 50 values in all, else from the
/// normal approximation.
package struct HodgesLehmann: Sendable, Hashable {
    /// The first sample's values less the second's.
    package let shift: Double
    /// Where the shift lies; without bounds when there are too few values to say.
    package let interval: ClosedRange<Double>

    /// - Parameters:
    ///   - first: at least one value, all finite.
    ///   - second: at least one value, all finite.
    ///   - confidence: how often the interval holds the true shift, 0 to 1.
    package init(_ first: [Double], _ second: [Double], confidence: Double = 0.95) {
        precondition(!first.isEmpty && !second.isEmpty, "a shift between samples needs both")
        let differences = Differences(first, second)
        let count = first.count * second.count
        shift = (differences.ordered((count + 1) / 2) + differences.ordered(count / 2 + 1)) / 2
        // As many differences are outside at each end.
        let outside: Int
        if first.count + second.count <= RankSumDistribution.mostValues {
            outside = RankSumDistribution(first.count, second.count).quantile((1 - confidence) / 2) + 1
        } else {
            let deviation = (Double(count) * Double(first.count + second.count + 1) / 12).squareRoot()
            let z = NormalDistribution.quantile((1 + confidence) / 2)
            outside = Int((Double(count) / 2 - z * deviation).rounded(.down))
        }
        interval =
            outside < 1
            ? -.infinity ... .infinity
            : differences.ordered(outside)...differences.ordered(count + 1 - outside)
    }
}

/// All differences between a value of each of two samples, in order, without having them in memory.
private struct Differences {
    let first, second: [Double]

    init(_ first: [Double], _ second: [Double]) {
        self.first = first.sorted()
        self.second = second.sorted()
    }

    /// The difference that has `place - 1` before it in order, by bisection over the numbers that there are: 64 steps, each as long as both
    /// samples together.
    func ordered(_ place: Int) -> Double {
        var low = Self.key(-.greatestFiniteMagnitude), high = Self.key(.greatestFiniteMagnitude)
        while low < high {
            let middle = low + (high - low) / 2
            if count(atMost: Self.value(middle)) >= place { high = middle } else { low = middle + 1 }
        }
        return Self.value(low)
    }

    private func count(atMost limit: Double) -> Int {
        var count = 0, next = 0
        for value in first {
            // The greater the first value, the greater must be the second.
            while next < second.count, value - second[next] > limit { next += 1 }
            count += second.count - next
        }
        return count
    }

    /// A number whose order is that of the values.
    private static func key(_ value: Double) -> UInt64 {
        let bits = value.bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    private static func value(_ key: UInt64) -> Double {
        Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
    }
}
