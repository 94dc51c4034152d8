import GraphClient
import Measurement

/// One figure of both of the graph's engines, measured in turns in the same run.
package struct EngineFigure: Sendable, Codable, Hashable {
    /// A median, and where it lies with 95 % confidence.
    package struct Estimate: Sendable, Codable, Hashable {
        package var value, low, high: Double

        init(_ estimate: RatioEstimate) {
            value = Self.rounded(estimate.median)
            low = Self.rounded(estimate.interval.lowerBound)
            high = Self.rounded(estimate.interval.upperBound)
        }

        private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
    }

    package var id: String
    /// What it is, in a few words.
    package var summary: String
    package var unit: String
    package var better: Baseline.Metric.Better
    package var kuzu: Estimate
    package var ladybug: Estimate
    /// How many times as good LadybugDB's is as Kùzu's, by the turns: above 1 where it is the better one.
    package var advantage: Estimate
    /// How many turns.
    package var samples: Int

    /// - Parameter turns: at least one; each is more than 0.
    package init(
        id: String, summary: String, unit: String, better: Baseline.Metric.Better,
        turns: [(kuzu: Double, ladybug: Double)]
    ) {
        self.id = id
        self.summary = summary
        self.unit = unit
        self.better = better
        kuzu = Estimate(RatioEstimate(values: turns.map(\.kuzu)))
        ladybug = Estimate(RatioEstimate(values: turns.map(\.ladybug)))
        advantage = Estimate(
            RatioEstimate(
                turns.map { better == .lower ? ($0.kuzu, $0.ladybug) : ($0.ladybug, $0.kuzu) }))
        samples = turns.count
    }

    /// The better engine; nil where the turns don't tell them apart.
    package var leader: GraphEngine.Kind? {
        if advantage.low > 1 { return .ladybug }
        return advantage.high < 1 ? .kuzu : nil
    }
}
