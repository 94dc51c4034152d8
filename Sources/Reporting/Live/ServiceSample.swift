/// A service's stores at one moment, however they were asked: what a dashboard draws. Totals are since the service began.
package struct ServiceSample: Sendable, Hashable {
    package struct Store: Sendable, Hashable {
        package enum State: String, Sendable, Hashable {
            case healthy, degraded, down
        }

        package var name: String
        package var state: State
        /// Why it is not healthy, for people.
        package var reasons: [String]

        package init(name: String, state: State, reasons: [String] = []) {
            (self.name, self.state, self.reasons) = (name, state, reasons)
        }
    }

    package struct Pool: Sendable, Hashable {
        package var name: String
        package var open = 0, inUse = 0, waiting = 0, maximum = 0
        /// Totals: connections handed out, and how long tasks have waited for them, in seconds.
        package var acquired = 0.0, waited = 0.0
        /// Total: tasks that got none in time.
        package var timeouts = 0.0

        package init(name: String) { self.name = name }
    }

    /// Operations of one store, by how long they took.
    package struct Operations: Sendable, Hashable {
        package var name: String
        /// Totals of those that took at most so many seconds, ascending; the last bound is infinite.
        package var buckets: [Bucket]
        /// Total of those that failed.
        package var failures: Double

        package struct Bucket: Sendable, Hashable {
            package var bound, count: Double
            package init(bound: Double, count: Double) { (self.bound, self.count) = (bound, count) }
        }

        package init(name: String, buckets: [Bucket], failures: Double) {
            (self.name, self.buckets, self.failures) = (name, buckets, failures)
        }
    }

    package struct Process: Sendable, Hashable {
        package var name: String
        /// In bytes.
        package var memory: Double
        /// Total, in seconds.
        package var processor: Double

        package init(name: String, memory: Double, processor: Double) {
            (self.name, self.memory, self.processor) = (name, memory, processor)
        }
    }

    package var stores: [Store] = []
    package var pools: [Pool] = []
    package var operations: [Operations] = []
    package var processes: [Process] = []

    package init() {}
}

extension ServiceSample.Operations {
    /// What has come since an earlier look; nil when there is nothing, or the service began anew.
    func since(_ earlier: Self?) -> Self? {
        guard let earlier, earlier.buckets.map(\.bound) == buckets.map(\.bound) else { return nil }
        let new = zip(buckets, earlier.buckets).map { Bucket(bound: $0.bound, count: $0.count - $1.count) }
        guard new.allSatisfy({ $0.count >= 0 }), failures >= earlier.failures else { return nil }
        return Self(name: name, buckets: new, failures: failures - earlier.failures)
    }

    var count: Double { buckets.last?.count ?? 0 }

    /// The duration that `percent` did not exceed, in milliseconds: between a bucket's bounds by how far into it one has to go, as Prometheus'
    /// `histogram_quantile` has it. Nil when there are none.
    func percentile(_ percent: Double) -> Double? {
        guard count > 0 else { return nil }
        let wanted = count * percent / 100
        var before = (bound: 0.0, count: 0.0)
        for bucket in buckets {
            if bucket.count >= wanted {
                guard bucket.bound.isFinite else { return before.bound * 1_000 }
                let part = bucket.count > before.count ? (wanted - before.count) / (bucket.count - before.count) : 1
                return (before.bound + (bucket.bound - before.bound) * part) * 1_000
            }
            before = (bucket.bound, bucket.count)
        }
        return before.bound * 1_000
    }
}
