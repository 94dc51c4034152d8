// snippet.hide
import Dashboard
import Logging
import MetricsExport
import ServiceLifecycle
import Trivet

let mappings: StoreMappings = [
    StoreMapping(table: "users", cache: CacheMapping(key: "user:{id}", value: .json(["id"])))
]

// snippet.show
func serve(_ configuration: StoresConfiguration, beside server: any Service, logger: Logger) async throws {
    let registry = PrometheusRegistry(help: StoreMetric.help)
    let (manager, coordinator) = try await Coordinator.open(configuration, logger: logger, metrics: registry)
    let synchronizer = try CacheSynchronizer(coordinator, mappings: mappings, logger: logger)
    let dashboard = Dashboard(of: manager, metrics: registry)
    let group = ServiceGroup(
        services: [manager, coordinator, synchronizer, dashboard, server], gracefulShutdownSignals: [.sigterm],
        logger: logger)
    try await group.run()
}
