public import Metrics
public import Pooling
import Synchronization

/// Feeds a pool's events to swift-metrics (M1).
///
/// The metric objects are made once, so that an event costs little more than what the back end does with it.
public final class PoolMetrics: PoolObserver {
    private let timeouts: Counter
    private let createTime: Timer
    private let waitTime: Timer
    private let useTime: Timer
    private let createFailures: Counter
    private let leaks: Counter
    private let pool: String
    private let factory: any MetricsFactory
    private let operations = Mutex<[(key: String, timer: Timer)]>([])
    /// In the order of `CloseReason.allCases`.
    private let closed: [(reason: CloseReason, counter: Counter)]

    /// - Parameters:
    ///   - pool: the pool's name, which becomes a dimension of each metric.
    ///   - factory: the back end; `MetricsSystem.factory` is the one that the application chose.
    public init(pool: String, factory: any MetricsFactory) {
        self.pool = pool
        self.factory = factory
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
        case .operation(let operation): timer(of: operation).recordNanoseconds(operation.duration.wholeNanoseconds)
        default: break
        }
    }

    /// A store has few kinds of operations, and each has few kinds of errors. By the operation's name; of a failure, with the error's behind it.
    private func timer(of operation: PoolOperation) -> Timer {
        let error = operation.error.map { "\(type(of: $0))" }
        let key = error.map { "\(operation.name) \($0)" } ?? operation.name
        return operations.withLock { operations in
            // Few short texts are sooner compared than hashed.
            for operation in operations where operation.key == key { return operation.timer }
            let timer = StoreMetric.operationDuration.timer(
                [operation.system, operation.name, error ?? "", pool], factory)
            operations.append((key, timer))
            return timer
        }
    }
}

extension Duration {
    var wholeNanoseconds: Int64 { PoolSpan(self).nanoseconds }
}
