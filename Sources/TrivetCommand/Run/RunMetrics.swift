import LoadTesting
import Metrics
import MetricsExport
import Stores
import Transactions

/// A run's metrics for Prometheus: pools and operations, transactions, this process and its redis-server.
struct RunMetrics: Sendable {
    let registry: PrometheusRegistry

    /// Makes itself the process's back end of swift-metrics; for once in a process.
    init() {
        let help = [StoreMetric.help, TransactionMetric.help, ProcessMetrics.help]
        registry = PrometheusRegistry(help: help.reduce(into: [:]) { $0.merge($1) { first, _ in first } })
        MetricsSystem.bootstrap(registry)
    }

    /// From now on, gauges and processes are looked at whenever somebody asks.
    func watch(_ engines: LiveEngines) {
        let gauges = StoreGauges(factory: registry)
        let own = ProcessMetrics(name: "trivet", factory: registry)
        let redis = ProcessMetrics(name: "redis-server", factory: registry) { engines.privateServer?.processID }
        let worker = engines.worker.map { worker in
            ProcessMetrics(name: "worker", factory: registry) { worker.processID }
        }
        registry.beforeText {
            gauges.update(engines.stores.all, health: nil)
            own.update()
            redis.update()
            worker?.update()
        }
    }
}
