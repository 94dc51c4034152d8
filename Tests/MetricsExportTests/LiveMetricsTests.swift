import Metrics
import MetricsExport
import Stores
import Testing
import Transactions
import TrivetTesting

@Suite("Metrics of live stores and transactions", .timeLimit(.minutes(2)))
struct LiveMetricsTests {
    @Test("M1, M2, M6: what live stores and transactions did is in the text, under OpenTelemetry's names", .redisServer)
    func live() async throws {
        let registry = PrometheusRegistry(help: StoreMetric.help.merging(TransactionMetric.help) { first, _ in first })
        let server = try RedisServer.current
        try await TemporaryDirectory.withDirectory { folder in
            try await RedisPool.withPool(to: server.endpoint, observers: PoolMetrics.observers(registry)) { redis in
                try await Coordinator.withCoordinator(
                    sqlite: folder.path(of: "a.sqlite"), graph: folder.path(of: "a.graph"), redis: redis,
                    metrics: registry
                ) { coordinator in
                    try await coordinator.sqlite.write {
                        try $0.execute(sql: "CREATE TABLE t (id INTEGER PRIMARY KEY)")
                    }
                    try await coordinator.graph?.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                    try await coordinator.transaction { txn in
                        try await txn.sqlite { try $0.execute(sql: "INSERT INTO t VALUES (1)") }
                        try await txn.graph.execute("CREATE (:T {id: 1})")
                        try await txn.redis.set("t:1", 1)
                    }
                    do {
                        try await coordinator.transaction { txn in
                            try await txn.sqlite { try $0.execute(sql: "INSERT INTO t VALUES (1)") }
                        }
                    } catch {}
                    _ = try await coordinator.snapshot { try await $0.redis.get("t:1", as: Int.self) }
                    _ = try await redis.get("t:1", as: Int.self)
                    let text = registry.text()
                    let problems = PrometheusText(text).problems
                    #expect(problems.isEmpty, "\(problems.prefix(5))")
                    for line in [
                        "db_client_operation_duration_seconds_count{db_system_name=\"sqlite\",db_operation_name=\"write\",error_type=\"\",db_client_connection_pool_name=\"sqlite.writer\"}",
                        "db_client_operation_duration_seconds_count{db_system_name=\"redis\",db_operation_name=\"GET\",error_type=\"\",db_client_connection_pool_name=\"redis\"}",
                        "trivet_transaction_duration_seconds_count{trivet_outcome=\"committed\"} 1",
                        "trivet_transaction_group_size_sum 1", "trivet_transaction_group_size_count 1",
                        "trivet_transaction_duration_seconds_count{trivet_outcome=\"failed\"} 1",
                        "trivet_transaction_phase_duration_seconds_count{trivet_phase=\"decision\"} 1",
                        "trivet_transaction_phase_duration_seconds_count{trivet_phase=\"locks\"} 1",
                        "trivet_transaction_phase_duration_seconds_count{trivet_phase=\"acknowledge\"} 1",
                        "trivet_snapshot_duration_seconds_count{trivet_outcome=\"read\"} 1",
                        "trivet_snapshot_age_seconds_count 1",
                        "trivet_recovery_duration_seconds_count 1",
                        "# HELP db_client_connection_use_time_seconds how long a connection was held",
                    ] { #expect(text.contains(line), "\(line) is not in the text") }
                }
            }
        }
    }

    @Test("M6: snapshots that become too old, fail or are cancelled are counted as such, with their ages")
    func snapshots() async throws {
        struct Broken: Error {}
        let registry = PrometheusRegistry()
        var configuration = CoordinatorConfiguration()
        configuration.maximumSnapshotAge = .milliseconds(20)
        try await TemporaryDirectory.withDirectory { [configuration] folder in
            try await Coordinator.withCoordinator(
                sqlite: folder.path(of: "a.sqlite"), configuration: configuration, metrics: registry
            ) { coordinator in
                do {
                    try await coordinator.snapshot { snapshot in
                        // Until it is too old.
                        while true { try await snapshot.sqlite { try $0.execute(sql: "SELECT 1") } }
                    }
                } catch let error as TransactionError { #expect(error.code == .snapshotTooOld) }
                do { try await coordinator.snapshot { _ in throw Broken() } } catch is Broken {}
                do { try await coordinator.snapshot { _ in throw CancellationError() } } catch is CancellationError {}
            }
        }
        let text = registry.text()
        for (outcome, count) in [("tooOld", 1), ("failed", 1), ("cancelled", 1), ("read", 0)] {
            let line = "trivet_snapshot_duration_seconds_count{trivet_outcome=\"\(outcome)\"} \(count)"
            #expect(text.contains("\n\(line)\n"), "\(line) is not in the text")
        }
        #expect(text.contains("\ntrivet_snapshot_age_seconds_count 3\n"))
    }
}
