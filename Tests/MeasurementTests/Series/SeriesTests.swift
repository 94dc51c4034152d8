import Testing

@testable import Measurement

@Suite("M2: time series in memory of a fixed size")
struct SeriesTests {
    @Test(
        "M2: five seconds and five hours both fit, with at least half of the slots in use",
        arguments: [5, 60, 3_600, 18_000])
    func lengths(seconds: Int) {
        var series = LatencySeries(width: .milliseconds(100), capacity: 256)
        for step in 0..<(seconds * 10) {
            series.record(.milliseconds(step % 50), at: .milliseconds(step * 100))
            if step.isMultiple(of: 7) { series.recordError(at: .milliseconds(step * 100)) }
        }
        let slots = series.series.slots
        #expect(slots.count <= 256)
        #expect(seconds < 26 || slots.count > 128)
        #expect(slots.reduce(0) { $0 + $1.count } == UInt64(seconds * 10))
        #expect(slots.reduce(0) { $0 + $1.errors } == UInt64((seconds * 10 + 6) / 7))
        #expect(slots.map(\.longest).max() == .milliseconds(49))
    }

    @Test(
        "M2: each slot holds what happened in its time, in whatever order it came",
        arguments: 1...20 as ClosedRange<UInt64>)
    func naive(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let span = Int64.random(in: 1...3_000, using: &generator)
        var series = LatencySeries(width: .milliseconds(10), capacity: 16)
        var events: [(time: Duration, duration: Duration)] = []
        for _ in 0..<300 {
            let time = Duration.milliseconds(Int64.random(in: 0...span, using: &generator))
            let duration = Duration.microseconds(Int64.random(in: 0...9_999, using: &generator))
            events.append((time, duration))
            series.record(duration, at: time)
        }
        let (slots, width) = (series.series.slots, series.series.width)
        #expect(slots.count <= 16)
        for index in slots.indices {
            let start = series.series.start(of: index)
            let own = events.filter { $0.time >= start && $0.time < start + width }.map(\.duration)
            #expect(slots[index].count == UInt64(own.count))
            #expect(slots[index].sum == own.reduce(.zero, +))
            #expect(slots[index].longest == own.max() ?? .zero)
            var histogram = CompactHistogram()
            for duration in own { histogram.record(duration) }
            #expect(slots[index].histogram == histogram)
        }
        #expect(slots.reduce(0) { $0 + $1.count } == 300)
    }

    @Test("M2: a moment years later, or before the beginning, does no harm")
    func extremes() {
        var series = LatencySeries(width: .nanoseconds(1), capacity: 2)
        series.record(.milliseconds(1), at: .seconds(-7))
        series.record(.milliseconds(2), at: .seconds(Int64.max / 4))
        #expect(series.series.slots.map(\.count) == [1, 1])
    }

    @Test("M2: percentiles of a slot never exceed its longest")
    func slot() {
        var series = LatencySeries()
        for value in 1...100 { series.record(.milliseconds(value), at: .zero) }
        let slot = series.series.slots[0]
        #expect(slot.percentile(100) == .milliseconds(100))
        #expect(abs(slot.percentile(50) / .milliseconds(1) - 50) < 1.6)
        #expect(abs(slot.percentile(95) / .milliseconds(1) - 95) < 3)
        #expect(LatencySlot().percentile(99) == .zero)
    }

    @Test("M2: a meter's readings become slots of what came between them")
    func readings() {
        let meter = OperationMeter(.init(store: "sqlite", operation: "commit"))
        var series = LatencySeries(width: .seconds(1), capacity: 8)
        meter.record(.milliseconds(3))
        meter.record(.milliseconds(5))
        series.advance(to: meter.reading(), at: .seconds(1))
        series.advance(to: meter.reading(), at: .seconds(2))
        meter.record(.milliseconds(2))
        meter.record(.seconds(1), succeeded: false)
        series.advance(to: meter.reading(), at: .seconds(3))
        let slots = series.series.slots
        #expect(slots.map(\.count) == [2, 0, 1])
        #expect(slots.map(\.errors) == [0, 0, 1])
        #expect(slots.map(\.longest) == [.milliseconds(5), .zero, .milliseconds(2)])
        #expect(slots.map(\.sum) == [.milliseconds(8), .zero, .milliseconds(2)])
    }

