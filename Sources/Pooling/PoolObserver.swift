/// Is told what happens in a pool (M1). ``PoolStatus`` has the counts without an observer; this is for durations and single events.
public protocol PoolObserver: Sendable {
    /// Something happened. Called on whatever thread it happened on, outside the pool's lock: it should take little time.
    func record(_ event: PoolEvent)
}

/// An observer that takes what happens at every use of a connection as plain numbers. It makes no ``PoolEvent`` of them: making one, passing it on
/// and taking it apart costs more than counting it.
package protocol PoolMeter: AnyObject, PoolObserver {
    /// ``PoolEvent/acquired(waited:)``.
    func acquired(waited: PoolSpan)
    /// ``PoolEvent/released(held:)``.
    func released(held: PoolSpan)
    /// ``PoolEvent/operation(_:)`` of one that succeeded.
    func operated(_ system: String, _ name: String, took: PoolSpan)
    /// All three, of an operation that had to wait for nothing and held its connection from its beginning to its end.
    func used(_ system: String, _ name: String, took: PoolSpan)
}

/// One thing that happened in a pool. New cases can be added, so a `switch` needs a default.
public enum PoolEvent: Sendable {
    /// A connection was handed out after this wait, zero if one was idle.
    case acquired(waited: Duration)
    /// Someone got no connection: with a ``PoolError``, or a `CancellationError`.
    case acquireFailed(any Error, waited: Duration)
    /// A connection was given back after it was held for this time.
    case released(held: Duration)
    /// A connection was opened.
    case opened(took: Duration)
    /// An attempt to open one failed.
    case openFailed(any Error, took: Duration)
    /// A probe ended: a keep-alive, or one after an error.
    case validated(works: Bool, took: Duration)
    /// The pool closes a connection.
    case closing(CloseReason)
    /// A connection is held too long; once for each lease.
    case heldTooLong(PoolHolder)
    /// The bounds were changed.
    case resized(minimum: Int, maximum: Int)
    /// An operation on the store has ended, the wait for its connection included.
    case operation(PoolOperation)
}

/// An operation on a store that has ended.
public struct PoolOperation: Sendable {
    /// What the store is, as OpenTelemetry calls it: `sqlite`, `redis`.
    public let system: String
    /// What was done: `read`, `GET`.
    public let name: String
    /// From its beginning to its end.
    public let duration: Duration
    /// What it failed with; nil when it succeeded.
    public let error: (any Error)?

    /// An operation.
    public init(system: String, name: String, duration: Duration, error: (any Error)?) {
        self.system = system
        self.name = name
        self.duration = duration
        self.error = error
    }
}
