import Testing

@testable import Measurement

@Suite("M4: the ratio of medians measured at different times")
struct BootstrapTests {
    @Test("M4: a median's interval lies where the bootstrap's exact distribution has it")
    func exact() {
        // Of 31 values, a drawn sample's median is at most the k-th with the probability of at least 16 hits in 31 draws of k / 31; scipy's binom.sf puts
        // 2.5 % between the 10th (1.97 %) and the 11th (4.79 %), and 97.5 % between the 20th (95.2 %) and the 21st (98.0 %).
        let values = (1...31).map(Double.init).reversed()
        #expect(RatioEstimate(values: Array(values)).interval == 11...21)
        #expect(RatioEstimate(values: Array(values)).median == 16)
    }

    @Test("M4: drawn medians of an even number are means of two, and lie between the values")
    func even() {
        var bootstrap = Bootstrap(seed: 1)
        let medians = Set(bootstrap.medians(of: [1, 2, 4, 8]))
        #expect(medians.isSubset(of: [1, 1.5, 2, 2.5, 3, 4, 4.5, 5, 6, 8]))
        #expect(medians.count > 7)
        #expect(Set(bootstrap.medians(of: [5])) == [5])
    }

    @Test("M4: scale goes through, and the other way round the interval is its inverse's")
    func equivariance() {
        var samples = Samples(seed: 3)
        let x = samples.many(15) { $0.logNormal() }, y = samples.many(12) { $0.logNormal() }
        let estimate = RatioEstimate(subject: x, reference: y)
        let scaled = RatioEstimate(subject: x.map { $0 * 4 }, reference: y.map { $0 * 2 })
        #expect(isClose(scaled.median, estimate.median * 2))
        #expect(isClose(scaled.interval.lowerBound, estimate.interval.lowerBound * 2))
        #expect(isClose(scaled.interval.upperBound, estimate.interval.upperBound * 2))
        let turned = RatioEstimate(subject: y, reference: x)
        #expect(isClose(turned.median, 1 / estimate.median))
        // Other numbers are drawn for each.
        #expect(isClose(turned.interval.lowerBound, 1 / estimate.interval.upperBound, 0.1))
    }

    @Test("M4: the interval holds the true ratio about as often as it says", arguments: [(10, 10), (15, 25)])
    func coverage(first: Int, second: Int) {
        var samples = Samples(seed: 17)
        let trials = 400
        let held = (0..<trials).count { trial in
            let x = samples.many(first) { 1.5 * $0.logNormal() }, y = samples.many(second) { $0.logNormal() }
            return RatioEstimate(subject: x, reference: y, seed: UInt64(trial)).interval.contains(1.5)
        }
        // 95 % less four standard deviations of a count; that it is careful with few values does no harm.
        #expect(held >= 363, "\(held)")
        #expect(held < trials)
    }

    @Test("M4: of several runs the interval knows that they differ")
    func runs() {
        var samples = Samples(seed: 5)
        // Repetitions of a run are alike, and runs are not.
        func runs(_ count: Int) -> [[Double]] {
            (0..<count).map { _ in
                let mood = 1 + 0.2 * samples.uniform()
                return samples.many(20) { mood * (1 + 0.001 * $0.uniform()) }
            }
        }
        let one = runs(1), five = runs(5)
        let narrow = RatioEstimate(subjectRuns: one, referenceRuns: one).interval
        let wide = RatioEstimate(subjectRuns: one, referenceRuns: five).interval
        #expect(narrow.upperBound - narrow.lowerBound < 0.01)
        #expect(wide.upperBound - wide.lowerBound > 0.03)
        // Each run counts the same, however long it is.
        let estimate = RatioEstimate(subjectRuns: [[1, 1, 1, 1, 1], [3], [5]], referenceRuns: [[2]])
        #expect(estimate.median == 1.5)
    }

    @Test("M4: the median deviation is the normal standard deviation, and doesn't mind what is wild")
    func medianDeviation() {
        // scipy 1.17.1: stats.median_abs_deviation(…, scale='normal').
        #expect(isClose([1.5, 2.0, 2.2, 2.9, 9, 3.1, 2.4].medianDeviation, 0.741301109252801))
        #expect(isClose([1.5, 2.0, 2.2, 2.9, 9_000, 3.1, 2.4].medianDeviation, 0.741301109252801))
        #expect([5.0].medianDeviation == 0)
        #expect([Double]().medianDeviation.isNaN)
    }
}
