import Measurement

/// What the users of a load measure: one meter for each target, which they all record into at the same time.
final class LoadRecorder: Sendable {
    private let meters: [Target: OperationMeter]
    /// Coordinated transactions that were asked for in the steady state, and those of them that succeeded.
    private let asked = EventCounter()
    private let succeeded = EventCounter()
    private let monitor: LoadMonitor

    /// - Parameter targets: all that is going to be measured.
    init(monitor: LoadMonitor, targets: [Target]) {
        self.monitor = monitor
        meters = Dictionary(uniqueKeysWithValues: targets.map { ($0, OperationMeter($0.operation)) })
        monitor.show(meters)
    }

    /// Runs an operation and records its latency, if it began in the steady state.
    @discardableResult
    func measure<T>(_ target: Target, _ operation: () async throws -> T) async throws -> T {
        guard monitor.phase == .steady else { return try await operation() }
        guard let meter = meters[target] else { preconditionFailure("\(target.id) is none of the scenario's targets") }
        let isTransaction = target == .crossCoordination
        let result: T
        do {
            result = try await meter.measure(operation)
        } catch is CancellationError {
            // The run's end, and no failure of the transaction's.
            throw CancellationError()
        } catch {
            if isTransaction { asked.add() }
            throw error
        }
        if isTransaction {
            asked.add()
            succeeded.add()
        }
        return result
    }

    /// Whether each target has so many successes.
    func hasSamples(_ count: Int) -> Bool { meters.values.allSatisfy { $0.successCount >= count } }

    /// The latencies of what has succeeded.
    var latencies: [Target: LatencyRecorder] { meters.mapValues(\.latency).filter { $0.value.count > 0 } }

    var transactions: Attempts { Attempts(asked: asked.count, succeeded: succeeded.count) }
}

extension Target {
    /// An id's first part is the store.
    var operation: OperationMeter.Name {
        let parts = id.split(separator: ".", maxSplits: 1)
        return OperationMeter.Name(store: String(parts[0]), operation: String(parts.last ?? ""))
    }
}
