import Synchronization

/// ``SnapshotTable`` for those who wait. Not on the lane, which a unit's statements and commits hold: a snapshot would
/// wait for them.
final class SnapshotGate: Sendable {
    private struct State {
        var table: SnapshotTable
        var entrances: [SnapshotID: CheckedContinuation<Void, any Error>] = [:]
        var commit: CheckedContinuation<Void, Never>?
        /// What makes the readers of a snapshot begin, for those that have not.
        var openings: [SnapshotID: @Sendable () -> Void] = [:]
        var count = 0
        /// Why users' snapshots are refused.
        var isClosing = false
        /// Why all are.
        var stopped: (any Error)?
    }

    private let state: Mutex<State>
    private let timers: Timers

    init(number: UInt64, timers: Timers) {
        state = Mutex(State(table: SnapshotTable(number: number)))
        self.timers = timers
    }

    /// Snapshots of users so far.
    var count: Int { state.withLock { $0.count } }
    /// Whether no snapshot is open, or waits, and nobody commits.
    var isAtRest: Bool { state.withLock { $0.table.isEmpty && $0.entrances.isEmpty && $0.commit == nil } }
    /// Whether a snapshot waits for a commit to end.
    var hasWaits: Bool { state.withLock { !$0.entrances.isEmpty } }
    /// Whether a unit waits for a snapshot to open.
    func isWaiting(_ unit: UnitID) -> Bool { state.withLock { $0.table.isWaiting(unit) } }
    /// Whether a snapshot is open, or may open beside the commit that is under way.
    var hasSnapshots: Bool { state.withLock { $0.table.oldest != nil } }
    /// The last number that SQLite and the graph both show.
    var number: UInt64 { state.withLock { $0.table.number } }
    /// The oldest number that an open snapshot reads at, or one that may come; nil if there is none.
    var oldest: UInt64? { state.withLock { $0.table.oldest } }

    func isOpen(_ id: SnapshotID) -> Bool { state.withLock { $0.table.open[id] != nil } }

    // MARK: Snapshots

    /// Begins a snapshot: until ``hasBegun(_:)`` no unit commits, so that the stores can be opened at the same point.
    ///
    /// - Parameters:
    ///   - isCounted: whether it is somebody's snapshot, and not a transaction's own view.
    ///   - limit: how long to wait for a commit that is under way.
    ///   - waiting: called before such a wait.
    func begin(
        isCounted: Bool, limit: Duration, waiting: () -> Void = {}
    ) async throws -> (id: SnapshotID, number: UInt64) {
        let (id, isIn) = try state.withLock { state in
            // Transactions that run when the coordinator closes may end.
            if let reason = state.stopped { throw TransactionError.stopped(reason) }
            if isCounted, state.isClosing { throw TransactionError.closing }
            if isCounted { state.count += 1 }
            return state.table.begin()
        }
        if !isIn {
            waiting()
            try await waitForEntrance(id, limit)
        }
        return try state.withLock { state in
            guard let number = state.table.open[id] else {
                throw state.stopped.map(TransactionError.stopped) ?? TransactionError.snapshotEnded
            }
            return (id, number)
        }
    }

    /// Begins one whose readers show the stores at a number already; also beside a commit.
    ///
    /// - Returns: nil if it has to ``begin(isCounted:limit:)``.
    func begin(isCounted: Bool, at number: UInt64) -> SnapshotID? {
        state.withLock { state in
            guard state.stopped == nil, !(isCounted && state.isClosing), let id = state.table.begin(at: number) else {
                return nil
            }
            if isCounted { state.count += 1 }
            return id
        }
    }

    private func waitForEntrance(_ id: SnapshotID, _ limit: Duration) async throws {
        let timer = timers.schedule(after: limit) { [weak self] in
            self?.giveUp(id, TransactionError.commitTookLong(limit))
        }
        defer { timers.cancel(timer) }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isIn = state.withLock { state in
                    if state.table.open[id] != nil || state.stopped != nil { return true }
                    state.entrances[id] = continuation
                    return false
                }
                if isIn { continuation.resume() } else if Task.isCancelled { giveUp(id, CancellationError()) }
            }
        } onCancel: {
            giveUp(id, CancellationError())
        }
    }

    private func giveUp(_ id: SnapshotID, _ error: any Error) {
        state.withLock { state in
            guard let entrance = state.entrances[id], state.table.withdraw(id) else { return }
            state.entrances[id] = nil
            entrance.resume(throwing: error)
        }
    }

    /// Says what makes a snapshot's readers begin: done by the next commit, unless they have begun before.
    func begin(_ id: SnapshotID, by opening: @escaping @Sendable () -> Void) {
        let isWanted = state.withLock { state in
            guard state.table.isOpening(id), !state.table.hasCommit else { return state.table.isOpening(id) }
            state.openings[id] = opening
            return false
        }
        if isWanted { opening() }
    }

    /// The readers of a snapshot have begun, or never will.
    func hasBegun(_ id: SnapshotID) {
        state.withLock { state in
            state.openings[id] = nil
            guard state.table.isOpen(id) else { return }
            state.commit?.resume()
            state.commit = nil
        }
    }

    /// Ends a snapshot, wherever it is.
    ///
    /// - Returns: below which number nobody reads any more; nil if the snapshot has ended before.
    func end(_ id: SnapshotID) -> UInt64? {
        state.withLock { $0.table.end(id) ? $0.table.oldestNeeded : nil }
    }

    // MARK: Commits

    /// Keeps snapshots from opening until ``endCommit(_:at:)``. One unit at a time.
    ///
    /// - Returns: false if one is about to open: then ``waitForCommit(_:)`` has to be waited for.
    func requestCommit(_ unit: UnitID) -> Bool {
        let (isIn, openings) = state.withLock { state in
            defer { state.openings = [:] }
            return (state.table.requestCommit(unit), state.openings)
        }
        for opening in openings.values { opening() }
        return isIn
    }

    /// Waits until no snapshot is about to open, or the unit has ended.
    func waitForCommit(_ unit: UnitID) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.table.isWaiting(unit) { return true }
                state.commit = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// The stores show the same number again, or the unit does not commit. Does nothing for units that have not begun to.
    ///
    /// - Returns: below which number nobody reads any more.
    @discardableResult
    func endCommit(_ unit: UnitID, at number: UInt64) -> UInt64 {
        state.withLock { state in
            guard state.table.isCommitting(unit) else { return state.table.oldestNeeded }
            state.commit?.resume()
            state.commit = nil
            for id in state.table.endCommit(unit, at: number) { state.entrances.removeValue(forKey: id)?.resume() }
            return state.table.oldestNeeded
        }
    }

    // MARK: The end

    func refuseUsers() {
        state.withLock { $0.isClosing = true }
    }

    /// Refuses all, also those that wait.
    func stop(_ reason: any Error) {
        state.withLock { state in
            state.stopped = reason
            for (id, entrance) in state.entrances where state.table.withdraw(id) {
                entrance.resume(throwing: TransactionError.stopped(reason))
            }
            state.entrances = [:]
        }
    }
}

extension TransactionError {
    fileprivate static func commitTookLong(_ limit: Duration) -> TransactionError {
        TransactionError(
            .snapshotTooOld, "a commit was under way for longer than \(limit)",
            remedy: "Look at why the graph does not follow SQLite: the log tells.", isTransient: true)
    }
}