    @Test("M2: several readings in one slot add up, and the longest stays")
    func readingsInOneSlot() {
        let meter = OperationMeter(.init(store: "sqlite", operation: "commit"))
        var series = LatencySeries(width: .seconds(10), capacity: 8)
        for (second, milliseconds) in [(1, 3), (2, 9), (3, 4)] {
            meter.record(.milliseconds(milliseconds))
            series.advance(to: meter.reading(), at: .seconds(second))
        }
        #expect(series.series.slots.map(\.count) == [3])
        #expect(series.series.slots.map(\.longest) == [.milliseconds(9)])
        #expect(series.series.slots.map(\.sum) == [.milliseconds(16)])
    }

    @Test("M2: readings while tasks record lose nothing")
    func liveReadings() async {
        let meter = OperationMeter(.init(store: "redis", operation: "GET"))
        async let recording: Void = Self.record(into: meter)
        var series = LatencySeries(width: .seconds(1), capacity: 8)
        for second in 1...200 {
            series.advance(to: meter.reading(), at: .seconds(second))
            await Task.yield()
        }
        await recording
        series.advance(to: meter.reading(), at: .seconds(201))
        let slots = series.series.slots
        #expect(slots.reduce(0) { $0 + $1.count } == 72_000)
        #expect(slots.reduce(0) { $0 + $1.errors } == 8_000)
        #expect(slots.reduce(.zero) { $0 + $1.sum } == meter.totalLatency)
        #expect(slots.map(\.longest).max() == .nanoseconds(1_000 + 19_999 + 3))
    }

    /// In four tasks at once; every tenth fails.
    private static func record(into meter: OperationMeter) async {
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for step in 0..<20_000 {
                        meter.record(.nanoseconds(1_000 + step + task), succeeded: step % 10 != 0)
                    }
                }
            }
        }
    }

    @Test("M3: a gauge keeps least, greatest, mean and last of each slot")
    func gauge() {
        var gauge = GaugeSeries(width: .seconds(1), capacity: 4)
        for (time, value) in [(0.0, 5.0), (0.5, 3), (0.9, 4), (2, 8), (3, 6), (5, 1)] {
            gauge.record(value, at: .seconds(time))
        }
        // Four slots of a second are now two of two, and one more.
        let slots = gauge.series.slots
        #expect(gauge.series.width == .seconds(2))
        #expect(slots.map(\.count) == [3, 2, 1])
        #expect(slots.map(\.least) == [3, 6, 1])
        #expect(slots.map(\.greatest) == [5, 8, 1])
        #expect(slots.map(\.last) == [4, 6, 1])
        #expect(slots.map(\.mean) == [4, 7, 1])
        #expect(gauge.lows(from: .seconds(1)).map(\.x) == [2, 4])
        #expect(gauge.lows().map(\.y) == [3, 6, 1])
    }

    @Test("M3: a slot in which a gauge was not looked at has no value, and hides none")
    func emptyGauge() {
        var gauge = GaugeSeries(width: .seconds(1), capacity: 4)
        gauge.record(7, at: .zero)
        gauge.record(9, at: .seconds(3))
        #expect(gauge.series.slots[1].count == 0)
        #expect(gauge.series.slots[1].least.isNaN)
        #expect(gauge.lows().map(\.y) == [7, 9])
        gauge.record(9, at: .seconds(7))
        #expect(gauge.lows().map(\.y) == [7, 9, 9])
        #expect(gauge.series.slots[0].last == 7)
    }
}
