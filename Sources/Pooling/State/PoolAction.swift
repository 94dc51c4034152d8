/// Names one use of one slot: a lease, or one attempt to open, check or close.
///
/// The serial number differs for each use, so an answer that comes too late matches nothing and is told apart from a current one.
@usableFromInline
struct PoolTicket: Sendable, Hashable {
    @usableFromInline let slot: Int
    @usableFromInline let serial: UInt64
}

/// What the shell has to do after an event.
enum PoolAction: Equatable, Sendable {
    /// Open a connection, then tell `opened` or `openFailed`.
    case open(PoolTicket)
    /// Probe a connection, then tell `checked`.
    case check(PoolTicket)
    /// Close a connection, then tell `closed`.
    case close(PoolTicket, CloseReason)
    /// Make the call that runs on a leased connection fail: the shutdown's deadline has passed.
    case interrupt(PoolTicket)
    /// Cancel an opening, check or closing that takes too long. Its answer is not waited for any more.
    case abandon(PoolTicket)
    /// Let a waiter go on.
    case complete(WaiterID, WaiterOutcome)
    /// Warn about a lease that is held too long.
    case warn(PoolHolder)
    /// The pool is closed.
    case drained(PoolDrainReport)
}

/// How a wait ended.
enum WaiterOutcome: Equatable, Sendable {
    case leased(PoolTicket, waited: PoolSpan)
    case failed(WaiterFailure)
}

/// Why a waiter got no connection, with the pool as it was then.
struct WaiterFailure: Equatable, Sendable {
    var cause: Cause
    var waited: PoolSpan
    var limit: PoolSpan
    var status: PoolStatus
    /// The longest first.
    var holders: [PoolHolder]

    enum Cause: Equatable, Sendable {
        case timedOut
        case cancelled
        case wouldDeadlock
        case unreachable
        case shutDown
    }
}

/// Why a connection was closed.
public enum CloseReason: String, Sendable, Hashable, CaseIterable {
    /// It was unused for longer than the idle timeout.
    case idleTimeout
    /// It reached its maximum lifetime.
    case expired
    /// It was found broken: by its own word, a failed probe, or the verdict on an error.
    case broken
    /// The pool was made smaller.
    case excess
    /// The pool shuts down.
    case shutdown
}
