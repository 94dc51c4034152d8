import Foundation
import Measurement
import Testing

@testable import LoadTesting

@Suite("S3: when operations are due")
struct ArrivalsTests {
    private func moments(_ spacing: Arrivals.Spacing, rate: Double, count: Int, seed: UInt64 = 1) -> [Double] {
        var arrivals = Arrivals(rate: rate, spacing: spacing, generator: SplitMix64(seed: seed))
        return (0..<count).map { _ in arrivals.next() / .seconds(1) }
    }

    private func gaps(_ moments: [Double]) -> [Double] { zip(moments.dropFirst(), moments).map { $0 - $1 } }

    @Test("S3: uniform operations come at their rate, and the gaps' rounding does not add up")
    func uniform() {
        let moments = moments(.uniform, rate: 300, count: 1_000_001)
        #expect(moments[0] == 0)
        #expect(abs(moments[1_000_000] - 1_000_000.0 / 300) < 1e-9)
        #expect(moments.count { $0 < 10 } == 3_000)
        #expect(gaps(moments).allSatisfy { abs($0 - 1.0 / 300) < 1e-9 })
    }

    @Test("S3: Poisson gaps have the mean and the variance of their rate", arguments: 1...5 as ClosedRange<UInt64>)
    func poisson(seed: UInt64) {
        let rate = 50.0, count = 100_000
        let gaps = gaps(moments(.poisson, rate: rate, count: count + 1, seed: seed))
        let mean = gaps.reduce(0, +) / Double(count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        // Within four standard errors: of the mean 1/√n, of the variance √(8/n), as parts of them.
        #expect(abs(mean * rate - 1) < 4 / Double(count).squareRoot())
        #expect(abs(variance * rate * rate - 1) < 4 * (8 / Double(count)).squareRoot())
        let longer = Double(gaps.count { $0 > 1 / rate }) / Double(count)
        #expect(abs(longer - exp(-1)) < 4 * (exp(-1) * (1 - exp(-1)) / Double(count)).squareRoot())
        #expect(gaps.allSatisfy { $0 >= 0 })
    }

    @Test("S3: a Poisson gap tells nothing of the next, and counts vary as much as they are", arguments: [3, 4])
    func independence(seed: UInt64) {
        let rate = 100.0, count = 100_000
        let moments = moments(.poisson, rate: rate, count: count, seed: seed)
        let gaps = gaps(moments), mean = 1 / rate
        let products = zip(gaps, gaps.dropFirst()).map { ($0 - mean) * ($1 - mean) }
        let correlation = products.reduce(0, +) / Double(products.count) * rate * rate
        #expect(abs(correlation) < 4 / Double(count).squareRoot())
        // Of each second: the variance is the mean.
        let seconds = Int(moments[count - 1])
        var counts = [Double](repeating: 0, count: seconds)
        for moment in moments where Int(moment) < seconds { counts[Int(moment)] += 1 }
        let average = counts.reduce(0, +) / Double(seconds)
        let variance = counts.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(seconds - 1)
        #expect(abs(variance / average - 1) < 4 * (2 / Double(seconds)).squareRoot())
    }

    @Test("S3: the same seed makes the same moments, another one others")
    func seeds() {
        let first = moments(.poisson, rate: 10, count: 100, seed: 7)
        #expect(first == moments(.poisson, rate: 10, count: 100, seed: 7))
        #expect(first != moments(.poisson, rate: 10, count: 100, seed: 8))
    }
}
