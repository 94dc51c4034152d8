import Foundation

/// The standard normal distribution.
enum NormalDistribution {
    /// The probability of a value above `z`.
    static func upperTail(_ z: Double) -> Double { erfc(z / 2.0.squareRoot()) / 2 }

    /// The value that a part of all lies below, 0 < `part` < 1.
    ///
    /// By bisection: it is asked for seldom, and nothing about it can go wrong.
    static func quantile(_ part: Double) -> Double {
        // What is above half is found on the other side, where small parts are still exact.
        if part > 0.5 { return -quantile(1 - part) }
        var low = -40.0, high = 0.0
        for _ in 0..<120 {
            let middle = (low + high) / 2
            if upperTail(-middle) < part { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
