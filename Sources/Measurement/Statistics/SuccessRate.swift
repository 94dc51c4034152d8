/// How often something succeeds, and how sure that is: the score interval (Wilson, JASA 1927).
///
/// It holds also for rates of 0 and 1 and for few samples, where the usual interval around the rate has no width.
package struct SuccessRate: Sendable, Hashable {
    /// The part that succeeded, 0 to 1; NaN of none.
    package let rate: Double
    /// Where the true rate lies; 0 to 1 when there are no samples.
    package let interval: ClosedRange<Double>

    /// - Parameters:
    ///   - successes: of the samples.
    ///   - confidence: how often the interval holds the true rate, 0 to 1.
    package init(_ successes: Int, of samples: Int, confidence: Double = 0.95) {
        precondition(0...max(0, samples) ~= successes, "\(successes) successes of \(samples)")
        let n = Double(samples), z = NormalDistribution.quantile((1 + confidence) / 2)
        rate = Double(successes) / n
        guard samples > 0 else {
            interval = 0...1
            return
        }
        let centre = rate + z * z / (2 * n)
        let margin = z * (rate * (1 - rate) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        // Rounding must not make a bound of what never failed miss 1.
        let low = successes == 0 ? 0 : (centre - margin) / scale
        interval = low...(successes == samples ? 1 : (centre + margin) / scale)
    }
}
