import Testing

@testable import Reporting

@Suite("A service's last minutes")
struct ServiceTimelineTests {
    private func sample(_ step: Int) -> ServiceSample {
        var pool = ServiceSample.Pool(name: "redis")
        (pool.open, pool.inUse, pool.waiting, pool.maximum) = (10, step % 10, 0, 10)
        (pool.acquired, pool.waited) = (Double(step) * 100, Double(step) * 0.5)
        var sample = ServiceSample()
        sample.pools = [pool]
        sample.stores = [.init(name: "redis", state: .healthy)]
        let count = Double(step) * 100
        sample.operations = [
            .init(
                name: "redis",
                buckets: [
                    .init(bound: 0.001, count: count * 0.5), .init(bound: 0.01, count: count * 0.99),
                    .init(bound: .infinity, count: count),
                ], failures: Double(step))
        ]
        sample.processes = [.init(name: "shop", memory: 1_048_576 * 100, processor: Double(step) * 3)]
        return sample
    }

    @Test("M1, M2: differences of totals become rates, means and percentiles; a look that fails leaves a gap")
    func rates() throws {
        var timeline = ServiceTimeline(seconds: 2)
        timeline.record(sample(1))
        timeline.record(sample(2))
        let pool = try #require(timeline.pools["redis"]), operations = try #require(timeline.operations["redis"])
        #expect(pool.waits.suffix(2) == [nil, 5] && pool.inUse.suffix(3) == [nil, 1, 2])
        #expect(operations.perSecond.suffix(2) == [nil, 50] && operations.failures.last == 0.5)
        let p99 = try #require(operations.p99.last ?? nil)
        #expect(operations.p50.last == 1 && abs(p99 - 10) < 1e-6)
        #expect(timeline.processes["shop"]?.processors.last == 1.5 && timeline.processes["shop"]?.memory.last == 100)

        timeline.miss("gone")
        #expect(timeline.trouble == "gone" && timeline.pools["redis"]?.inUse.last == .some(nil))
        timeline.record(sample(9))
        // Nothing is told of the time in between.
        #expect(timeline.trouble == nil && timeline.operations["redis"]?.perSecond.last == .some(nil))
        // A service that began anew has smaller totals.
        timeline.record(sample(1))
        #expect(timeline.operations["redis"]?.perSecond.last == .some(nil))
        #expect(timeline.pools["redis"]?.waits.last == .some(nil))
    }

    @Test("M1: memory is bounded, and a pool that is gone is forgotten")
    func bounds() {
        var timeline = ServiceTimeline(seconds: 2)
        for step in 1...1_000 { timeline.record(sample(step)) }
        #expect(timeline.pools["redis"]?.inUse.count == ServiceTimeline.length)
        for _ in 0..<ServiceTimeline.length { timeline.record(ServiceSample()) }
        #expect(timeline.pools.isEmpty && timeline.processes.isEmpty)
    }

    @Test("P6: the page says first how the stores are, and claims nothing where nobody looks")
    func verdict() {
        func heading(_ change: (inout ServiceTimeline) -> Void) -> String {
            var timeline = ServiceTimeline(seconds: 2)
            change(&timeline)
            let page = ServicePage.part(timeline, title: SampleRun.hostile)
            let parsed = ParsedXML(page.html)
            #expect(parsed.error == nil && parsed.named("script").isEmpty)
            return parsed.named("h1").first?.text ?? ""
        }
        #expect(heading { _ in } == "…Waiting for the first look.")
        #expect(heading { $0.record(sample(1)) } == "✓All stores are healthy.")
        #expect(heading { $0.record(ServiceSample()) } == "·Nobody watches the stores' health.")
        #expect(heading { $0.miss(SampleRun.hostile) } == "✗No answer.")
        #expect(
            heading { timeline in
                var sample = sample(1)
                sample.stores = [
                    .init(name: "sqlite", state: .degraded), .init(name: "redis", state: .down, reasons: ["a"]),
                    .init(name: "graph", state: .down),
                ]
                timeline.record(sample)
            } == "✗redis, graph are down.")
    }
}
