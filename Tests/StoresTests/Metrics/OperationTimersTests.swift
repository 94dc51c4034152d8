import MetricsTestKit
import Pooling
import Testing

@testable import Stores

@Suite("M2: timers of operations")
struct OperationTimersTests {
    private struct Refused: Error {}

    private func names(_ metrics: TestMetrics) -> [String] {
        metrics.timers(label: "db.client.operation.duration").map { timer in
            let values = Dictionary(timer.dimensions) { first, _ in first }
            let error = values["error.type"] ?? "?"
            return (values["db.operation.name"] ?? "?") + (error.isEmpty ? "" : " \(error)")
        }
    }

    @Test("M2: each kind of operation has one timer, those that fail one for each kind of error")
    func kinds() {
        let metrics = TestMetrics()
        let timers = OperationTimers(pool: "redis", factory: metrics)
        for number in 1...3 as ClosedRange<Int64> {
            timers.record("redis", "GET", nanoseconds: number)
            timers.record("redis", "a name of more than fifteen bytes", nanoseconds: number)
            timers.record("redis", "GET", Refused(), nanoseconds: number)
        }
        #expect(Set(names(metrics)) == ["GET", "a name of more than fifteen bytes", "GET Refused"])
        for timer in metrics.timers(label: "db.client.operation.duration") { #expect(timer.values == [1, 2, 3]) }
    }

    @Test("M2: names made of ever new ids share one timer, and nothing is lost")
    func bound() {
        let metrics = TestMetrics()
        let timers = OperationTimers(pool: "redis", factory: metrics)
        for number in 1...1_000 {
            timers.record("redis", "GET \(number)", nanoseconds: 1)
            timers.record("redis", "GET \(number)", Refused(), nanoseconds: 1)
        }
        let names = names(metrics)
        #expect(names.count <= 2 * OperationTimers.most + 2)
        #expect(names.contains("GET 1") && names.contains("_OTHER") && names.contains("_OTHER Refused"))
        let values = metrics.timers(label: "db.client.operation.duration").map(\.values.count)
        #expect(values.reduce(0, +) == 2_000)
    }

    @Test("M2: threads that come with a new name at the same time get the same timer")
    func concurrently() async {
        let metrics = TestMetrics()
        let timers = OperationTimers(pool: "redis", factory: metrics)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { for number in 0..<200 { timers.record("redis", "\(number % 40)", nanoseconds: 1) } }
            }
        }
        #expect(names(metrics).count == 40)
        let values = metrics.timers(label: "db.client.operation.duration").map(\.values.count)
        #expect(values == Array(repeating: 40, count: 40))
    }
}
