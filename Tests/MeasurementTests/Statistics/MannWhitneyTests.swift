import Foundation
import Testing

@testable import Measurement

@Suite("M4: the U test")
struct MannWhitneyTests {
    private func check(_ test: MannWhitney, u: Double, p: Double, isExact: Bool) {
        #expect(test.u == u)
        #expect(isClose(test.p, p), "\(test.p), expected \(p)")
        #expect(test.isExact == isExact)
    }

    @Test("M4: exact p of known samples")
    func exact() {
        // scipy 1.17.1: stats.mannwhitneyu(x, y, method='exact').
        check(MannWhitney(Permeability.term, Permeability.early), u: 35, p: 0.2544122544122544, isExact: true)
        check(MannWhitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]), u: 0, p: 0.007936507936507936, isExact: true)
        check(MannWhitney([1], [2]), u: 0, p: 1, isExact: true)
        check(
            MannWhitney(
                [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30],
                [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06001, 3.14, 1.2901]),
            u: 58, p: 0.13591114767585355, isExact: true)
        check(
            MannWhitney(sines(25, slope: 0.11), cosines(25, slope: 0.05)), u: 376, p: 0.22371371901962767, isExact: true
        )
        check(
            MannWhitney((0..<10).map(Double.init), (100..<110).map(Double.init)), u: 0, p: 1.082508822446903e-05,
            isExact: true)
    }

    @Test("M4: approximate p of known samples with ties, and of large ones")
    func approximate() {
        // scipy 1.17.1: stats.mannwhitneyu(x, y, method='asymptotic').
        check(
            MannWhitney([1, 2, 2, 3, 3, 3, 4, 5], [2, 3, 3, 4, 4, 5, 5, 6, 7]), u: 17, p: 0.06935045438181722,
            isExact: false)
        check(
            MannWhitney(sines(40, slope: 0.05), cosines(30, offset: 1.2)), u: 572, p: 0.7441482482741363, isExact: false
        )
        check(MannWhitney([1, 2, 3], [1, 2, 3]), u: 4.5, p: 1, isExact: false)
    }

    @Test("M4: values that are all the same tell nothing")
    func constant() {
        #expect(MannWhitney([3, 3, 3, 3], [3, 3]).p == 1)
        #expect(MannWhitney([3, 3, 3, 3], [3, 3]).superiority == 0.5)
    }

    @Test(
        "M4: the exact distribution is what counting all orders gives",
        arguments: [(1, 1), (2, 3), (4, 5), (5, 4), (3, 7)])
    func enumeration(sizes: (Int, Int)) {
        let (a, b) = sizes
        var counts = [Int](repeating: 0, count: a * b + 1)
        // Which places among all have values of the first.
        for set in 0..<(1 << (a + b)) where set.nonzeroBitCount == a {
            var u = 0, others = 0
            for place in 0..<(a + b) {
                if set >> place & 1 == 1 { u += others } else { others += 1 }
            }
            counts[u] += 1
        }
        let distribution = RankSumDistribution(a, b)
        let total = counts.reduce(0, +)
        for u in -1...(a * b + 1) {
            let atMost = u < 0 ? 0 : counts.prefix(u + 1).reduce(0, +)
            #expect(isClose(distribution.probability(atMost: u), Double(atMost) / Double(total), 1e-14))
        }
        #expect(distribution.quantile(0) == -1)
        #expect(distribution.quantile(0.5) <= a * b / 2)
    }

    @Test("M4: the largest exact distribution has every order in it")
    func largest() {
        // 50 over 25, and as scipy has it: sum of counts is comb(50, 25); P(U ≤ 312) is just below, P(U ≤ 313) just above a half.
        let distribution = RankSumDistribution(25, 25)
        #expect(isClose(distribution.probability(atMost: 0), 1 / 126_410_606_437_752, 1e-14))
        #expect(isClose(distribution.probability(atMost: 312), 0.5, 1e-12))
        #expect(distribution.probability(atMost: 625) == 1)
    }

    @Test("M4: order of samples, scale and place don't matter", arguments: 1...30 as ClosedRange<UInt64>)
    func invariance(seed: UInt64) {
        var samples = Samples(seed: seed)
        let sizes = (
            Int.random(in: 1...40, using: &samples.generator), Int.random(in: 1...40, using: &samples.generator)
        )
        // Every second seed has ties.
        func draw(_ samples: inout Samples) -> Double {
            let value = samples.normal()
            return seed.isMultiple(of: 2) ? (value * 3).rounded() : value
        }
        let x = samples.many(sizes.0, draw), y = samples.many(sizes.1, draw)
        let test = MannWhitney(x, y), turned = MannWhitney(y, x)
        #expect(isClose(test.p, turned.p))
        #expect(test.u + turned.u == Double(x.count * y.count))
        #expect(isClose(test.superiority + turned.superiority, 1))
        #expect(MannWhitney(x.reversed(), y.map { $0 }) == test)
        #expect(MannWhitney(x.map(exp), y.map(exp)) == test)
        #expect(isClose(MannWhitney(x.map { -$0 }, y.map { -$0 }).p, test.p))
        #expect((0...1).contains(test.p))
        // By definition: pairs.
        let pairs = x.reduce(0.0) { sum, a in sum + y.reduce(0.0) { $0 + (a > $1 ? 1 : a == $1 ? 0.5 : 0) } }
        #expect(test.u == pairs)
    }

    @Test(
        "M4: without a difference p is as often below a limit as the limit says",
        arguments: [(8, 8, false), (15, 10, false), (40, 40, false), (30, 30, true)])
    func null(first: Int, second: Int, hasTies: Bool) {
        var samples = Samples(seed: 21)
        func draw(_ samples: inout Samples) -> Double {
            let value = samples.logNormal()
            return hasTies ? (value * 10).rounded() : value
        }
        let trials = 2_000
        let p = (0..<trials).map { _ in MannWhitney(samples.many(first, draw), samples.many(second, draw)).p }
        for limit in [0.01, 0.05, 0.2, 0.5] {
            let part = Double(p.count { $0 <= limit }) / Double(trials)
            // Four standard deviations of a count; an exact test of few values may stay below.
            let reach = 4 * (limit * (1 - limit) / Double(trials)).squareRoot()
            #expect(part <= limit + reach, "\(part) at \(limit)")
            #expect(part >= limit * 0.6 - reach, "\(part) at \(limit)")
        }
    }

    @Test("M4: a great difference is seen, and the least p is what samples that lie apart have")
    func power() {
        #expect(MannWhitney.leastP(5, 5) == MannWhitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]).p)
        #expect(MannWhitney.leastP(3, 3) == 0.1)
        #expect(MannWhitney.leastP(100, 100) == 0)
        var samples = Samples(seed: 4)
        let found = (0..<200).count { _ in
            MannWhitney(samples.many(15) { $0.normal() }, samples.many(15) { $0.normal() + 2 }).p < 0.01
        }
        #expect(found > 190)
    }
}
