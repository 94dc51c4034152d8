import Synchronization

/// One store's part of a view: whether its reader has begun to read.
///
/// The reader's thread begins as soon as it comes to it, and nobody waits for that; the first read begins itself if it
/// comes before. All but ``fail(_:)`` is called on that thread.
final class ViewPart: Sendable {
    private enum Phase {
        case waiting, open, ended
        case failed(any Error)
    }

    private let phase = Mutex(Phase.waiting)
    /// Called once: the reader has begun, or never will.
    private let settled: @Sendable () -> Void

    init(settled: @escaping @Sendable () -> Void) {
        self.settled = settled
    }

    /// Makes sure that the reader reads at the view's moment.
    ///
    /// - Throws: what kept it from beginning; ``TransactionError`` if the view has ended.
    func enter(_ begin: () throws -> Void) throws {
        switch phase.withLock({ $0 }) {
        case .open: return
        case .failed(let error): throw error
        case .ended: throw TransactionError.snapshotEnded
        case .waiting: break
        }
        do {
            try begin()
            phase.withLock { $0 = .open }
            settled()
        } catch {
            let failure = Self.failure(error)
            fail(failure)
            throw failure
        }
    }

    /// Ends it, and the reader's transaction if it has begun.
    func leave(_ rollback: () -> Void) {
        let before = phase.withLock { phase in
            defer { phase = .ended }
            return phase
        }
        switch before {
        case .waiting: settled()
        case .open: rollback()
        case .ended, .failed: break
        }
    }

    /// The reader can't be used.
    func fail(_ error: any Error) {
        let isFirst = phase.withLock { phase in
            guard case .waiting = phase else { return false }
            phase = .failed(error)
            return true
        }
        if isFirst { settled() }
    }

    private static func failure(_ error: any Error) -> any Error {
        if error is TransactionError || error is CancellationError { return error }
        return TransactionError(
            .storeFailed, "a reader did not begin to read", remedy: "It is tried again within the retry policy.",
            underlying: error, isTransient: true)
    }
}
