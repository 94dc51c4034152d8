import Measurement

/// What one user measured. Lives in the user's task; all users' are added up at the end.
struct UserRecorder: Sendable {
    private(set) var latencies: [Target: LatencyRecorder] = [:]
    private let monitor: LoadMonitor

    init(monitor: LoadMonitor) {
        self.monitor = monitor
    }

    /// Runs an operation and records its latency, if it began in the steady state.
    @discardableResult
    mutating func measure<T>(_ target: Target, _ operation: () async throws -> T) async throws -> T {
        let isCounted = monitor.phase == .steady
        let start = ContinuousClock.now
        let result = try await operation()
        guard isCounted else { return result }
        latencies[target, default: LatencyRecorder()].record(.now - start)
        monitor.countSample(of: target.id)
        return result
    }

    mutating func add(_ other: UserRecorder) {
        latencies.merge(other.latencies) { own, others in
            var sum = own
            sum.add(others)
            return sum
        }
    }
}
