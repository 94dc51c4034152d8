import Testing

@testable import Measurement

@Suite("M4: the shift between two samples")
struct HodgesLehmannTests {
    private func check(_ found: HodgesLehmann, _ shift: Double, _ interval: ClosedRange<Double>) {
        #expect(isClose(found.shift, shift), "\(found.shift)")
        #expect(isClose(found.interval.lowerBound, interval.lowerBound), "\(found.interval)")
        #expect(isClose(found.interval.upperBound, interval.upperBound), "\(found.interval)")
    }

    @Test("M4: shifts and intervals of known samples")
    func known() {
        // The first is in Hollander and Wolfe, examples of sections 4.2 and 4.3. All: numpy 2.4.6, median of subtract.outer(x, y), and its places k and
        // n m + 1 − k, where k comes from U's distribution counted by Mann and Whitney's recurrence, above 50 values from scipy's normal quantile.
        check(HodgesLehmann(Permeability.term, Permeability.early), 0.305, -0.15...0.76)
        check(
            HodgesLehmann(sines(25, slope: 0.11), cosines(25, slope: 0.05)), 0.8054146195656,
            -0.486694601287752...2.039956378851439)
        check(
            HodgesLehmann(sines(40, slope: 0.05), cosines(30, offset: 1.2)), -0.13993762706155122,
            -1.222514555430513...0.8463343975796604)
        check(HodgesLehmann([1, 2, 2, 3, 3, 3, 4, 5], [2, 3, 3, 4, 4, 5, 5, 6, 7]), -1, -3...0)
    }

    @Test("M4: with too few values the interval has no bounds")
    func few() {
        let found = HodgesLehmann([1, 2, 3], [4, 5, 6])
        #expect(found.shift == -3)
        #expect(found.interval == -.infinity ... .infinity)
        #expect(HodgesLehmann([1, 2, 3], [4, 5, 6], confidence: 0.9).interval == -5 ... -1)
    }

    @Test("M4: the place in order is right without having all differences", arguments: 1...40 as ClosedRange<UInt64>)
    func naive(seed: UInt64) {
        var samples = Samples(seed: seed)
        let sizes = (
            Int.random(in: 1...12, using: &samples.generator), Int.random(in: 1...12, using: &samples.generator)
        )
        func draw(_ samples: inout Samples) -> Double {
            let value = samples.normal() * 5
            return seed.isMultiple(of: 2) ? value.rounded() : value * (seed.isMultiple(of: 3) ? 1e200 : 1e-3)
        }
        let x = samples.many(sizes.0, draw), y = samples.many(sizes.1, draw)
        let differences = x.flatMap { a in y.map { a - $0 } }
        let found = HodgesLehmann(x, y)
        #expect(found.shift == differences.median)
        // The other way round is the same with the other sign.
        let turned = HodgesLehmann(y, x)
        #expect(turned.shift == -found.shift)
        #expect(turned.interval.lowerBound == -found.interval.upperBound)
        #expect(found.interval.contains(found.shift))
    }

    @Test("M4: the interval holds the shift at least as often as it says", arguments: [(10, 8), (15, 15), (40, 30)])
    func coverage(first: Int, second: Int) {
        var samples = Samples(seed: 9)
        let trials = 1_000
        let held = (0..<trials).count { _ in
            let found = HodgesLehmann(
                samples.many(first) { $0.logNormal() + 3 }, samples.many(second) { $0.logNormal() })
            return found.interval.contains(3)
        }
        // Four standard deviations of a count below.
        #expect(held >= 922, "\(held)")
    }
}
