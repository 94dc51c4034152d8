import Measurement
import Synchronization

/// A time in which something was broken on purpose.
package struct FaultWindow: Sendable, Codable, Hashable {
    /// Which fault of its scenario it is, such as `redis-freeze-1`.
    package var id: String
    /// What was done, such as `kill`, `freeze`, `latency`.
    package var kind: String
    /// To which store; nil when it was none of them.
    package var store: String?
    /// In seconds from the run's beginning. Without an end it lasted until the run's.
    package var start: Double
    package var end: Double?

    package init(id: String, kind: String, store: String?, start: Double, end: Double?) {
        self.id = id
        self.kind = kind
        self.store = store
        self.start = start
        self.end = end
    }
}

/// The windows of a run's faults, noted as they happen by whoever breaks and heals.
package final class FaultLog: Sendable {
    private let origin: ContinuousClock.Instant
    private let most: Int
    private let state = Mutex<[FaultWindow]>([])

    /// - Parameters:
    ///   - origin: the run's beginning.
    ///   - most: later ones are not noted, so that a run of hours stays small.
    package init(origin: ContinuousClock.Instant = .now, most: Int = .max) {
        self.origin = origin
        self.most = most
    }

    /// From now on something is broken.
    ///
    /// - Returns: what ``end(_:)`` takes.
    package func begin(_ id: String, kind: String, store: String? = nil) -> Int {
        let start = seconds
        return state.withLock { windows in
            guard windows.count < most else { return most }
            windows.append(FaultWindow(id: id, kind: kind, store: store, start: start, end: nil))
            return windows.count - 1
        }
    }

    /// It is healed. What has been healed once stays so.
    package func end(_ fault: Int) {
        let end = seconds
        state.withLock { windows in
            guard windows.indices.contains(fault), windows[fault].end == nil else { return }
            windows[fault].end = end
        }
    }

    /// Those that began, in that order.
    package var windows: [FaultWindow] { state.withLock { $0 } }

    /// Since the run's beginning, to a millisecond.
    private var seconds: Double { ((.now - origin) / .milliseconds(1)).rounded() / 1_000 }
}
