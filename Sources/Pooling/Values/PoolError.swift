/// Why a pool gave no connection: cause, how long it was waited, and the pool as it was then.
///
/// ``description`` is as safe to log as the descriptions of the errors that the connection factory throws.
public struct PoolError: Error, Sendable {
    /// The kinds of error. New ones can be added, so a `switch` needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name.
        public let description: String

        private init(_ name: String) {
            self.description = name
        }

        /// No connection became free in time.
        public static let acquireTimedOut = Code("acquireTimedOut")
        /// Connecting failed, no connection was left, and waiting was not wanted or of no use.
        public static let unreachable = Code("unreachable")
        /// Every connection is held by tasks that wait for another one: nothing could ever become free.
        public static let wouldDeadlock = Code("wouldDeadlock")
        /// The pool shuts down, or is closed.
        public static let shutDown = Code("shutDown")
        /// The pool's shutdown reached its deadline while the connection was in use, and what ran on it failed.
        public static let connectionRevoked = Code("connectionRevoked")
        /// The configuration, or a new size, makes no sense.
        public static let invalidConfiguration = Code("invalidConfiguration")
    }

    /// The kind of error.
    public let code: Code
    /// The pool's name.
    public var pool: String
    /// The cause, in one sentence.
    public let message: String
    /// What can be done about it.
    public let remedy: String
    /// How long it was waited.
    public let waited: Duration
    /// The limit for waiting; nil if there was none.
    public let limit: Duration?
    /// The pool at that time; nil if there is none yet.
    public let status: PoolStatus?
    /// The five that had held connections for longest, the longest first.
    public let holders: [PoolHolder]
    /// The error of what ran on the connection, for ``Code-swift.struct/connectionRevoked``; or the last one from connecting.
    public let underlying: (any Error)?

    package init(
        _ code: Code, pool: String, _ message: String, remedy: String, waited: Duration = .zero, limit: Duration? = nil,
        status: PoolStatus? = nil, holders: [PoolHolder] = [], underlying: (any Error)? = nil
    ) {
        self.code = code
        self.pool = pool
        self.message = message
        self.remedy = remedy
        self.waited = waited
        self.limit = limit
        self.status = status
        self.holders = holders
        self.underlying = underlying
    }
}

extension PoolError: CustomStringConvertible {
    /// Pool, code, cause, times, counts, the last failure to connect, the holders, and remedy.
    public var description: String { "pool \(pool): \(code): \(details) \(remedy)" }

    /// Cause, counts, the last failure to connect, and the holders.
    package var details: String {
        var text = "\(message)."
        if let status {
            text += " The pool: \(status)."
            if let failure = status.lastConnectFailure {
                let row = status.connectFailuresInARow
                let count = row == 0 ? "connecting has worked since" : "\(row) in a row"
                text += " Last failure to connect (\(count)): \(failure)."
            }
        }
        if !holders.isEmpty {
            text += " Held longest: \(holders.map(\.description).joined(separator: "; "))."
        }
        return text
    }
}

extension PoolError {
    package static func invalidConfiguration(_ problems: [String], pool: String = "(new)") -> PoolError {
        PoolError(
            .invalidConfiguration, pool: pool, problems.joined(separator: "; "), remedy: "Correct the configuration.")
    }

    static func revoked(pool: String, underlying: any Error) -> PoolError {
        PoolError(
            .connectionRevoked, pool: pool,
            "the pool's shutdown reached its deadline while the connection was in use, which then failed: \(underlying)",
            remedy: "Allow more time for draining, or end work before the pool is shut down.", underlying: underlying)
    }

    init(_ failure: WaiterFailure, pool: String) {
        let limit = failure.limit < .endless ? failure.limit.duration : nil
        let waited = failure.waited.duration
        let code: Code
        let message: String
        let remedy: String
        switch failure.cause {
        case .wouldDeadlock:
            code = .wouldDeadlock
            message =
                "this task holds a connection already, and every connection is held by a task that waits for another"
            remedy = "Pass the connection on instead of acquiring a second one in its scope, or raise the maximum size."
        case .unreachable:
            code = .unreachable
            message = "no connection is open, and none could be opened (waited \(waited))"
            remedy =
                failure.status.lastConnectFailure?.isLasting ?? false
                ? "Correct what the failure to connect says; further attempts will fail alike."
                : "Check whether the store is up and reachable; the pool keeps trying."
        case .shutDown, .cancelled:
            code = .shutDown
            message = "the pool has been shut down"
            remedy = "Stop work before its pools."
        case .timedOut:
            code = .acquireTimedOut
            message = "no connection became free within \(limit ?? waited) (waited \(waited))"
            if failure.status.connectFailuresInARow > 0 {
                remedy = "Check whether the store is up and reachable; the pool keeps trying."
            } else if failure.status.leased >= failure.status.maximum {
                remedy = "Hold connections for a shorter time, look at the longest holders, or raise the maximum size."
            } else {
                remedy = "Allow a longer wait, or keep more connections open."
            }
        }
        self.init(
            code, pool: pool, message, remedy: remedy, waited: waited, limit: limit, status: failure.status,
            holders: failure.holders, underlying: failure.status.lastConnectFailure?.error)
    }
}
