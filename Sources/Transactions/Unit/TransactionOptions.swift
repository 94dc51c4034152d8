public import Stores

/// How one transaction runs.
public struct TransactionOptions: Sendable {
    /// How much it may see of others that run at the same time. Default ``IsolationLevel/serializable``.
    public var isolation: IsolationLevel
    /// Whether it goes before others that wait. Default ``TransactionPriority/normal``.
    public var priority: TransactionPriority
    /// How long it may take in all, repetitions and waiting included. Default 30 s.
    public var timeLimit: Duration
    /// How long it may wait for one lock. Default 10 s.
    public var lockTimeLimit: Duration
    /// How often, and after what pauses, it is run again after a failure that may pass.
    public var retry: RetryPolicy
    /// How long the caller waits for Redis after the decision; what is not there by then follows later, and the receipt
    /// says so. Default 1 s.
    public var cacheTimeLimit: Duration

    /// Options; each parameter is explained at its property.
    public init(
        timeLimit: Duration = .seconds(30), lockTimeLimit: Duration = .seconds(10), retry: RetryPolicy = RetryPolicy(),
        cacheTimeLimit: Duration = .seconds(1), isolation: IsolationLevel = .serializable,
        priority: TransactionPriority = .normal
    ) {
        self.isolation = isolation
        self.priority = priority
        self.timeLimit = timeLimit
        self.lockTimeLimit = lockTimeLimit
        self.retry = retry
        self.cacheTimeLimit = cacheTimeLimit
    }
}

/// When a transaction is run again: after deadlocks, conflicts and failures of a store that may pass. What the body
/// throws itself is never a reason.
public struct RetryPolicy: Sendable, Hashable {
    /// The most attempts, the first one included. Default 10, at least 1.
    public var maximumAttempts: Int
    /// The pause after the first failure; it doubles with each further one, and half of it is random. Default 2 ms.
    public var firstPause: Duration
    /// The longest pause. Default 250 ms.
    public var longestPause: Duration

    /// A policy; each parameter is explained at its property.
    public init(
        maximumAttempts: Int = 10, firstPause: Duration = .milliseconds(2), longestPause: Duration = .milliseconds(250)
    ) {
        self.maximumAttempts = maximumAttempts
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// Never run again.
    public static let none = RetryPolicy(maximumAttempts: 1)

    /// The pause after the attempt with this number, from 1.
    func pause(afterAttempt attempt: Int, random: Double) -> Duration {
        let doubled = firstPause * Int(1 << min(attempt - 1, 20))
        let longest = min(doubled, longestPause)
        return longest / 2 + longest / 2 * random
    }
}

/// What is known of a transaction that was committed.
public struct Receipt: Sendable, Hashable {
    /// Its place in the order of all transactions; nil if it wrote nothing.
    public var number: UInt64?
    /// The stores that it wrote to; SQLite is always among them when it wrote at all, since its commit decides.
    public var stores: Set<StoreKind>
    /// How often it was run.
    public var attempts: Int
    /// Whether the graph had it when the caller was told; it follows otherwise: the graph failed after the decision, and
    /// until it has followed, other transactions wait for it.
    public var isGraphApplied = true
    /// Whether Redis had it when the caller was told; it follows otherwise.
    public var isCacheApplied: Bool
    /// Whether the result was stored under the idempotency key by an earlier transaction, and this one did nothing.
    public var isRepetition: Bool
    /// How many transactions have shared its commit, itself included.
    public var groupSize = 1
    /// Where the time of the successful attempt went.
    public var timings: Timings

    /// Durations of a transaction's phases.
    public struct Timings: Sendable, Hashable {
        /// From the call to the beginning of the body, earlier attempts and pauses included.
        public var admission: Duration = .zero
        /// Waiting for locks, within the body.
        public var locks: Duration = .zero
        /// The body, waiting for locks included.
        public var body: Duration = .zero
        /// From the end of the body to the beginning of the commit: others worked on with its changes, to share it.
        public var group: Duration = .zero
        /// SQLite's commit.
        public var decision: Duration = .zero
        /// The graph's commit.
        public var graph: Duration = .zero
        /// Redis.
        public var cache: Duration = .zero
    }
}
