/// How often each value of Mann and Whitney's U occurs among all orders of two samples without ties: exact, in whole numbers.
///
/// The numbers are the coefficients of the Gaussian binomial coefficient of the samples' sizes (Mann and Whitney, Annals of Mathematical
/// Statistics 1947, whose recurrence they satisfy).
struct RankSumDistribution {
    /// The most values that both samples may have together: of 50, the number of orders fits into 53 bits, and so into a `Double`.
    static let mostValues = 50

    /// How many orders have at most a U.
    private let cumulative: [Int]

    init(_ a: Int, _ b: Int) {
        precondition(a > 0 && b > 0 && a + b <= Self.mostValues)
        var counts = [Int](repeating: 0, count: a * b + 1)
        counts[0] = 1
        for factor in 1...b {
            // Times 1 − x^(a + factor), divided by 1 − x^factor.
            for u in stride(from: a * b, through: a + factor, by: -1) { counts[u] -= counts[u - a - factor] }
            for u in stride(from: factor, through: a * b, by: 1) { counts[u] += counts[u - factor] }
        }
        for u in counts.indices.dropFirst() { counts[u] += counts[u - 1] }
        cumulative = counts
    }

    /// The probability of at most `u`, when all orders are as likely.
    func probability(atMost u: Int) -> Double {
        u < 0 ? 0 : Double(cumulative[min(u, cumulative.count - 1)]) / Double(cumulative[cumulative.count - 1])
    }

    /// The greatest `u` with a probability of at most `part` for it and what is below; -1 when there is none.
    func quantile(_ part: Double) -> Int {
        // 1 − 0.9 is a little less than a tenth.
        let most = part * (1 + 1e-12) * Double(cumulative[cumulative.count - 1])
        return (cumulative.firstIndex { Double($0) > most } ?? cumulative.count) - 1
    }
}
