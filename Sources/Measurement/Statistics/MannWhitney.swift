/// Whether one of two samples tends to have greater values than the other, whatever their distribution: the U test.
///
/// Mann and Whitney, Annals of Mathematical Statistics 1947. Exact when no value occurs twice and there are at most 50 in all; else by the
/// normal approximation with corrections for ties and continuity (Lehmann, Nonparametrics, 1975, section 1.4).
package struct MannWhitney: Sendable, Hashable {
    /// How many pairs of a value from each have the greater one in the first sample; one that ties counts half.
    package let u: Double
    /// How likely it is that samples of the same distribution differ as much, in either direction.
    package let p: Double
    /// The part of all pairs that have the greater value in the first sample: 0.5 when none tends to be greater (Vargha and Delaney,
    /// Journal of Educational and Behavioral Statistics 2000).
    package let superiority: Double
    /// Whether `p` is exact.
    package let isExact: Bool

    /// - Parameters:
    ///   - first: at least one value, none of them NaN.
    ///   - second: at least one value, none of them NaN.
    package init(_ first: [Double], _ second: [Double]) {
        precondition(!first.isEmpty && !second.isEmpty, "a test of two samples needs both")
        let ranks = JointRanks(first, second)
        let (a, b) = (Double(first.count), Double(second.count))
        let u = ranks.sumOfFirst - a * (a + 1) / 2
        let greater = max(u, a * b - u)
        isExact = ranks.ties == 0 && first.count + second.count <= RankSumDistribution.mostValues
        if isExact {
            let distribution = RankSumDistribution(first.count, second.count)
            p = min(1, 2 * distribution.probability(atMost: Int(a * b - greater)))
        } else {
            let n = a + b
            let variance = a * b / 12 * ((n + 1) - ranks.ties / (n * (n - 1)))
            // When all values are the same, there is nothing to tell.
            p =
                variance > 0
                ? min(1, 2 * NormalDistribution.upperTail((greater - a * b / 2 - 0.5) / variance.squareRoot())) : 1
        }
        self.u = u
        superiority = u / (a * b)
    }

    /// The least p that two samples of these sizes can have, when no value occurs twice.
    static func leastP(_ first: Int, _ second: Int) -> Double {
        guard first + second <= RankSumDistribution.mostValues else { return 0 }
        return min(1, 2 * RankSumDistribution(first, second).probability(atMost: 0))
    }
}

/// The ranks of two samples' values among all of them; values that are the same share their ranks' mean.
struct JointRanks {
    /// Of the first sample's values.
    let sumOfFirst: Double
    /// The sum of t³ − t over groups of t values that are the same.
    let ties: Double

    init(_ first: [Double], _ second: [Double]) {
        let all = (first.map { ($0, true) } + second.map { ($0, false) }).sorted { $0.0 < $1.0 }
        var sum = 0.0, ties = 0.0
        var start = 0
        while start < all.count {
            var end = start + 1
            while end < all.count, all[end].0 == all[start].0 { end += 1 }
            let size = Double(end - start)
            // Ranks count from 1.
            let rank = Double(start + 1 + end) / 2
            sum += rank * Double(all[start..<end].count { $0.1 })
            ties += size * size * size - size
            start = end
        }
        sumOfFirst = sum
        self.ties = ties
    }
}
