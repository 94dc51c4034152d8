import Measurement
import Testing

@testable import Scenarios

@Suite("§4: targets as people write them")
struct TargetParserTests {
    private let parser = TargetParser(operations: ["read", "a.b", "p99"])

    private func parse(_ text: String) throws -> TargetExpression { try parser.parse(text) }

    @Test("§4: metrics, operators and units")
    func valid() throws {
        #expect(try parse("p99 < 50ms").metric == .latency(percent: 99))
        #expect(try parse("p99.9<=1.5 s").limit == 1_500)
        #expect(try parse("max ≤ 1s").comparison == .atMost)
        #expect(try parse("max ≤ 1s").metric == .latency(percent: 100))
        #expect(try parse("service.p50 < 250us").limit == 0.25)
        #expect(try parse("lag.p95 < 1ms").metric == .lag(percent: 95))
        #expect(try parse("cache.lag < 100ms").metric == .cacheLag(percent: 99))
        #expect(try parse("read.cache.lag.p50 < 1ms").metric == .cacheLag(percent: 50))
        let read = try parse("read.service.p95 < 1ms")
        #expect(read.operation == "read")
        #expect(read.metric == .service(percent: 95))
        #expect(try parse("a.b.rate >= 100/s").operation == "a.b")
        #expect(try parse("p99.p50 < 1s").operation == "p99")
        #expect(try parse("success > 99.5%").limit == 99.5)
        #expect(try parse("failures == 0").comparison == .equal)
        #expect(try parse("dropped = 0").unit == "")
        #expect(try parse("recovery < 2min").limit == 120)
        #expect(try parse("  rate   ≥  5 /s ").text == "rate >= 5 /s")
    }

    @Test(
        "§4: what is wrong is told with its place",
        arguments: [
            ("p99", 0), ("p99 << 5ms", 4), ("p990 < 5ms", 0), ("p0 < 1ms", 0), ("raed.p99 < 5ms", 0),
            ("read.p9x < 5ms", 5),
            ("p99 < 5", 6), ("p99 <  5%", 7), ("rate > 5", 7), ("success > 101%", 10), ("failures < -1", 11),
            ("read.recovery < 1s", 0), ("< 5ms", 0), ("p99 <", 5),
        ])
    func wrong(text: String, offset: Int) {
        do throws(TargetParser.Problem) {
            let expression = try parser.parse(text)
            Issue.record("\(expression)")
        } catch {
            #expect(error.offset == offset, "\(error)")
        }
    }

    @Test(
        "§4: a percentile needs so many samples that a bad one would show",
        arguments: [
            ("p50 < 1s", 5), ("p90 < 1s", 29), ("p95 < 1s", 59), ("p99 < 1s", 299), ("p99.9 < 1s", 2_995),
            ("max < 1s", 1),
            ("success > 1%", 1),
        ])
    func samples(text: String, count: Int) throws {
        #expect(try parse(text).leastSamples == count)
    }
}

@Suite("§4: targets are judged over the run, a part, or windows")
struct TargetTallyTests {
    private let stages = [
        StageDefinition(kind: .warmUp, name: "warm-up", length: .seconds(1), from: 1, to: 1),
        StageDefinition(kind: .hold, name: "hold", length: .seconds(10), from: 1, to: 1),
        StageDefinition(kind: .spike, name: "spike", length: .seconds(1), from: 9, to: 9),
    ]

    private func tally(
        _ text: String, _ scope: TargetDefinition.Scope = .run, window: Duration? = nil, aborts: Bool = false
    ) throws -> TargetTally {
        let expression = try TargetParser(operations: ["read", "write"]).parse(text)
        return TargetTally(
            TargetDefinition(expression: expression, scope: scope, window: window, aborts: aborts),
            operations: ["read", "write"], stages: stages)
    }

    private func event(
        _ milliseconds: Double?, operation: Int = 0, stage: Int = 1, _ condition: LoadCondition = .steady
    ) -> OperationEvent {
        let outcome = milliseconds.map {
            OperationEvent.Outcome.succeeded(latency: .milliseconds($0), service: .milliseconds($0 / 2))
        }
        return OperationEvent(
            operation: operation, stage: stage, condition: condition, outcome: outcome ?? .failed, lag: .milliseconds(3)
        )
    }

    @Test("S3: a change that was seen is a sample of the lag, and no operation more")
    func seen() throws {
        var lag = try tally("cache.lag < 100ms"), success = try tally("success = 100%")
        func seen(_ lag: Duration, stage: Int = 1) -> OperationEvent {
            OperationEvent(operation: 0, stage: stage, condition: .steady, outcome: .seen(lag))
        }
        for event in [seen(.seconds(9), stage: 0), event(5)]
            + (0..<299).map({ seen(.milliseconds($0 < 290 ? 5 : 200)) })
        {
            lag.add(event)
            success.add(event)
        }
        _ = lag.pass(.seconds(1), stage: 1, condition: .steady)
        _ = success.pass(.seconds(1), stage: 1, condition: .steady)
        #expect(lag.verdict.samples == 299 && lag.verdict.holds == false)
        #expect(success.verdict == .init(value: 100, samples: 1, holds: true))
    }

