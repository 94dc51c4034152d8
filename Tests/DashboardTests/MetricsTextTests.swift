import Metrics
import MetricsExport
import Testing

@testable import Dashboard
@testable import Reporting

@Suite("What a service shows to Prometheus, read again")
struct MetricsTextTests {
    @Test("M6: samples with their labels, whatever is in them; what is none of it is passed over")
    func samples() {
        let text = MetricsText(
            """
            # HELP a something
            # TYPE a gauge
            a 1
            a{} 2 1700000000
            b{x="1",y="a\\"b\\\\c\\nd, }",} 2.5e3
            c_bucket{le="+Inf"} +Inf
            d NaN
            e{x="unfinished
            {} 4
            f{x=1} 4
            g
            """)
        #expect(
            text.samples == [
                .init(name: "a", labels: [:], value: 1), .init(name: "a", labels: [:], value: 2),
                .init(name: "b", labels: ["x": "1", "y": "a\"b\\c\nd, }"], value: 2_500),
                .init(name: "c_bucket", labels: ["le": "+Inf"], value: .infinity),
            ])
    }

    @Test("M1, M2, M3, M6: what the project's own back end writes becomes pools, operations, health and processes")
    func service() {
        let registry = PrometheusRegistry()
        func dimensions(_ state: String) -> [(String, String)] {
            [("db.client.connection.state", state), ("db.client.connection.pool.name", "redis")]
        }
        let pool = [("db.client.connection.pool.name", "redis")]
        Meter(label: "db.client.connection.count", dimensions: dimensions("idle"), factory: registry).set(7)
        Meter(label: "db.client.connection.count", dimensions: dimensions("used"), factory: registry).set(3)
        Meter(label: "db.client.connection.max", dimensions: pool, factory: registry).set(50)
        Meter(label: "db.client.connection.pending_requests", dimensions: pool, factory: registry).set(2)
        Counter(label: "db.client.connection.timeouts", dimensions: pool, factory: registry).increment(by: 4)
        Timer(label: "db.client.connection.wait_time", dimensions: pool, factory: registry).recordMilliseconds(20)
        Meter(label: "trivet.store.health", dimensions: [("trivet.store", "redis")], factory: registry).set(1)
        for (operation, error) in [("GET", ""), ("SET", ""), ("GET", "timeout")] {
            Timer(
                label: "db.client.operation.duration",
                dimensions: [
                    ("db.system.name", "redis"), ("db.operation.name", operation), ("error.type", error),
                    ("db.client.connection.pool.name", "redis"),
                ], factory: registry
            ).recordMilliseconds(2)
        }
        ProcessMetrics(name: "shop", factory: registry).update()
        let sample = ServiceSample(metrics: registry.text())
        var expected = ServiceSample.Pool(name: "redis")
        (expected.open, expected.inUse, expected.waiting, expected.maximum) = (10, 3, 2, 50)
        (expected.acquired, expected.waited, expected.timeouts) = (1, 0.02, 4)
        #expect(sample.pools == [expected])
        #expect(sample.stores == [.init(name: "redis", state: .degraded)])
        #expect(sample.operations.map(\.name) == ["redis"])
        #expect(sample.operations[0].count == 2 && sample.operations[0].failures == 1)
        #expect(sample.operations[0].buckets.last?.bound == .infinity)
        #expect(sample.processes.map(\.name) == ["shop"] && sample.processes[0].memory > 1_000_000)
    }
}
