import Foundation
import Testing

@testable import Measurement

@Suite("M3: the slope of a growth")
struct TheilSenTests {
    @Test("M3: slopes and intervals of known points, wild ones among them")
    func known() throws {
        // scipy 1.17.1: stats.theilslopes(y, x, alpha=0.95), and 0.90 for the second.
        var y = (0..<12).map { (x: Int) -> Double in
            let line = Double(2 * x + 1)
            return line + sin(Double(x) * 2.1) * 1.5
        }
        y[3] = 40
        y[8] = -30
        let line = try #require(TheilSen(zip(0..<12, y).map { (x: Double($0), y: $1) }))
        #expect(isClose(line.slope, 1.995484293154253))
        #expect(isClose(line.intercept, 0.6910028541336732))
        #expect(isClose(line.interval.lowerBound, 1.2907924582801265))
        #expect(isClose(line.interval.upperBound, 2.301137221743094))
        let ties = zip([0, 0, 1, 1, 2, 3, 3, 4, 5, 6], [1, 2, 2, 3, 3, 5, 4, 4, 6, 8]).map {
            (x: Double($0), y: Double($1))
        }
        let tied = try #require(TheilSen(ties, confidence: 0.9))
        #expect(tied.slope == 1)
        #expect(tied.intercept == 1)
        #expect(isClose(tied.interval.lowerBound, 2.0 / 3))
        #expect(tied.interval.upperBound == 1)
    }

    @Test("M3: without two different times there is no slope; of two points it has no bounds")
    func few() throws {
        #expect(TheilSen([]) == nil)
        #expect(TheilSen([(x: 1, y: 2)]) == nil)
        #expect(TheilSen([(x: 1, y: 2), (x: 1, y: 5)]) == nil)
        let two = try #require(TheilSen([(x: 0, y: 1), (x: 2, y: 5)]))
        #expect(two.slope == 2)
        #expect(two.intercept == 1)
        #expect(two.interval == -.infinity ... .infinity)
    }

    @Test(
        "M3: what is added to all points is added to the slope, and scale goes through",
        arguments: 1...20 as ClosedRange<UInt64>)
    func equivariance(seed: UInt64) throws {
        var samples = Samples(seed: seed)
        let points = (0..<25).map { (x: Double($0) + samples.uniform() / 2, y: samples.normal()) }
        let line = try #require(TheilSen(points))
        let added = try #require(TheilSen(points.map { (x: $0.x, y: $0.y + 3 * $0.x + 7) }))
        #expect(abs(added.slope - line.slope - 3) < 1e-9)
        #expect(abs(added.interval.lowerBound - line.interval.lowerBound - 3) < 1e-9)
        let scaled = try #require(TheilSen(points.map { (x: $0.x * 2, y: $0.y * -4) }))
        #expect(abs(scaled.slope + 2 * line.slope) < 1e-9)
        #expect(abs(scaled.interval.lowerBound + 2 * line.interval.upperBound) < 1e-9)
        #expect(line.interval.contains(line.slope))
    }

    @Test("M3: the interval holds the slope about as often as it says")
    func coverage() throws {
        var samples = Samples(seed: 13)
        let trials = 600
        let held = try (0..<trials).count { _ in
            let points = (0..<20).map { (x: Double($0), y: 0.7 * Double($0) + samples.normal()) }
            return try #require(TheilSen(points)).interval.contains(0.7)
        }
        // 95 % within four standard deviations of a count.
        #expect((548...592).contains(held), "\(held)")
    }

    /// Memory that fills up for a while and is given back: the first cycle's floor is `floor`, and each further one is `leak` higher.
    private func sawTooth(cycles: Int, leak: Double, seed: UInt64) -> [(x: Double, y: Double)] {
        var samples = Samples(seed: seed)
        return (0..<(cycles * 20)).map { step in
            let (cycle, phase) = (step / 20, Double(step % 20) / 20)
            return (x: Double(step), y: 100 + Double(cycle) * leak + 80 * phase * (0.5 + samples.uniform()))
        }
    }

    @Test(
        "M3: a saw tooth that comes back to its floor doesn't grow; one that doesn't, grows as its floor does",
        arguments: 1...10 as ClosedRange<UInt64>)
    func cycleFloor(seed: UInt64) throws {
        let steady = try #require(TheilSen.cycleFloor(sawTooth(cycles: 15, leak: 0, seed: seed), window: 20))
        #expect(steady.interval.contains(0))
        #expect(abs(steady.slope) < 0.01)
        // 4 for each cycle of 20.
        let leaking = try #require(TheilSen.cycleFloor(sawTooth(cycles: 15, leak: 4, seed: seed), window: 20))
        #expect(abs(leaking.slope - 0.2) < 0.01)
        #expect(leaking.interval.lowerBound > 0.15)
    }

    @Test("M3: a run that ends at the top of a cycle seems to grow, and its floor doesn't")
    func lastCycle() throws {
        // One and three quarters of a slow cycle: a slope through all points is that of the cycle.
        let points = (0..<140).map { (step: Int) -> (x: Double, y: Double) in
            let cycle = 50 * Double(step % 80) / 80
            return (x: Double(step), y: 100 + cycle + Double(step % 5))
        }
        let line = try #require(TheilSen(points))
        #expect(line.interval.lowerBound > 0)
        // Windows shorter than a cycle see it still; there are too few that are longer.
        #expect(TheilSen.cycleFloor(points, window: 80) == nil)
        let floor = try #require(
            TheilSen.cycleFloor(Array(sawTooth(cycles: 9, leak: 0, seed: 1).dropLast(2)), window: 20))
        #expect(abs(floor.slope) < 0.01)
    }

    @Test("M3: a last window that is cut short changes nothing", arguments: 1...19)
    func cutShort(steps: Int) throws {
        // The floor is in the middle of each window.
        let points = sawTooth(cycles: 10, leak: 3, seed: 2).dropFirst(10)
        // A window is whole when the next one has begun.
        let whole = try #require(TheilSen.cycleFloor(Array(points.prefix(8 * 20 + 1)), window: 20))
        let found = try #require(TheilSen.cycleFloor(Array(points.prefix(8 * 20 + steps)), window: 20))
        #expect(found == whole)
        // Nor does it count as one of those that it takes.
        #expect(TheilSen.cycleFloor(Array(points.prefix(5 * 20 + steps)), window: 20) == nil)
        #expect(TheilSen.cycleFloor(Array(points.prefix(6 * 20 + steps)), window: 20) != nil)
    }

    @Test("M3: too few windows, or a window of nothing, give no answer")
    func tooFew() {
        let points = sawTooth(cycles: 5, leak: 0, seed: 1)
        #expect(TheilSen.cycleFloor(points, window: 20) == nil)
        #expect(TheilSen.cycleFloor(points, window: 20, leastWindows: 4) != nil)
        #expect(TheilSen.cycleFloor(points, window: 0) == nil)
        #expect(TheilSen.cycleFloor([], window: 1) == nil)
    }

    @Test("M3: a gauge's lows over five hours have the slope of what was recorded")
    func gauge() throws {
        var gauge = GaugeSeries()
        for second in 0..<18_000 {
            gauge.record(1e8 + 2_000 * Double(second) + 1e6 * Double(second % 60), at: .seconds(second))
        }
        let floor = try #require(TheilSen.cycleFloor(gauge.lows(), window: 600))
        #expect(abs(floor.slope - 2_000) < 100)
    }
}
