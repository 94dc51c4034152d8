import Metrics
import MetricsExport
import Trivet

let registry = PrometheusRegistry(help: StoreMetric.help)
MetricsSystem.bootstrap(registry)
