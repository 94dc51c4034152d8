import Foundation
import Logging
import Metrics
import MetricsTestKit
import Pooling
import Testing

@testable import Stores

@Suite("M1: metrics of pools")
struct PoolMetricsTests {
    @Test("M1: a pool's events reach their metrics, with the pool's name")
    func events() async throws {
        let metrics = TestMetrics()
        let store = try ScriptedStore(.sqlite, bounds: 1...1, observer: PoolMetrics(pool: "sqlite", factory: metrics))
        try await store.pool.withConnection { _ in
            do {
                try await store.pool.withConnection(timeout: .zero) { _ in _ = Issue.record("there is only one") }
            } catch let error as PoolError {
                // One task holds the last one already: that is told, and is no timeout.
                #expect(error.code == .wouldDeadlock)
            }
        }
        await store.pool.shutdown()
        let name = [("db.client.connection.pool.name", "sqlite")]
        #expect(try metrics.expectTimer("db.client.connection.wait_time", name).values.count == 1)
        #expect(try metrics.expectTimer("db.client.connection.use_time", name).values.count == 1)
        #expect(try metrics.expectTimer("db.client.connection.create_time", name).values.count == 1)
        #expect(try metrics.expectTimer("db.client.connection.create_time", name).displayUnit == .seconds)
        #expect(metrics.counterTotal(label: "db.client.connection.timeouts") == 0)
        let closed = try metrics.expectCounter(
            "trivet.client.connection.closed", [("trivet.reason", "shutdown")] + name)
        #expect(closed.totalValue == 1)
    }

    @Test("M1: timeouts, failures to connect and leaks are counted")
    func failures() async throws {
        let metrics = TestMetrics()
        let observer = PoolMetrics(pool: "redis", factory: metrics)
        let store = try ScriptedStore(.redis, bounds: 1...1, observer: observer)
        // Another task: one and the same would be told that it waits for itself.
        try await store.pool.withConnection { _ in
            let other = Task { try await store.pool.withConnection(timeout: .milliseconds(1)) { _ in } }
            _ = await other.result
        }
        await store.pool.shutdown()
        observer.record(.openFailed(ScriptedError(description: "x"), took: .zero))
        observer.record(.heldTooLong(PoolHolder(age: .seconds(1), place: CodePlace(file: #fileID, line: #line))))
        #expect(metrics.counterTotal(label: "db.client.connection.timeouts") == 1)
        #expect(metrics.counterTotal(label: "trivet.client.connection.create_failures") == 1)
        #expect(metrics.counterTotal(label: "trivet.client.connection.leaks") == 1)
    }

    @Test("M1: gauges show sizes, use, waiting, reuse, limits and health, and go when their pool goes")
    func gauges() async throws {
        let metrics = TestMetrics()
        let gauges = StoreGauges(factory: metrics)
        let store = try ScriptedStore(.redis, bounds: 2...6)
        let health = HealthBroadcast([.redis], configuration: HealthConfiguration())
        try await store.pool.withConnection { _ in
            try await store.pool.withConnection { _ in gauges.update([store], health: health.report) }
        }
        let name = [("db.client.connection.pool.name", "redis")]
        func gauge(_ label: String, _ dimensions: [(String, String)]) throws -> Double? {
            try metrics.expectMeter(label, dimensions).lastValue
        }
        let state = "db.client.connection.state"
        #expect(try gauge("db.client.connection.count", [(state, "used")] + name) == 2)
        #expect(try gauge("db.client.connection.count", [(state, "idle")] + name) == 0)
        #expect(try gauge("db.client.connection.max", name) == 6)
        #expect(try gauge("db.client.connection.idle.max", name) == 6)
        #expect(try gauge("db.client.connection.idle.min", name) == 2)
        #expect(try gauge("db.client.connection.pending_requests", name) == 0)
        #expect(try gauge("trivet.client.connection.reuse_ratio", name) == 0)
        #expect(try gauge("trivet.store.connection.limit", [("trivet.store", "redis")]) == 6)
        #expect(try gauge("trivet.store.health", [("trivet.store", "redis")]) == 2)
        gauges.update([], health: HealthReport(stores: []))
        #expect(metrics.meters(label: "db.client.connection.max").isEmpty)
        await store.pool.shutdown()
    }

    @Test("M1: names are unique, and those of OpenTelemetry where it has them")
    func names() {
        let names = StoreMetric.all.map(\.name)
        #expect(Set(names).count == names.count)
        let conventions = [
            "count", "idle.max", "idle.min", "max", "pending_requests", "timeouts", "create_time", "wait_time",
            "use_time",
        ]
        #expect(
            names.filter { $0.hasPrefix("db.") } == conventions.map { "db.client.connection.\($0)" } + [
                "db.client.operation.duration"
            ])
    }

    @Test(
        "The documentation has each metric with its kind, meaning and advice, and each reason of health and of a move")
    func documentation() throws {
        let rows = try DocumentedTable(in: "pools.md", after: "## Metrics").rows
        #expect(rows.count == StoreMetric.all.count)
        for (row, metric) in zip(rows, StoreMetric.all) {
            #expect(row.hasPrefix("| `\(metric.name)` | \(metric.kind.rawValue) | \(metric.meaning) |"))
        }
        let chapter = try DocumentedTable.text(of: "pools.md")
        for reason in HealthReason.Kind.allCases { #expect(chapter.contains("\n| `\(reason.rawValue)` |")) }
        for reason in RebalancingMove.Reason.allCases { #expect(chapter.contains("`\(reason.rawValue)`")) }
    }
}
