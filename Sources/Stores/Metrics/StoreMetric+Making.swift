package import Metrics

extension StoreMetric {
    package func counter(_ values: [String], _ factory: any MetricsFactory) -> Counter {
        Counter(label: name, dimensions: named(values), factory: factory)
    }

    package func meter(_ values: [String], _ factory: any MetricsFactory) -> Meter {
        Meter(label: name, dimensions: named(values), factory: factory)
    }

    package func timer(_ values: [String], _ factory: any MetricsFactory) -> Timer {
        Timer(label: name, dimensions: named(values), preferredDisplayUnit: .seconds, factory: factory)
    }

    package func recorder(_ values: [String], _ factory: any MetricsFactory) -> Recorder {
        Recorder(label: name, dimensions: named(values), aggregate: true, factory: factory)
    }

    private func named(_ values: [String]) -> [(String, String)] { zip(dimensions, values).map { ($0, $1) } }
}
