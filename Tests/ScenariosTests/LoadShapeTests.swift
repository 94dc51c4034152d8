import Measurement
import Testing

@testable import Scenarios

@Suite("S3: the load over time")
struct LoadShapeTests {
    private func stage(_ seconds: Double, _ from: Double, _ to: Double, _ kind: StageKind = .hold) -> StageDefinition {
        StageDefinition(kind: kind, name: "\(kind) \(seconds) \(from)", length: .seconds(seconds), from: from, to: to)
    }

    @Test("S3: levels go in straight lines from stage to stage, and are nothing outside")
    func levels() {
        let curve = LevelCurve([stage(10, 0, 100), stage(5, 100, 100), stage(2, 400, 400), stage(4, 100, 0)])
        #expect(curve.length == .seconds(21))
        #expect(curve.area == 500 + 500 + 800 + 200)
        let levels: [(Double, Double)] = [
            (0, 0), (5, 50), (10, 100), (14.9, 100), (15, 400), (16.5, 400), (17, 100), (19, 50), (21, 0), (99, 0),
            (-1, 0),
        ]
        for (time, level) in levels { #expect(abs(curve.level(at: .seconds(time)) - level) < 1e-9) }
    }

    @Test(
        "S3: the moment at which an area is reached is the inverse of the area",
        arguments: 1...50 as ClosedRange<UInt64>)
    func inverse(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let stages = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
            stage(
                Double.random(in: 0.1...30, using: &generator),
                Bool.random(using: &generator) ? 0 : Double.random(in: 0...1_000, using: &generator),
                Double.random(in: 0...1_000, using: &generator))
        }
        let curve = LevelCurve(stages)
        #expect(curve.moment(ofArea: curve.area * 1.0001) == nil)
        #expect(curve.moment(ofArea: -1) == nil)
        var last = Duration.zero
        for step in 0..<200 {
            let area = curve.area * Double(step) / 200
            let moment = try #require(curve.moment(ofArea: area))
            #expect(moment >= last)
            last = moment
            // The trapezoids until there, one by one.
            var left = moment / .seconds(1), sum = 0.0
            for stage in stages {
                let length = stage.length / .seconds(1), part = min(left, length)
                sum += (stage.from + (stage.from + (stage.to - stage.from) * part / length)) / 2 * part
                left -= part
                if left <= 0 { break }
            }
            #expect(abs(sum - area) <= 1e-6 * max(1, curve.area))
        }
    }

    @Test("S3: a level of nothing is passed over")
    func gap() {
        let curve = LevelCurve([stage(1, 10, 10), stage(5, 0, 0), stage(1, 10, 10)])
        #expect(curve.moment(ofArea: 9.5) == .milliseconds(950))
        #expect(curve.moment(ofArea: 10) == .seconds(6))
        #expect(LevelCurve([]).moment(ofArea: 0) == nil)
    }

    @Test("S3: stages know their moments; a stretched load keeps its warm-up and its shape")
    func timeline() {
        let timeline = LoadTimeline([stage(2, 5, 5, .warmUp), stage(3, 5, 10, .ramp), stage(5, 10, 10)])
        #expect(timeline.warmUp == .seconds(2))
        #expect(timeline.counted == .seconds(8))
        #expect([0, 1.99, 2, 4.99, 5, 9, 20].map { timeline.stage(at: .seconds($0)) } == [0, 0, 1, 1, 2, 2, 2])
        let longer = timeline.stretched(toCounted: .seconds(80))
        #expect(longer.stages.map(\.length) == [.seconds(2), .seconds(30), .seconds(50)])
        #expect(longer.curve.level(at: .seconds(17)) == 7.5)
    }
}
