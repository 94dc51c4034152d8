import Testing

@testable import LoadTesting
@testable import Measurement

@Suite("A load seen from the outside")
struct LoadWatchTests {
    private func sample(megabytes: Double, at seconds: Double, process: Int32 = 1, start: UInt64 = 1) -> ProcessSample {
        ProcessSample(
            process: process, time: .now + .seconds(seconds), residentMemory: Int(megabytes * 1_048_576),
            peakResidentMemory: nil, userTime: .seconds(seconds / 4), systemTime: .seconds(seconds / 4), openFiles: nil,
            threads: 3, voluntarySwitches: nil, involuntarySwitches: nil, start: start)
    }

    /// Four samples a second.
    private func series(seconds: Int, _ megabytes: (Double) -> Double) -> ProcessSeries {
        var series = ProcessSeries(name: "x")
        for number in 0..<seconds * 4 {
            let time = Double(number) / 4
            series.record(sample(megabytes: megabytes(time), at: time), at: .seconds(time))
        }
        return series
    }

    @Test("M3: operations over time are counted in slots, and together they are all")
    func operations() throws {
        var series = OperationSeries()
        // Ten minutes: far more moments than slots.
        for number in 1...2_400 {
            series.advance(operations: number * 10, failures: number, at: .milliseconds(250 * number))
        }
        let timeline = try #require(series.result)
        #expect(timeline.operations.reduce(0, +) == 24_000 && timeline.failures.reduce(0, +) == 2_400)
        #expect(timeline.operations.count <= 256 && timeline.seconds == 4)
        #expect(OperationSeries().result == nil)
    }

    @Test("§6: failures over time are told apart by their first words, in fixed memory whatever they say")
    func failures() throws {
        #expect(FailureSeries.name(of: "shop: order: outcomeUnknown: SQLite failed") == "shop: order: outcomeUnknown")
        #expect(FailureSeries.name(of: "row 17 of 300 is gone") == "row # of # is gone")
        #expect(FailureSeries.name(of: String(repeating: "x", count: 500)).count == 60)
        var series = FailureSeries()
        #expect(series.result == nil)
        // Ten minutes, with ever new texts.
        var counts: [String: Int] = [:]
        for number in 1...2_400 {
            counts["a: lost \(number % 90)", default: 0] += 1
            if number > 1_200 { counts["b: \(String(repeating: "y", count: number % 9)) ended", default: 0] += 2 }
            series.advance(counts, at: .milliseconds(250 * number))
        }
        let timeline = try #require(series.result)
        let totals = timeline.classes.map(\.total), names = timeline.classes.map(\.name)
        #expect(totals.reduce(0, +) == 4_800)
        #expect(names.first == "a: lost #")
        #expect(totals.first == 2_400)
        #expect(names.count == 7)
        #expect(names.contains("others"))
        let lengths = Set(timeline.classes.map(\.counts.count))
        #expect(lengths.count == 1)
        #expect((lengths.first ?? 999) <= 128)
        // What began half-way is in the second half only.
        let late = try #require(timeline.classes.first { $0.name.hasPrefix("b") })
        let early = late.counts.prefix(late.counts.count / 2 - 1)
        #expect(early.allSatisfy { $0 == 0 })
    }

    @Test("M3: a leak under a sawtooth is told by its floor; memory that comes and goes is none")
    func growth() throws {
        // A megabyte a minute, under checkpoints of 50 MB every 3 seconds.
        let saw = { (time: Double) in 50 * time.truncatingRemainder(dividingBy: 3) / 3 }
        let leaking = series(seconds: 240) { 100 + $0 / 60 + saw($0) }
        let growth = try #require(leaking.result?.growth)
        #expect(abs(growth.perMinute - 1) < 0.2 && growth.interval.low > 0)
        let calm = series(seconds: 240) { 100 + saw($0) }
        #expect(abs(try #require(calm.result?.growth).perMinute) < 0.1)
        #expect(series(seconds: 30) { 100 + $0 }.growth == nil, "30 seconds are too short to tell")
    }

    @Test("M3: memory.growth is what all processes together take over the time, against less than 200 MB")
    func check() throws {
        let leaking = series(seconds: 120) { 100 + $0 }
        let calm = series(seconds: 120) { _ in 10 }
        let small = try #require(CheckResult.memoryGrowth(of: [leaking, calm], over: .seconds(120)))
        #expect(small.id == "memory.growth" && small.pass && abs(small.value - 120) < 5)
        let large = try #require(CheckResult.memoryGrowth(of: [leaking, leaking], over: .seconds(120)))
        #expect(!large.pass && abs(large.value - 240) < 10)
        let short = series(seconds: 20) { 100 + $0 }
        #expect(CheckResult.memoryGrowth(of: [leaking, short], over: .seconds(120)) == nil)
    }

    @Test("M3: a server that was started again is another process, whose time is counted from its own beginning")
    func restarted() throws {
        var series = ProcessSeries(name: "redis-server")
        series.record(sample(megabytes: 10, at: 0), at: .zero)
        series.record(sample(megabytes: 20, at: 10), at: .seconds(10))
        #expect(abs(try #require(series.result).processors - 0.5) < 0.01)
        series.record(sample(megabytes: 5, at: 100, start: 2), at: .seconds(11))
        series.record(sample(megabytes: 6, at: 110, start: 2), at: .seconds(12))
        let result = try #require(series.result)
        #expect(abs(result.processors - 0.5) < 0.01)
        #expect(result.memory.least == 5 && result.memory.most == 20 && result.memory.last == 6)
    }
}
