import Metrics
import Synchronization

/// The timers of a pool's operations by name: found without waiting for anybody, made when they are first asked for.
///
/// A store has few kinds of operations. Those that come when there are too many, from names made of ever new ids, share one timer whose operation is
/// `_OTHER`, as OpenTelemetry calls what has no name of its own.
final class OperationTimers: Sendable {
    private struct Entry {
        let name: String
        let timer: Timer
    }

    /// The most names.
    static let most = 100
    private static let other = "_OTHER"

    private let pool: String
    private let factory: any MetricsFactory
    /// Safe because an entry is written once, under the lock and before the count says that it is there, and never moves; whoever reads looks at the
    /// count first.
    private nonisolated(unsafe) let entries = UnsafeMutablePointer<Entry>.allocate(capacity: OperationTimers.most)
    private let count = Atomic<Int>(0)
    /// Of operations that failed, by name and kind of error; and the one that later names share.
    private let rare = Mutex<[String: Timer]>([:])

    init(pool: String, factory: any MetricsFactory) {
        self.pool = pool
        self.factory = factory
    }

    deinit {
        entries.deinitialize(count: count.load(ordering: .acquiring))
        entries.deallocate()
    }

    /// Records how long an operation took that succeeded.
    func record(_ system: String, _ name: String, nanoseconds: Int64) {
        let known = count.load(ordering: .acquiring)
        // Few short texts are sooner compared than hashed.
        for index in 0..<known where entries[index].name == name {
            return entries[index].timer.recordNanoseconds(nanoseconds)
        }
        makeTimer(system, name).recordNanoseconds(nanoseconds)
    }

    /// Records how long an operation took that failed.
    func record(_ system: String, _ name: String, _ error: any Error, nanoseconds: Int64) {
        rare.withLock { timer(&$0, system, name, "\(type(of: error))") }.recordNanoseconds(nanoseconds)
    }

    private func makeTimer(_ system: String, _ name: String) -> Timer {
        rare.withLock { rare in
            let known = count.load(ordering: .acquiring)
            // Somebody else may have come first.
            for index in 0..<known where entries[index].name == name { return entries[index].timer }
            guard known < Self.most else { return timer(&rare, system, Self.other, "") }
            let timer = make(system, name, "")
            (entries + known).initialize(to: Entry(name: name, timer: timer))
            count.store(known + 1, ordering: .releasing)
            return timer
        }
    }

    private func timer(_ rare: inout [String: Timer], _ system: String, _ name: String, _ error: String) -> Timer {
        if let timer = rare["\(name) \(error)"] { return timer }
        // What an error is called, the code says; what an operation is called may come from anywhere.
        let name = rare.count < Self.most ? name : Self.other
        if let timer = rare["\(name) \(error)"] { return timer }
        let timer = make(system, name, error)
        rare["\(name) \(error)"] = timer
        return timer
    }

    private func make(_ system: String, _ name: String, _ error: String) -> Timer {
        StoreMetric.operationDuration.timer([system, name, error, pool], factory)
    }
}