    @Test("§4: the warm-up, other operations, stages and conditions don't count")
    func scopes() throws {
        var run = try tally("p50 < 15ms"), read = try tally("read.success >= 100%")
        var spike = try tally("max < 100ms", .stage("spike")), fault = try tally("failures = 0", .condition(.fault))
        var service = try tally("service.max < 300ms"), lag = try tally("lag.max < 4ms")
        let events =
            [event(999, stage: 0)] + (0..<9).map { _ in event(10) } + [event(500, stage: 2)]
            + [event(nil, operation: 1), event(nil, operation: 1, .recovery)]
        for event in events {
            run.add(event)
            read.add(event)
            spike.add(event)
            fault.add(event)
            service.add(event)
            lag.add(event)
        }
        for stage in 0..<3 {
            _ = run.pass(.seconds(1), stage: stage, condition: .steady)
            _ = read.pass(.seconds(1), stage: stage, condition: .steady)
            _ = spike.pass(.seconds(1), stage: stage, condition: .steady)
            _ = service.pass(.seconds(1), stage: stage, condition: .steady)
            _ = lag.pass(.seconds(1), stage: stage, condition: .steady)
        }
        #expect(run.verdict.samples == 10)
        #expect(run.verdict.holds == true)
        #expect(read.verdict == .init(value: 100, samples: 10, holds: true))
        #expect(spike.verdict.samples == 1)
        #expect(spike.verdict.holds == false)
        // There was no time of fault in which something could have failed.
        #expect(fault.verdict.holds == nil)
        #expect(service.verdict.holds == true)
        #expect(lag.verdict.samples == 12)
    }

    @Test("§4: too few samples say nothing either way")
    func fewSamples() throws {
        var tally = try tally("p99 < 5ms")
        _ = tally.pass(.seconds(1), stage: 1, condition: .steady)
        for _ in 0..<298 { tally.add(event(1)) }
        #expect(tally.verdict.holds == nil)
        tally.add(event(1))
        #expect(tally.verdict.holds == true)
        for _ in 0..<4 { tally.add(event(50)) }
        #expect(tally.verdict.holds == false)
    }

    @Test("§4: a rate is over the time of its part")
    func rate() throws {
        var tally = try tally("rate >= 20/s", .stage("hold"))
        for _ in 0..<100 { tally.add(event(1)) }
        _ = tally.pass(.seconds(4), stage: 1, condition: .steady)
        _ = tally.pass(.seconds(50), stage: 2, condition: .steady)
        #expect(tally.verdict == .init(value: 25, samples: 100, holds: true))
    }

    @Test("§4: each window is judged by itself, and one without anything is missed")
    func windows() throws {
        var tally = try tally("success >= 90%", window: .seconds(2))
        func fill(_ good: Int, _ bad: Int) {
            for _ in 0..<good { tally.add(event(1)) }
            for _ in 0..<bad { tally.add(event(nil)) }
            for _ in 0..<4 {
                let ends = tally.pass(.milliseconds(500), stage: 1, condition: .steady)
                #expect(!ends)
            }
        }
        fill(10, 0)
        #expect(tally.verdict.holds == true)
        fill(10, 1)
        fill(8, 2)
        #expect(tally.verdict == .init(value: 80, samples: 3, holds: false, missedWindows: 1))
        fill(0, 0)
        #expect(tally.verdict.missedWindows == 2)
        // What has not come to its end is not judged.
        tally.add(event(nil))
        #expect(tally.verdict.samples == 4)
    }

    @Test("§4: a run is ended by what can't become right again, and only where the file says so")
    func aborting() throws {
        var failures = try tally("failures <= 1", aborts: true), patient = try tally("failures <= 1")
        func pass() -> [Bool] {
            [
                failures.pass(.seconds(1), stage: 1, condition: .steady),
                patient.pass(.seconds(1), stage: 1, condition: .steady),
            ]
        }
        failures.add(event(nil))
        patient.add(event(nil))
        #expect(pass() == [false, false])
        failures.add(event(nil))
        patient.add(event(nil))
        #expect(pass() == [true, false])
        var latency = try tally("p99 < 5ms", aborts: true)
        for _ in 0..<298 { latency.add(event(9)) }
        let early = latency.pass(.seconds(1), stage: 1, condition: .steady)
        #expect(!early)
        latency.add(event(9))
        let late = latency.pass(.seconds(1), stage: 1, condition: .steady)
        #expect(late)
        var window = try tally("p99 < 5ms", window: .seconds(1), aborts: true)
        window.add(event(9))
        let ends = window.pass(.seconds(1), stage: 1, condition: .steady)
        #expect(ends)
    }
}
