import Foundation
import Measurement

/// Samples of known distributions, from a seed.
struct Samples {
    var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    mutating func uniform() -> Double { Double.random(in: 0..<1, using: &generator) }

    /// Box and Muller, Annals of Mathematical Statistics 1958.
    mutating func normal() -> Double {
        (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
    }

    /// What latencies look like: many short ones and a few long ones.
    mutating func logNormal(_ deviation: Double = 0.5) -> Double { exp(deviation * normal()) }

    mutating func many(_ count: Int, _ draw: (inout Samples) -> Double) -> [Double] {
        (0..<count).map { _ in draw(&self) }
    }
}

/// Whether two numbers are the same but for rounding.
func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
    a == b || abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-300)
}

/// The data that Hollander and Wolfe show the U test with: permeability constants of the human chorioamnion (Nonparametric Statistical Methods, section 4.1).
enum Permeability {
    static let term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    static let early = [1.15, 0.88, 0.90, 0.74, 1.21]
}

/// Two samples that are made alike in Python: `[sin(i * 1.7) * 3 + i * slope for i in range(n)]` and `[cos(i * 2.3) * 3 + i * slope + offset for …]`.
func sines(_ count: Int, slope: Double) -> [Double] {
    (0..<count).map { sin(Double($0) * 1.7) * 3 + Double($0) * slope }
}
func cosines(_ count: Int, slope: Double = 0, offset: Double = 0) -> [Double] {
    (0..<count).map { cos(Double($0) * 2.3) * 3 + Double($0) * slope + offset }
}
