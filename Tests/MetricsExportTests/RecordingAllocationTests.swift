import CAllocationCounter
import Metrics
import MetricsExport
import Pooling
import Stores
import Testing

@Suite("What telling of an operation asks of the system's memory", .enabled(if: allocations_are_counted()))
struct RecordingAllocationTests {
    @Test("M2, M6: what pools tell at each use goes to Prometheus' histograms without an allocation")
    func operations() {
        let registry = PrometheusRegistry()
        let metrics = PoolMetrics(pool: "redis", factory: registry)
        // The timer of a kind of operation is made when the first one ends.
        for name in ["GET", "SET"] { metrics.used("redis", name, took: PoolSpan(nanoseconds: 1)) }
        let before = allocations_of_this_thread()
        for number in 1...10_000 as ClosedRange<Int64> {
            metrics.used("redis", "GET", took: PoolSpan(nanoseconds: number * 1_000))
            metrics.acquired(waited: PoolSpan(nanoseconds: number))
            metrics.released(held: PoolSpan(nanoseconds: number))
            metrics.operated("redis", "SET", took: PoolSpan(nanoseconds: number))
        }
        #expect(allocations_of_this_thread() == before)
        let text = registry.text()
        let labels = "error_type=\"\",db_client_connection_pool_name=\"redis\"}"
        for line in [
            "db_client_operation_duration_seconds_count{db_system_name=\"redis\",db_operation_name=\"GET\",\(labels) 10001",
            "db_client_operation_duration_seconds_count{db_system_name=\"redis\",db_operation_name=\"SET\",\(labels) 10001",
            "db_client_connection_wait_time_seconds_count{db_client_connection_pool_name=\"redis\"} 20002",
            "db_client_connection_use_time_seconds_count{db_client_connection_pool_name=\"redis\"} 20002",
        ] { #expect(text.contains("\n\(line)\n"), "\(line) is not in the text") }
    }
}
