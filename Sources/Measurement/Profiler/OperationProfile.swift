public import Foundation
import Synchronization

/// What a ``Profiler`` has kept of one operation.
public struct OperationProfile: Sendable {
    /// One time that it ran.
    public struct Run: Sendable, Hashable {
        /// When it began.
        public var start: Date
        /// How long it took.
        public var duration: Duration
        /// By how many bytes the process's resident memory grew meanwhile; negative when it shrank, nil when it wasn't looked at.
        public var memoryChange: Int?
        /// Whether it returned without an error.
        public var succeeded: Bool
    }

    /// The operation's name.
    public let operation: String
    /// How often it ran.
    public let count: Int
    /// How often it threw.
    public let failures: Int
    /// The durations of all runs.
    public let latency: LatencyRecorder
    /// By how many bytes the memory grew in all runs together, and the most in one; nil when it wasn't looked at.
    public let memoryChange: (total: Int, most: Int)?
    /// The last runs, the latest last.
    public let runs: [Run]

    /// The part that succeeded, 0 to 1; NaN when it never ran.
    public var successRate: Double { Double(count - failures) / Double(count) }
}

/// Collects the runs of one operation.
final class ProfiledOperation: Sendable {
    private struct State {
        var count = 0
        var failures = 0
        var total = 0
        var most: Int?
        /// A ring once it is full.
        var runs: [OperationProfile.Run] = []
    }

    private let name: String
    private let capacity: Int
    private let latency = SharedLatencyRecorder()
    private let state = Mutex(State())

    init(_ name: String, keeping capacity: Int) {
        self.name = name
        self.capacity = capacity
    }

    func keep(_ run: OperationProfile.Run) {
        latency.record(run.duration)
        state.withLock { state in
            if state.runs.count < capacity { state.runs.append(run) } else { state.runs[state.count % capacity] = run }
            state.count += 1
            if !run.succeeded { state.failures += 1 }
            guard let change = run.memoryChange else { return }
            state.total += change
            state.most = max(state.most ?? .min, change)
        }
    }

    var profile: OperationProfile {
        let latency = latency.snapshot()
        let state = state.withLock { $0 }
        let oldest = state.runs.count < capacity ? 0 : state.count % capacity
        return OperationProfile(
            operation: name, count: state.count, failures: state.failures, latency: latency,
            memoryChange: state.most.map { (state.total, $0) },
            runs: Array(state.runs[oldest...] + state.runs[..<oldest]))
    }
}
