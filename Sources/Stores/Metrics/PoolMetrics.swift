public import Metrics
public import Pooling

/// Feeds a pool's events to swift-metrics (M1).
///
/// The metric objects are made once, so that an event costs little more than what the back end does with it.
public final class PoolMetrics: PoolMeter {
    private let timeouts: Counter
    private let createTime: Timer
    private let waitTime: Timer
    private let useTime: Timer
    private let createFailures: Counter
    private let leaks: Counter
    private let operations: OperationTimers
    /// In the order of `CloseReason.allCases`.
    private let closed: [(reason: CloseReason, counter: Counter)]

    /// - Parameters:
    ///   - pool: the pool's name, which becomes a dimension of each metric.
    ///   - factory: the back end; `MetricsSystem.factory` is the one that the application chose.
    public init(pool: String, factory: any MetricsFactory) {
        operations = OperationTimers(pool: pool, factory: factory)
        timeouts = StoreMetric.timeouts.counter([pool], factory)
        createTime = StoreMetric.createTime.timer([pool], factory)
        waitTime = StoreMetric.waitTime.timer([pool], factory)
        useTime = StoreMetric.useTime.timer([pool], factory)
        createFailures = StoreMetric.createFailures.counter([pool], factory)
        leaks = StoreMetric.leaks.counter([pool], factory)
        closed = CloseReason.allCases.map { ($0, StoreMetric.closed.counter([$0.rawValue, pool], factory)) }
    }

    /// One for each pool; nil where the back end does nothing, so that pools need not tell it.
    public static func observers(_ factory: any MetricsFactory) -> PoolObservers? {
        if factory is NOOPMetricsHandler { return nil }
        return { PoolMetrics(pool: $0, factory: factory) }
    }

    /// Passes an event on.
    public func record(_ event: PoolEvent) {
        switch event {
        case .acquired(let waited): waitTime.recordNanoseconds(waited.wholeNanoseconds)
        case .released(let held): useTime.recordNanoseconds(held.wholeNanoseconds)
        case .opened(let took): createTime.recordNanoseconds(took.wholeNanoseconds)
        case .openFailed: createFailures.increment()
        case .acquireFailed(let error, _):
            if let error = error as? PoolError, error.code == .acquireTimedOut { timeouts.increment() }
        case .closing(let reason):
            for entry in closed where entry.reason == reason { entry.counter.increment() }
        case .heldTooLong: leaks.increment()
        case .operation(let operation):
            let nanoseconds = operation.duration.wholeNanoseconds
            if let error = operation.error {
                operations.record(operation.system, operation.name, error, nanoseconds: nanoseconds)
            } else {
                operations.record(operation.system, operation.name, nanoseconds: nanoseconds)
            }
        default: break
        }
    }

    // MARK: What happens at each use

    package func acquired(waited: PoolSpan) { waitTime.recordNanoseconds(waited.nanoseconds) }

    package func released(held: PoolSpan) { useTime.recordNanoseconds(held.nanoseconds) }

    package func operated(_ system: String, _ name: String, took: PoolSpan) {
        operations.record(system, name, nanoseconds: took.nanoseconds)
    }

    package func used(_ system: String, _ name: String, took: PoolSpan) {
        waitTime.recordNanoseconds(Int64(0))
        useTime.recordNanoseconds(took.nanoseconds)
        operations.record(system, name, nanoseconds: took.nanoseconds)
    }
}

extension Duration {
    var wholeNanoseconds: Int64 { PoolSpan(self).nanoseconds }
}
