import Synchronization

/// One store's part of a view: whether its reader has begun to read.
///
/// The first read begins, on the reader's thread; a commit that comes before it lets that thread begin by itself. All but ``fail(_:)``
/// and ``retire()`` is called on that thread.
final class ViewPart: Sendable {
    private enum Phase {
        case waiting, beginning, open, ended
        case failed(any Error)
    }

    /// What a part leaves to its reader.
    enum Remainder {
        case nothing
        /// A transaction in which nobody reads any more.
        case transaction
        /// Whatever it is, ``leave(_:)`` has to see to it.
        case unknown
    }

    private let phase: Mutex<Phase>
    /// Called once, if it was not open from the beginning: the reader has begun, or never will.
    private let settled: @Sendable () -> Void

    /// - Parameter isOpen: whether the reader is there already.
    init(isOpen: Bool, settled: @escaping @Sendable () -> Void) {
        phase = Mutex(isOpen ? .open : .waiting)
        self.settled = settled
    }

    /// Makes sure that the reader reads at the view's moment.
    ///
    /// - Throws: what kept it from beginning; ``TransactionError`` if the view has ended.
    func enter(_ begin: () throws -> Void) throws {
        let isFirst = try phase.withLock { phase in
            switch phase {
            case .open, .beginning: return false
            case .failed(let error): throw error
            case .ended: throw TransactionError.snapshotEnded
            case .waiting:
                phase = .beginning
                return true
            }
        }
        guard isFirst else { return }
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
        let before = end { _ in true }
        switch before {
        case .waiting: settled()
        case .open: rollback()
        case .beginning, .ended, .failed: break
        }
    }

    /// Ends it without its thread, where that has nothing to do now.
    func retire() -> Remainder {
        let before = end { phase in
            switch phase {
            case .waiting, .open: true
            case .beginning, .ended, .failed: false
            }
        }
        switch before {
        case .waiting:
            settled()
            return .nothing
        case .open: return .transaction
        case .beginning, .ended, .failed: return .unknown
        }
    }

    /// - Returns: what it was before.
    private func end(where isEnded: (Phase) -> Bool) -> Phase {
        phase.withLock { phase in
            let before = phase
            if isEnded(before) { phase = .ended }
            return before
        }
    }

    /// The reader can't be used.
    func fail(_ error: any Error) {
        let isFirst = phase.withLock { phase in
            switch phase {
            case .waiting, .beginning:
                phase = .failed(error)
                return true
            case .open, .ended, .failed: return false
            }
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
