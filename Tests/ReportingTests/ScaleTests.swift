import Foundation
import Measurement
import Testing

@testable import LoadTesting
@testable import Reporting

@Suite("Axes: round ticks, and every value on the drawing")
struct ScaleTests {
    @Test(
        "Linear: from a round number to a round number",
        arguments: [
            (0.0...9.3, [0.0, 5, 10]), (0...100, [0, 50, 100]), (0...0.0, [0, 0.5]), (101...104, [101, 102, 103, 104]),
        ] as [(ClosedRange<Double>, [Double])])
    func linear(range: ClosedRange<Double>, ticks: [Double]) {
        let scale = LinearScale(range)
        #expect(scale.lower <= range.lowerBound && scale.upper >= range.upperBound)
        #expect(scale.position(scale.lower) == 0 && scale.position(scale.upper) == 1)
        if ticks.count != 2 { #expect(Set(ticks).isSubset(of: Set(scale.ticks))) }
    }

    @Test("Linear: of counts there are no halves")
    func whole() {
        let scale = LinearScale(0...2, isWhole: true)
        #expect(scale.ticks == [0, 1, 2])
    }

    @Test("Any range has ticks that ascend, few enough to be read, and holds its ends")
    func anyRange() {
        var generator = SplitMix64(seed: 3)
        for _ in 0..<2_000 {
            let low = pow(10, Double.random(in: -6...6, using: &generator))
            let high = low * pow(10, Double.random(in: 0...8, using: &generator))
            let log = LogScale(low...high), linear = LinearScale(low...high)
            let both = [(log.ticks, log.lower, log.upper), (linear.ticks, linear.lower, linear.upper)]
            for (ticks, lower, upper) in both {
                #expect(ticks.count >= 2 && ticks.count <= 12)
                #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0 < $1 })
                #expect(lower <= low * (1 + 1e-6) && upper >= high * (1 - 1e-6))
            }
            #expect((0...1).contains(log.position(low)) && log.position(high) <= 1 + 1e-9)
        }
    }

    @Test("Logarithmic: what is nothing stands at the lower end")
    func nothing() {
        let scale = LogScale(0...100)
        #expect(scale.position(0) == 0 && scale.position(-1) == 0 && scale.position(100) <= 1)
        #expect(LogScale(0...0).ticks.count >= 2)
    }

    @Test("Percentiles: each nine has the same place")
    func percentiles() {
        let scale = PercentileScale(highest: 99.9)
        #expect(scale.ticks == [50, 90, 99, 99.9])
        for (percent, position) in [(0.0, 0.0), (90, 1 / 3.0), (99, 2 / 3.0), (99.9, 1), (100, 1)] {
            #expect(abs(scale.position(percent) - position) < 1e-9)
        }
    }

    @Test(
        "Time: steps as clocks have them, from seconds to days",
        arguments: [
            (5.0, ["0 s", "1 s", "5 s"]), (30, ["0 s", "10 s", "30 s"]), (300, ["0 min", "1 min", "5 min"]),
            (18_000, ["0 h", "1 h", "5 h"]), (86_400 * 3, ["0 h", "24 h", "72 h"]), (0.4, ["0 s", "0.1 s", "0.4 s"]),
        ] as [(Double, [String])])
    func time(end: Double, labels: [String]) {
        let scale = TimeScale(end: end)
        let all = scale.ticks.map(scale.label)
        #expect([all[0], all[1], all[all.count - 1]] == labels)
        #expect(all.count <= 7)
    }

    @Test(
        "Figures for people",
        arguments: [
            (Figure.duration(milliseconds: 0.0002), "200 ns"), (Figure.duration(milliseconds: 0.25), "250 µs"),
            (Figure.duration(milliseconds: 1_500), "1.5 s"), (Figure.length(seconds: 18_000), "5 h"),
            (Figure.length(seconds: 67.4), "1 min 7 s"), (Figure.count(1_234_567), "1\u{202F}234\u{202F}567"),
            (Figure.count(-1), "−1"), (Figure.tick(25_000), "25k"),
        ])
    func figures(text: String, expected: String) {
        #expect(text == expected)
    }

    @Test("Rates: counts become a rate in slots that are long enough, and a piece at the end is left out")
    func rates() {
        let counts = [Int](repeating: 25, count: 8) + [1]
        let timeline = RunResult.Timeline(seconds: 0.25, operations: counts, failures: counts.map { _ in 0 })
        let rates = Rates(timeline, duration: 2.01)
        #expect(rates.seconds == 0.5)
        #expect(rates.operations == [100, 100, 100, 100])
        let hours = RunResult.Timeline(
            seconds: 128, operations: [Int](repeating: 128, count: 140), failures: [Int](repeating: 0, count: 140))
        #expect(Rates(hours, duration: 128 * 140).operations.count <= 120)
    }

    @Test("A short gap is bridged, a long one is not")
    func bridged() {
        #expect(([1, nil, 3, nil, nil, nil, nil, 5] as [Double?]).bridged == [1, 2, 3, nil, nil, nil, nil, 5])
    }
}
