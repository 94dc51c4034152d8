import Foundation

/// Numbers from 1 to `count`, the `n`-th in proportion to `1 / n ^ exponent`.
///
/// Rejection-inversion (Hörmann and Derflinger, "Rejection-Inversion to Generate Variates from Monotone Discrete
/// Distributions", ACM TOMACS 1996): exact, at the same small cost for any count, and without a table.
package struct Zipfian: Sendable, Hashable {
    package let count: Int
    package let exponent: Double
    private let upper: Double
    private let lower: Double
    private let shortcut: Double

    /// - Parameters:
    ///   - count: at least 1.
    ///   - exponent: more than 0; 1 is Zipf's own law.
    package init(count: Int, exponent: Double) {
        precondition(count >= 1 && exponent > 0)
        self.count = count
        self.exponent = exponent
        upper = Self.integral(Double(count) + 0.5, exponent)
        lower = Self.integral(1.5, exponent) - 1
        shortcut = 2 - Self.inverse(Self.integral(2.5, exponent) - pow(2, -exponent), exponent)
    }

    package func next(using generator: inout some RandomNumberGenerator) -> Int {
        while true {
            let place = upper + Double.random(in: 0..<1, using: &generator) * (lower - upper)
            let value = Self.inverse(place, exponent)
            let number = min(max(1, Int(value.rounded())), count)
            let distance = Double(number) - value
            if distance <= shortcut
                || place >= Self.integral(Double(number) + 0.5, exponent) - pow(Double(number), -exponent)
            {
                return number
            }
        }
    }

    /// Of `x ^ -exponent`, up to a constant: `(x^(1-e) - 1) / (1 - e)`, and `log x` where the exponent is 1.
    private static func integral(_ x: Double, _ exponent: Double) -> Double {
        let logarithm = log(x), power = (1 - exponent) * logarithm
        return abs(power) > 1e-8 ? expm1(power) / power * logarithm : logarithm
    }

    private static func inverse(_ y: Double, _ exponent: Double) -> Double {
        let scaled = y * (1 - exponent)
        return exp(abs(scaled) > 1e-8 ? log1p(max(-1, scaled)) / scaled * y : y)
    }
}
