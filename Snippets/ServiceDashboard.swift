// snippet.hide
import Dashboard
import Logging
import MetricsExport
import ServiceLifecycle
import Trivet

// snippet.show
func serve(_ configuration: StoresConfiguration, beside server: any Service, logger: Logger) async throws {
    let registry = PrometheusRegistry(help: StoreMetric.help)
    let manager = try await PoolManager.open(configuration, logger: logger, metrics: registry)
    let dashboard = Dashboard(of: manager, metrics: registry)
    try await ServiceGroup(services: [manager, dashboard, server], logger: logger).run()
}
