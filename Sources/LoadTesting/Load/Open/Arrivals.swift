import Foundation
import Measurement
import Scenarios

/// The moments at which operations are due, from a rate and a seed, as a pure value: whether earlier ones have been
/// answered has no part in it, which is what makes a load open.
struct Arrivals: Sendable {
    typealias Spacing = ArrivalSpacing

    /// Nil for the same rate for ever.
    private let curve: LevelCurve?
    private let rate: Double
    let spacing: Spacing
    private var generator: SplitMix64
    private var count = 0
    /// Operations that were due on average: with one rate, the seconds times the rate.
    private var last = 0.0

    /// - Parameter rate: a second; more than 0.
    init(rate: Double, spacing: Spacing, generator: SplitMix64) {
        precondition(rate > 0, "operations that never come have no moments")
        self.rate = rate
        curve = nil
        self.spacing = spacing
        self.generator = generator
    }

    /// A rate that changes over time; after its end there are no more.
    init(curve: LevelCurve, spacing: Spacing, generator: SplitMix64) {
        self.curve = curve
        rate = 1
        self.spacing = spacing
        self.generator = generator
    }

    /// After all that there are.
    static let never = Duration.seconds(1 << 40)

    /// The next moment, counted from the beginning of the load; none is before the one before it.
    mutating func next() -> Duration {
        switch spacing {
        case .uniform:
            // Not by adding up gaps: their rounding would add up too.
            defer { count += 1 }
            return moment(Double(count))
        case .poisson:
            // The gap by inversion of its distribution; 1 - u is never 0.
            last += -log(1 - Double.random(in: 0..<1, using: &generator))
            return moment(last)
        }
    }

    /// When so many operations are due on average.
    private func moment(_ operations: Double) -> Duration {
        guard let curve else { return Self.nanoseconds(operations / rate) }
        return curve.moment(ofArea: operations) ?? Self.never
    }

    /// In whole nanoseconds.
    private static func nanoseconds(_ seconds: Double) -> Duration {
        .nanoseconds(Int64((seconds * 1_000_000_000).rounded()))
    }
}
