import Synchronization

/// The transaction that a view has left open in its reader, and what it shows: a view at the same moment goes on with it, another one
/// ends it as it begins its own.
final class StandingTransaction: Sendable {
    /// What a transaction that only reads sees.
    struct Moment: Sendable, Hashable {
        /// The coordinator's last number.
        var number: UInt64
        /// How often anybody else has written to the store.
        var others: UInt64
    }

    private struct State {
        var moment: Moment?
        var isLeft = false
    }

    private let state = Mutex(State())

    /// The reader has begun.
    ///
    /// - Parameter moment: nil where it is not known.
    func begin(at moment: Moment?) {
        state.withLock { $0 = State(moment: moment) }
    }

    /// Whoever comes next must begin anew: something has failed, or the transaction is not what it was.
    func distrust() {
        state.withLock { $0.moment = nil }
    }

    /// A view has ended, and left it open.
    func leave() {
        state.withLock { $0.isLeft = true }
    }

    /// Whether a view has ended and left it open.
    var isLeft: Bool { state.withLock { $0.isLeft } }

    /// Whether a view at this moment could go on with it.
    func shows(_ moment: Moment?) -> Bool {
        state.withLock { $0.isLeft && $0.moment != nil && $0.moment == moment }
    }

    /// Goes on with it, whatever has happened since it was found to show the right moment.
    func resume() {
        state.withLock { $0.isLeft = false }
    }

    /// Goes on with it where it shows a moment.
    ///
    /// - Returns: false if it is not there, or shows another moment.
    func resume(at moment: Moment?) -> Bool {
        state.withLock { state in
            guard state.isLeft, state.moment != nil, state.moment == moment else { return false }
            state.isLeft = false
            return true
        }
    }

    /// - Returns: whether there is one to be ended.
    func end() -> Bool {
        state.withLock { state in
            defer { state = State() }
            return state.isLeft
        }
    }
}

/// How often the coordinator has committed to SQLite: counted after the commit, which SQLite counts itself.
final class CommitCount: Sendable {
    private let count = Atomic<UInt64>(0)

    var value: UInt64 { count.load(ordering: .acquiring) }

    func add() { count.wrappingAdd(1, ordering: .releasing) }

    /// Of all commits to SQLite, those of others; nil where they can't be told apart now.
    func others(of commits: () -> UInt32?) -> UInt64? {
        let own = value
        guard let all = commits(), value == own else { return nil }
        return UInt64(all &- UInt32(truncatingIfNeeded: own))
    }
}
