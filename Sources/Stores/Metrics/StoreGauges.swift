package import Metrics
import Synchronization

/// What is read at an interval rather than told by events: sizes, health, limits.
package final class StoreGauges: Sendable {
    private struct OfPool {
        let idle, used, idleMaximum, idleMinimum, maximum, pending, reuse: Meter

        init(_ pool: String, _ factory: any MetricsFactory) {
            idle = StoreMetric.count.meter(["idle", pool], factory)
            used = StoreMetric.count.meter(["used", pool], factory)
            idleMaximum = StoreMetric.idleMaximum.meter([pool], factory)
            idleMinimum = StoreMetric.idleMinimum.meter([pool], factory)
            maximum = StoreMetric.maximum.meter([pool], factory)
            pending = StoreMetric.pendingRequests.meter([pool], factory)
            reuse = StoreMetric.reuseRatio.meter([pool], factory)
        }

        private var all: [Meter] { [idle, used, idleMaximum, idleMinimum, maximum, pending, reuse] }

        func destroy() { for meter in all { meter.destroy() } }
    }

    private struct State {
        var pools: [String: OfPool] = [:]
        var limits: [StoreKind: Meter] = [:]
        var health: [StoreKind: Meter] = [:]
    }

    private let factory: any MetricsFactory
    private let state = Mutex(State())

    package init(factory: any MetricsFactory) {
        self.factory = factory
    }

    /// - Parameter health: nil where nobody watches it.
    package func update(_ stores: [any StorePools], health: HealthReport?) {
        let read = stores.map { (kind: $0.kind, limit: $0.connectionLimit, pools: $0.statuses) }
        state.withLock { state in
            var gone = Set(state.pools.keys)
            for store in read {
                state.limits.meter(store.kind) { StoreMetric.storeLimit.meter([$0], factory) }.set(store.limit)
                for pool in store.pools {
                    gone.remove(pool.name)
                    set(pool, &state)
                }
            }
            for health in health?.stores ?? [] {
                let value = [.healthy: 2, .degraded: 1, .down: 0][health.state] ?? 0
                state.health.meter(health.store) { StoreMetric.storeHealth.meter([$0], factory) }.set(value)
            }
            // A cluster's node that left: its last values must not stand for ever.
            for name in gone { state.pools.removeValue(forKey: name)?.destroy() }
        }
    }

    private func set(_ pool: NamedPoolStatus, _ state: inout State) {
        let meters = state.pools[pool.name] ?? OfPool(pool.name, factory)
        state.pools[pool.name] = meters
        let status = pool.status
        meters.idle.set(status.idle)
        meters.used.set(status.leased)
        meters.idleMaximum.set(status.maximum)
        meters.idleMinimum.set(status.minimum)
        meters.maximum.set(status.maximum)
        meters.pending.set(status.waiting)
        meters.reuse.set(status.counters.reuseRate)
    }
}

extension [StoreKind: Meter] {
    fileprivate mutating func meter(_ store: StoreKind, _ make: (String) -> Meter) -> Meter {
        if let meter = self[store] { return meter }
        let meter = make(store.rawValue)
        self[store] = meter
        return meter
    }
}
