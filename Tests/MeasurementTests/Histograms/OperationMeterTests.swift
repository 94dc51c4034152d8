import Testing

@testable import Measurement

@Suite("M2: operations by store and name")
struct OperationMeterTests {
    private struct Failure: Error {}

    @Test("M2: what succeeds, what fails and what is cancelled are told apart")
    func outcomes() async {
        let meter = OperationMeter(.init(store: "redis", operation: "GET"))
        #expect(await meter.measure { 7 } == 7)
        for _ in 0..<2 {
            do {
                try await meter.measure { throw Failure() }
                Issue.record("the error was lost")
            } catch {
                #expect(error is Failure)
            }
        }
        do {
            try await meter.measure { throw CancellationError() }
            Issue.record("the cancellation was lost")
        } catch {}
        #expect(meter.successCount == 1)
        #expect(meter.failureCount == 2)
        #expect(meter.latency.count == 1)
        #expect(meter.failureLatency.count == 2)
        #expect(meter.name.description == "redis.GET")
    }

    @Test("M2: a failure's duration is not among those of successes")
    func durations() {
        let meter = OperationMeter(.init(store: "redis", operation: "GET"))
        meter.record(.milliseconds(2))
        meter.record(.milliseconds(4))
        meter.record(.seconds(30), succeeded: false)
        #expect(meter.latency.longest == .milliseconds(4))
        #expect(meter.failureLatency.longest == .seconds(30))
        #expect(meter.totalLatency == .milliseconds(6))
    }

    @Test("M2: a measured body keeps its actor")
    @MainActor
    func isolation() async {
        let meter = OperationMeter(.init(store: "a", operation: "b"))
        var count = 0
        await meter.measure { count += 1 }
        #expect(count == 1)
    }

    @Test("M2: the same name gives the same meter; names without end share the last one")
    func registry() {
        let meters = OperationMeters(most: 3)
        let get = meters.meter(store: "redis", operation: "GET")
        #expect(meters.meter(store: "redis", operation: "GET") === get)
        #expect(meters.meter(store: "sqlite", operation: "GET") !== get)
        for id in 0..<100 { meters.meter(store: "redis", operation: "user \(id)").record(.milliseconds(1)) }
        #expect(meters.meter(store: "redis", operation: "GET") === get)
        #expect(meters.all.map(\.name.description) == ["redis.GET", "redis.user 0", "sqlite.GET", "other.other"])
        #expect(meters.all.map(\.successCount) == [0, 1, 0, 99])
    }
}
