import LoadTesting
import Metrics
import MetricsExport
import Stores
import Transactions

/// Shows a run's metrics to Prometheus: pools and operations, transactions, this process and its redis-server.
struct RunExporter: Sendable {
    private let registry: PrometheusRegistry
    private let endpoint: MetricsEndpoint

    var port: Int { endpoint.port }

    /// Begins to serve, and makes it the process's back end of swift-metrics.
    ///
    /// - Throws: `OutputError` when the port can't be had.
    static func start(on port: Int) async throws -> RunExporter {
        let help = [StoreMetric.help, TransactionMetric.help, ProcessMetrics.help]
        let registry = PrometheusRegistry(help: help.reduce(into: [:]) { $0.merge($1) { first, _ in first } })
        let endpoint: MetricsEndpoint
        do {
            endpoint = try await MetricsEndpoint.start(registry, port: port)
        } catch {
            throw OutputError(path: "127.0.0.1:\(port)", reason: "\(error)")
        }
        MetricsSystem.bootstrap(registry)
        return RunExporter(registry: registry, endpoint: endpoint)
    }

    /// From now on, gauges and processes are looked at whenever somebody asks.
    func watch(_ engines: LiveEngines) {
        let gauges = StoreGauges(factory: registry)
        let own = ProcessMetrics(name: "trivet", factory: registry)
        let redis = ProcessMetrics(name: "redis-server", factory: registry) { engines.server.processID }
        registry.beforeText {
            gauges.update([engines.sqlite, engines.graph, engines.redis], health: nil)
            own.update()
            redis.update()
        }
    }

    func stop() async { await endpoint.stop() }
}
