import Logging
import Metrics
import Stores
import Tracing

/// Tells metrics, tracer and log of transactions and of recovery (M6). What nobody wants to know isn't looked at.
struct TransactionObservation: Sendable {
    /// Who is told of the events of the coordinator's two pools.
    let pools: PoolObservers?
    let metrics: Instruments?
    private let logger: Logger

    struct Instruments: Sendable {
        /// In the order of `Outcome.allCases`, of `Phase.allCases`, and of `SnapshotOutcome.allCases`.
        let durations: [Timer]
        let phases: [Timer]
        let snapshots: [Timer]
        let snapshotAge: Timer
        let retries: Counter
        let groupSize: Recorder
        let recovery: Timer
        let graphReplayed, cacheReplayed: Counter
    }

    private enum Outcome: Int, CaseIterable {
        case committed, repeated, failed, cancelled
    }

    /// One after the other, but for the wait for locks, which is in several.
    private enum Phase: Int, CaseIterable {
        case admission, body, group, decision, graph, redis, acknowledge, locks

        /// - Parameter whole: the transaction's duration: what is left of it passes until the caller has the answer.
        func duration(in timings: Receipt.Timings, of whole: Duration) -> Duration {
            switch self {
            case .admission: timings.admission
            case .body: timings.body
            case .group: timings.group
            case .decision: timings.decision
            case .graph: timings.graph
            case .redis: timings.cache
            case .acknowledge:
                max(
                    .zero,
                    whole - timings.admission - timings.body - timings.group - timings.decision - timings.graph
                        - timings.cache)
            case .locks: timings.locks
            }
        }
    }

    /// Of a coordinator that nobody watches.
    static let none = TransactionObservation(
        NOOPMetricsHandler.instance,
        logger: Logger(label: "trivet.coordinator", factory: { _ in SwiftLogNoOpLogHandler() }))

    init(_ factory: any MetricsFactory, logger: Logger) {
        self.logger = logger
        pools = PoolMetrics.observers(factory)
        guard pools != nil else {
            metrics = nil
            return
        }
        metrics = Instruments(
            durations: Outcome.allCases.map { TransactionMetric.duration.timer(["\($0)"], factory) },
            phases: Phase.allCases.map { TransactionMetric.phase.timer(["\($0)"], factory) },
            snapshots: SnapshotOutcome.allCases.map { TransactionMetric.snapshotDuration.timer(["\($0)"], factory) },
            snapshotAge: TransactionMetric.snapshotAge.timer([], factory),
            retries: TransactionMetric.retries.counter([], factory),
            groupSize: TransactionMetric.groupSize.recorder([], factory),
            recovery: TransactionMetric.recovery.timer([], factory),
            graphReplayed: TransactionMetric.replayed.counter(["graph"], factory),
            cacheReplayed: TransactionMetric.replayed.counter(["redis"], factory))
    }

    /// Runs a transaction.
    ///
    /// - Throws: what it throws.
    func observe<Value: Sendable>(
        _ transaction: () async throws -> (Value, Receipt)
    ) async throws -> (Value, Receipt) {
        guard StoreTracing.isOn else { return try await measure(transaction) }
        return try await withSpan("transaction", ofKind: .internal) { span in
            let (start, began) = (DefaultTracerClock.now.nanosecondsSinceEpoch, ContinuousClock.now)
            if let request = span.context.requestID { span.attributes["trivet.request.id"] = request }
            let (value, receipt) = try await measure(transaction)
            describe(receipt, since: start, whole: .now - began, span)
            return (value, receipt)
        }
    }

    private func measure<Value: Sendable>(
        _ transaction: () async throws -> (Value, Receipt)
    ) async throws -> (Value, Receipt) {
        guard metrics != nil || logger.logLevel <= .debug else { return try await transaction() }
        let start = ContinuousClock.now
        do {
            let (value, receipt) = try await transaction()
            ended(receipt.isRepetition ? .repeated : .committed, .now - start, receipt)
            return (value, receipt)
        } catch {
            ended(error is CancellationError ? .cancelled : .failed, .now - start, nil, error)
            throw error
        }
    }

    private func ended(_ outcome: Outcome, _ duration: Duration, _ receipt: Receipt?, _ error: (any Error)? = nil) {
        if let metrics {
            metrics.durations[outcome.rawValue].record(duration: duration)
            if let receipt, outcome == .committed {
                for phase in Phase.allCases {
                    metrics.phases[phase.rawValue].record(duration: phase.duration(in: receipt.timings, of: duration))
                }
                metrics.groupSize.record(receipt.groupSize)
                if receipt.attempts > 1 { metrics.retries.increment(by: receipt.attempts - 1) }
            }
        }
        // The message is only made when somebody reads it.
        logger.debug("a transaction has ended", metadata: metadata(outcome, duration, receipt, error))
    }

    private func metadata(
        _ outcome: Outcome, _ duration: Duration, _ receipt: Receipt?, _ error: (any Error)?
    ) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["outcome": "\(outcome)", "duration": "\(duration)"]
        if let number = receipt?.number { metadata["number"] = "\(number)" }
        if let receipt { metadata["attempts"] = "\(receipt.attempts)" }
        if let error { metadata["error"] = "\(error)" }
        // Also where the logger has no provider for it.
        if let request = InstrumentationContext.current?.requestID { metadata["request.id"] = "\(request)" }
        return metadata
    }

    /// The receipt as attributes, and its phases as spans, which are told of when all is over: the commit itself knows nothing of them.
    private func describe(_ receipt: Receipt, since start: UInt64, whole: Duration, _ span: any Span) {
        span.attributes["trivet.transaction.attempts"] = receipt.attempts
        span.attributes["trivet.transaction.group.size"] = receipt.groupSize
        if let number = receipt.number { span.attributes["trivet.transaction.number"] = "\(number)" }
        guard !receipt.isRepetition else { return }
        var moment = start
        // Waits for locks have been told of where they were.
        for phase in Phase.allCases where phase != .locks {
            let duration = phase.duration(in: receipt.timings, of: whole)
            guard duration > .zero else { continue }
            let end = moment + UInt64(duration / .nanoseconds(1))
            let child = startSpan(
                "transaction \(phase)", context: span.context,
                at: StoreTracing.Instant(nanosecondsSinceEpoch: moment))
            child.end(at: StoreTracing.Instant(nanosecondsSinceEpoch: end))
            moment = end
        }
    }

    /// Runs the opening of a coordinator, recovery included.
    ///
    /// - Throws: what it throws.
    func observeRecovery(_ opening: () async throws -> Coordinator) async throws -> Coordinator {
        guard StoreTracing.isOn else { return count(try await opening()) }
        return try await withSpan("recovery", ofKind: .internal) { span in
            let coordinator = count(try await opening())
            span.attributes["trivet.recovery.graph"] = coordinator.recovery.graphReplayed
            span.attributes["trivet.recovery.redis"] = coordinator.recovery.cacheReplayed
            return coordinator
        }
    }

    private func count(_ coordinator: Coordinator) -> Coordinator {
        let report = coordinator.recovery
        if let metrics {
            metrics.recovery.record(duration: .seconds(report.seconds))
            metrics.graphReplayed.increment(by: report.graphReplayed)
            metrics.cacheReplayed.increment(by: report.cacheReplayed)
        }
        return coordinator
    }
}
