import Foundation
import Measurement

/// The moments at which operations are due, from a rate and a seed, as a pure value: whether earlier ones have been
/// answered has no part in it, which is what makes a load open.
struct Arrivals: Sendable {
    /// How the moments lie.
    enum Spacing: String, Sendable, Codable {
        /// All gaps are the same.
        case uniform
        /// The gaps are those of a Poisson process, as of many users who know nothing of each other: some moments are
        /// crowded.
        case poisson
    }

    let rate: Double
    let spacing: Spacing
    private var generator: SplitMix64
    private var count = 0
    /// In seconds.
    private var last = 0.0

    /// - Parameter rate: a second; more than 0.
    init(rate: Double, spacing: Spacing, generator: SplitMix64) {
        precondition(rate > 0, "operations that never come have no moments")
        self.rate = rate
        self.spacing = spacing
        self.generator = generator
    }

    /// The next moment, counted from the beginning of the load; none is before the one before it.
    mutating func next() -> Duration {
        switch spacing {
        case .uniform:
            // Not by adding up gaps: their rounding would add up too.
            defer { count += 1 }
            return Self.moment(Double(count) / rate)
        case .poisson:
            // The gap by inversion of its distribution; 1 - u is never 0.
            last += -log(1 - Double.random(in: 0..<1, using: &generator)) / rate
            return Self.moment(last)
        }
    }

    /// In whole nanoseconds.
    private static func moment(_ seconds: Double) -> Duration {
        .nanoseconds(Int64((seconds * 1_000_000_000).rounded()))
    }
}
