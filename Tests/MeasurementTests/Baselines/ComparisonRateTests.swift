import Foundation
import Testing

@testable import Measurement

/// How often verdicts are right, by simulation from seeds.
@Suite("M4: how often a comparison is right")
struct ComparisonRateTests {
    /// Ten metrics of which the first is slower by a factor, with noise among the repetitions of a run and among runs.
    private func baseline(
        _ name: String, runs: Int = 1, within: Double, between: Double = 0, factor: Double = 1, _ samples: inout Samples
    ) -> Baseline {
        let metrics = (0..<10).map { number in
            var metric = Baseline.Metric(id: "\(number)", unit: "ms", better: .lower, samples: [])
            metric.runs = (0..<runs).map { _ in
                let middle = 10 * (number == 0 ? factor : 1) * exp(between * samples.normal())
                return samples.many(15) { middle * exp(within * $0.normal()) }
            }
            return metric
        }
        return Baseline(name, metrics: metrics)
    }

    private func isChange(_ metric: MetricComparison) -> Bool {
        metric.verdict == .regressed || metric.verdict == .improved
    }

    @Test("M4: of the same code, twenty comparisons of ten noisy metrics find no change")
    func quietMachine() throws {
        var samples = Samples(seed: 1)
        for _ in 0..<20 {
            let comparison = try Comparison(
                baseline: baseline("a", within: 0.05, &samples), candidate: baseline("b", within: 0.05, &samples),
                confirmation: baseline("c", within: 0.05, &samples))
            #expect(!comparison.metrics.contains(where: isChange))
            #expect(comparison.metrics.count { $0.verdict == .unchanged } >= 5)
        }
    }

    @Test("M4: half as slow again is found among ten noisy metrics, each time, and nothing else is")
    func slower() throws {
        var samples = Samples(seed: 2)
        for _ in 0..<20 {
            let comparison = try Comparison(
                baseline: baseline("a", within: 0.05, &samples),
                candidate: baseline("b", within: 0.05, factor: 1.5, &samples),
                confirmation: baseline("c", within: 0.05, factor: 1.5, &samples))
            #expect(comparison.metrics.filter(isChange).map(\.id) == ["0"])
            #expect(comparison.metrics[0].verdict == .regressed)
        }
    }

    @Test(
        "M4: where runs differ by more than repetitions, a baseline of several runs is wrong far less often than one of a single run"
    )
    func severalRuns() throws {
        func wrong(runs: Int, seed: UInt64) throws -> Int {
            var samples = Samples(seed: seed)
            return try (0..<25).count { _ in
                try Comparison(
                    baseline: baseline("a", runs: runs, within: 0.02, between: 0.05, &samples),
                    candidate: baseline("b", within: 0.02, between: 0.05, &samples),
                    confirmation: baseline("c", within: 0.02, between: 0.05, &samples)
                ).metrics.contains(where: isChange)
            }
        }
        let single = try wrong(runs: 1, seed: 3), several = try wrong(runs: 5, seed: 3)
        #expect(several * 3 < single, "\(several), \(single)")
    }
}
