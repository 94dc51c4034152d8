/// Why a transaction across the stores did not happen, or why nobody knows.
///
/// Unless its code is ``Code-swift.struct/outcomeUnknown``, nothing of the transaction is in any store.
public struct TransactionError: Error, Sendable {
    /// The kinds of error. New ones can be added, so a `switch` needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name.
        public let description: String

        private init(_ name: String) {
            self.description = name
        }

        /// The transaction reached its deadline.
        public static let deadlineExceeded = Code("deadlineExceeded")
        /// Units waited for each other in a circle, and this one was ended so that the others can go on.
        public static let deadlock = Code("deadlock")
        /// A lock was held by others for longer than the limit.
        public static let lockTimedOut = Code("lockTimedOut")
        /// What this transaction is about to change has been changed by another one since its snapshot.
        public static let conflict = Code("conflict")
        /// The transaction was used after it had ended.
        public static let ended = Code("ended")
        /// The call makes no sense where it was made: a transaction inside a transaction, a COMMIT in the body.
        public static let misuse = Code("misuse")
        /// What the body asked for can't be done within a transaction across the stores.
        public static let unsupported = Code("unsupported")
        /// A key of Redis holds a value of another type.
        public static let wrongType = Code("wrongType")
        /// A store failed; see ``TransactionError/underlying``.
        public static let storeFailed = Code("storeFailed")
        /// Too many transactions wait already.
        public static let overloaded = Code("overloaded")
        /// The snapshot is older than its limit, or what it would read is not kept any more.
        public static let snapshotTooOld = Code("snapshotTooOld")
        /// Whether the transaction is decided is unknown until the stores have been recovered.
        public static let outcomeUnknown = Code("outcomeUnknown")
        /// The coordinator has stopped, and has to be opened again.
        public static let stopped = Code("stopped")
        /// The stores do not belong together, or one of them is older than the others.
        public static let foreignStore = Code("foreignStore")
        /// Another coordinator has the stores open.
        public static let locked = Code("locked")
    }

    /// The kind of error.
    public let code: Code
    /// What happened, in one sentence.
    public let message: String
    /// What can be done about it.
    public let remedy: String
    /// What a store said.
    public let underlying: (any Error)?
    /// Whether the same transaction may succeed when it is simply run again. The coordinator does so by itself, within
    /// the retry policy.
    public let isTransient: Bool
    /// What a further attempt had better lock before it begins.
    let contended: LockName?

    init(
        _ code: Code, _ message: String, remedy: String, underlying: (any Error)? = nil, isTransient: Bool = false,
        contended: LockName? = nil
    ) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.underlying = underlying
        self.isTransient = isTransient
        self.contended = contended
    }
}

extension TransactionError: CustomStringConvertible {
    /// Code, what happened, what a store said, and the remedy.
    public var description: String {
        let cause = underlying.map { " The store says: \($0)." } ?? ""
        return "\(code): \(message).\(cause) \(remedy)"
    }
}

extension TransactionError {
    static func ended(because error: any Error) -> TransactionError {
        TransactionError(
            .ended, "the transaction has ended: \(error)", remedy: "Use a transaction within its closure only.",
            underlying: error)
    }

    static let over = TransactionError(
        .ended, "the transaction has been committed or rolled back already",
        remedy: "Use a transaction within its closure only.")

    static let returned = TransactionError(
        .ended, "the body has returned, and the transaction is being committed",
        remedy: "Wait in the body for all that it has begun.")

    static func deadlineExceeded(_ limit: Duration) -> TransactionError {
        TransactionError(
            .deadlineExceeded, "the transaction was not finished within \(limit), and was rolled back",
            remedy: "Do less in it, allow more time with TransactionOptions.timeLimit, or look at what it waited for.")
    }

    static func deadlock(_ deadlock: Deadlock) -> TransactionError {
        TransactionError(
            .deadlock, "units wait for each other: \(deadlock)",
            remedy: "Touch stores, keys and locks in the same order everywhere.", isTransient: true)
    }

    static func conflict(_ name: LockName, since number: UInt64) -> TransactionError {
        TransactionError(
            .conflict,
            "\(name) was changed by another transaction after the snapshot that this one reads (number \(number))",
            remedy: "It is run again within the retry policy, and locks this before it begins then.",
            isTransient: true, contended: name)
    }

    static func stopped(_ reason: any Error) -> TransactionError {
        TransactionError(
            .stopped, "the coordinator has stopped: \(reason)",
            remedy: "Close it and open it again, which recovers the stores.", underlying: reason)
    }

    static func wrongType(_ key: CacheKey, _ mismatch: CacheTypeMismatch) -> TransactionError {
        TransactionError(
            .wrongType, "the Redis key \(key) holds a \(mismatch.found), and this needs a \(mismatch.needed)",
            remedy: "Delete the key first, or use another one.")
    }
}
