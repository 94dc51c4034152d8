import Measurement

/// What one user measured. Lives in the user's task; all users' are added up at the end.
struct UserRecorder: Sendable {
    private(set) var latencies: [Target: LatencyRecorder] = [:]
    /// Coordinated transactions that were asked for in the steady state, and those of them that succeeded.
    private(set) var transactions = Attempts()
    private let monitor: LoadMonitor

    init(monitor: LoadMonitor) {
        self.monitor = monitor
    }

    /// Runs an operation and records its latency, if it began in the steady state.
    @discardableResult
    mutating func measure<T>(_ target: Target, _ operation: () async throws -> T) async throws -> T {
        let isCounted = monitor.phase == .steady
        let start = ContinuousClock.now
        let isTransaction = target == .crossCoordination && isCounted
        if isTransaction { transactions.asked += 1 }
        let result: T
        do {
            result = try await operation()
        } catch is CancellationError {
            // The run's end, and no failure of the transaction's.
            if isTransaction { transactions.asked -= 1 }
            throw CancellationError()
        }
        guard isCounted else { return result }
        if isTransaction { transactions.succeeded += 1 }
        latencies[target, default: LatencyRecorder()].record(.now - start)
        monitor.countSample(of: target.id)
        return result
    }

    mutating func add(_ other: UserRecorder) {
        transactions += other.transactions
        latencies.merge(other.latencies) { own, others in
            var sum = own
            sum.add(others)
            return sum
        }
    }
}
