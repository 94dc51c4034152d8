import Foundation
import Testing

@testable import Measurement

@Suite("M2: how sure a success rate is")
struct SuccessRateTests {
    @Test("M2: intervals of known counts")
    func known() {
        // scipy 1.17.1: stats.binomtest(k, n).proportion_ci(method='wilson'), and the lower end with 99 %.
        let cases: [(k: Int, n: Int, low: Double, high: Double, low99: Double)] = [
            (0, 10, 0, 0.27753279986288926, 0),
            (10, 10, 0.7224672001371109, 1, 0.6011459066950919),
            (299, 299, 0.9873152809537595, 1, 0.9782914298242503),
            (81, 263, 0.2552885198782742, 0.36620957698280004, 0.24013690268760768),
            (15, 148, 0.06238639953073629, 0.16048724172330803, 0.05364486961396485),
            (1, 29, 0.006113214292762667, 0.17175521879320282, 0.0040614941968838275),
            (9_980, 10_000, 0.9969126493353494, 0.9987048882874566, 0.9964729392967194),
        ]
        for (k, n, low, high, low99) in cases {
            let rate = SuccessRate(k, of: n)
            #expect(rate.rate == Double(k) / Double(n))
            #expect(isClose(rate.interval.lowerBound, low, 1e-11), "\(k) of \(n): \(rate.interval)")
            #expect(isClose(rate.interval.upperBound, high, 1e-11), "\(k) of \(n): \(rate.interval)")
            #expect(isClose(SuccessRate(k, of: n, confidence: 0.99).interval.lowerBound, low99, 1e-11))
        }
    }

    @Test("M2: of no samples nothing is known")
    func none() {
        #expect(SuccessRate(0, of: 0).interval == 0...1)
        #expect(SuccessRate(0, of: 0).rate.isNaN)
    }

    @Test("M2: successes and failures are mirror images")
    func symmetry() {
        for n in [1, 7, 50] {
            for k in 0...n {
                let a = SuccessRate(k, of: n).interval, b = SuccessRate(n - k, of: n).interval
                #expect(
                    isClose(a.lowerBound, 1 - b.upperBound, 1e-12) || abs(a.lowerBound - (1 - b.upperBound)) < 1e-15)
                #expect(a.contains(Double(k) / Double(n)))
            }
        }
    }

    @Test("M2: over all rates the interval holds the true one about as often as it says")
    func coverage() {
        // Exact: the sum of the binomial probabilities of the counts whose interval holds the rate.
        let n = 100
        let intervals = (0...n).map { SuccessRate($0, of: n).interval }
        let coverages = stride(from: 0.02, to: 0.985, by: 0.003).map { rate -> Double in
            (0...n).reduce(0.0) { sum, k in
                guard intervals[k].contains(rate) else { return sum }
                let choices = lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1))
                return sum + exp(choices + Double(k) * log(rate) + Double(n - k) * log(1 - rate))
            }
        }
        let mean = coverages.reduce(0, +) / Double(coverages.count)
        #expect((0.94...0.965).contains(mean), "\(mean)")
        #expect(coverages.allSatisfy { $0 > 0.9 })
    }

    @Test("M4: the normal distribution's quantiles and tails")
    func normal() {
        // scipy 1.17.1: stats.norm.ppf and stats.norm.sf.
        for (part, z) in [
            (0.975, 1.959963984540054), (0.5, 0), (1e-10, -6.361340902404056), (0.9, 1.2815515655446004),
            (0.995, 2.5758293035489004),
        ] {
            #expect(abs(NormalDistribution.quantile(part) - z) < 1e-12, "\(part)")
        }
        for (z, tail) in [
            (0, 0.5), (1.959963984540054, 0.025), (5, 2.866515718791933e-07), (10, 7.61985302416047e-24),
            (-1, 0.8413447460685429),
        ] {
            #expect(isClose(NormalDistribution.upperTail(z), tail, 1e-10), "\(z)")
        }
    }
}
