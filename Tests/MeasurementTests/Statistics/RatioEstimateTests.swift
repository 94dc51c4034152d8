import Measurement
import Testing

@Suite("M4: the ratio of what is measured in pairs")
struct RatioEstimateTests {
    @Test("Median: the middle, the mean of two in the middle, nothing of nothing")
    func median() {
        #expect([3.0, 1, 2].median == 2)
        #expect([4.0, 1, 2, 3].median == 2.5)
        #expect([7.0].median == 7)
        #expect([Double]().median.isNaN)
    }

    @Test("Pairs that agree leave no doubt")
    func certain() {
        let estimate = RatioEstimate((1...10).map { (subject: Double($0) * 3, reference: Double($0) * 2) })
        #expect(estimate.median == 1.5)
        #expect(estimate.interval == 1.5...1.5)
    }

    @Test("What slows both of a pair down does not change the ratio")
    func moods() {
        let quiet = (0..<20).map { (subject: 2 + Double($0 % 3) / 10, reference: 1.0) }
        let moody = quiet.enumerated().map { index, pair in
            let mood = index.isMultiple(of: 4) ? 5.0 : 1
            return (subject: pair.subject * mood, reference: pair.reference * mood)
        }
        #expect(abs(RatioEstimate(quiet).median - RatioEstimate(moody).median) < 1e-9)
    }

    @Test("The interval holds the truth about as often as it says")
    func coverage() {
        var generator = SplitMix64(seed: 7)
        var held = 0
        for trial in 0..<300 {
            // The median of the factor is 1.
            let ratios = (0..<15).map { _ in 1.3 * (0.7 + Double.random(in: 0...1, using: &generator) * 0.6) }
            let estimate = RatioEstimate(values: ratios, seed: UInt64(trial))
            if estimate.interval.contains(1.3) { held += 1 }
        }
        #expect((270...300).contains(held), "\(held) of 300")
    }

    @Test("The same seed gives the same interval")
    func repeatable() {
        let values = (0..<15).map { Double(($0 * 7) % 11) }
        #expect(RatioEstimate(values: values, seed: 3) == RatioEstimate(values: values, seed: 3))
    }
}
