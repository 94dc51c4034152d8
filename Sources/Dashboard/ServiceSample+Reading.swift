internal import MetricsExport
internal import Reporting
internal import Stores

extension ServiceSample {
    /// A manager's stores, and what metrics say besides.
    init(_ status: StoresStatus, metrics: String?) {
        self = metrics.map { ServiceSample(metrics: $0) } ?? ServiceSample()
        stores = status.stores.map { store in
            Store(
                name: store.kind.rawValue, state: Store.State(store.health.state),
                reasons: store.health.reasons.map(\.description))
        }
        pools = status.stores.flatMap(\.pools).map { pool in
            var own = Pool(name: pool.name)
            own.open = pool.idle + pool.used + pool.opening + pool.checking + pool.closing
            (own.inUse, own.waiting, own.maximum) = (pool.used, pool.waiting, pool.maximum)
            (own.acquired, own.waited) = (Double(pool.acquired), pool.waitedSeconds)
            own.timeouts = Double(pool.timeouts)
            return own
        }
    }

    /// What Prometheus' text says, under the names that this project exports, which are OpenTelemetry's.
    init(metrics text: String) {
        self.init()
        let text = MetricsText(text)
        readPools(text)
        stores = text.named(Names.health).compactMap { sample in
            guard let name = sample.labels[Names.store] else { return nil }
            return Store(name: name, state: sample.value >= 2 ? .healthy : sample.value >= 1 ? .degraded : .down)
        }.sorted { $0.name < $1.name }
        operations = Self.operations(text)
        processes = text.named(Names.memory).map { memory in
            let name = memory.labels[Names.executable] ?? "process"
            let processor = text.named(Names.processor).filter { $0.labels[Names.executable] == name }
            return Process(name: name, memory: memory.value, processor: processor.reduce(0) { $0 + $1.value })
        }
    }

    private mutating func readPools(_ text: MetricsText) {
        var found: [String: Pool] = [:]
        func add(_ name: String, _ change: (inout Pool, MetricsText.Sample) -> Void) {
            for sample in text.named(name) where sample.value.isFinite {
                guard let pool = sample.labels[Names.pool] else { continue }
                change(&found[pool, default: Pool(name: pool)], sample)
            }
        }
        add(Names.count) { pool, sample in
            let count = Int(max(0, min(sample.value, 1e9)))
            pool.open += count
            if sample.labels[Names.state] == "used" { pool.inUse += count }
        }
        add(Names.maximum) { $0.maximum = Int(max(0, min($1.value, 1e9))) }
        add(Names.pending) { $0.waiting = Int(max(0, min($1.value, 1e9))) }
        add(Names.timeouts) { $0.timeouts = $1.value }
        add(Names.wait + "_sum") { $0.waited = $1.value }
        add(Names.wait + "_count") { $0.acquired = $1.value }
        pools = found.values.sorted { $0.name < $1.name }
    }

    /// By store: what succeeded in buckets, what failed as a number.
    private static func operations(_ text: MetricsText) -> [Operations] {
        var buckets: [String: [Double: Double]] = [:]
        var failures: [String: Double] = [:]
        for sample in text.named(Names.operation + "_bucket") {
            guard let store = sample.labels[Names.system], sample.labels[Names.error, default: ""].isEmpty,
                let bound = sample.labels["le"].map({ $0 == "+Inf" ? .infinity : Double($0) ?? .nan }), !bound.isNaN
            else { continue }
            buckets[store, default: [:]][bound, default: 0] += sample.value
        }
        for sample in text.named(Names.operation + "_count") {
            guard let store = sample.labels[Names.system], !sample.labels[Names.error, default: ""].isEmpty else {
                continue
            }
            failures[store, default: 0] += sample.value
        }
        return buckets.sorted { $0.key < $1.key }.map { store, counts in
            Operations(
                name: store, buckets: counts.sorted { $0.key < $1.key }.map { .init(bound: $0.key, count: $0.value) },
                failures: failures[store, default: 0])
        }
    }

    /// As Prometheus has them.
    private enum Names {
        static let count = PrometheusName.metric(StoreMetric.count.name, .gauge)
        static let maximum = PrometheusName.metric(StoreMetric.maximum.name, .gauge)
        static let pending = PrometheusName.metric(StoreMetric.pendingRequests.name, .gauge)
        static let timeouts = PrometheusName.metric(StoreMetric.timeouts.name, .counter)
        static let wait = PrometheusName.metric(StoreMetric.waitTime.name, .histogram, isDuration: true)
        static let operation = PrometheusName.metric(StoreMetric.operationDuration.name, .histogram, isDuration: true)
        static let health = PrometheusName.metric(StoreMetric.storeHealth.name, .gauge)
        static let memory = PrometheusName.metric("process.memory.usage", .gauge)
        static let processor = PrometheusName.metric("process.cpu.time", .counter)
        static let pool = PrometheusName.label("db.client.connection.pool.name")
        static let state = PrometheusName.label("db.client.connection.state")
        static let system = PrometheusName.label("db.system.name")
        static let error = PrometheusName.label("error.type")
        static let store = PrometheusName.label("trivet.store")
        static let executable = PrometheusName.label("process.executable.name")
    }
}

extension ServiceSample.Store.State {
    init(_ state: HealthState) {
        switch state {
        case .healthy: self = .healthy
        case .degraded: self = .degraded
        case .down: self = .down
        }
    }
}
