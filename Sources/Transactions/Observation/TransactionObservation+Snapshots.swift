import Stores
import Tracing

extension TransactionObservation {
    /// In the order in which they are in ``Instruments/snapshots``.
    enum SnapshotOutcome: Int, CaseIterable {
        case read, tooOld, failed, cancelled

        init(_ error: any Error) {
            if error is CancellationError {
                self = .cancelled
            } else {
                self = (error as? TransactionError)?.code == .snapshotTooOld ? .tooOld : .failed
            }
        }
    }

    /// Runs a snapshot.
    ///
    /// - Parameter snapshot: calls what it gets, with the snapshot's number, when the stores are open at it.
    /// - Throws: what it throws.
    func observeSnapshot<Value: Sendable>(
        _ snapshot: (_ isOpen: (UInt64) -> Void) async throws -> Value
    ) async throws -> Value {
        guard StoreTracing.isOn else { return try await measureSnapshot(nil, snapshot) }
        return try await withSpan("snapshot", ofKind: .internal) { span in
            if let request = span.context.requestID { span.attributes["trivet.request.id"] = request }
            return try await measureSnapshot(span, snapshot)
        }
    }

    private func measureSnapshot<Value: Sendable>(
        _ span: (any Span)?, _ snapshot: (_ isOpen: (UInt64) -> Void) async throws -> Value
    ) async throws -> Value {
        guard span != nil || metrics != nil else { return try await snapshot { _ in } }
        let start = ContinuousClock.now
        var open: ContinuousClock.Instant?
        func ended(_ outcome: SnapshotOutcome) {
            guard let metrics else { return }
            let end = ContinuousClock.now
            metrics.snapshots[outcome.rawValue].record(duration: end - start)
            if let open { metrics.snapshotAge.record(duration: end - open) }
        }
        do {
            let value = try await snapshot { number in
                open = .now
                span?.attributes["trivet.snapshot.number"] = "\(number)"
            }
            ended(.read)
            return value
        } catch {
            ended(SnapshotOutcome(error))
            throw error
        }
    }
}
