/// How a coordinator works.
public struct CoordinatorConfiguration: Sendable, Hashable {
    /// The most transactions at one time, running and waiting; further ones are refused. Default 1 000.
    public var maximumUnits = 1_000
    /// How many transactions of higher priority may go before one that waits to begin, or for a lock; then it goes before
    /// them. Default 100.
    public var mostOvertaken = 100
    /// The oldest that a snapshot may become: it holds back checkpoints, SQLite's log and old values of Redis. Default
    /// 10 s.
    public var maximumSnapshotAge: Duration = .seconds(10)
    /// How long a decided transaction stays in the journal after all stores have it, against a Redis that loses what it
    /// had acknowledged. Default 10 min.
    public var journalRetention: Duration = .seconds(600)
    /// After how many transactions the journal is trimmed. Default 1 000.
    public var trimInterval = 1_000
    /// The most keys of Redis that are changed in one step, unless one transaction has more. Default 1 000.
    public var cacheBatch = 1_000
    /// The first pause after a failure of a store that is tried again; it doubles up to `longestPause`. Default 10 ms.
    public var firstPause: Duration = .milliseconds(10)
    /// The longest pause between two attempts to bring a store up to date. Default 1 s.
    public var longestPause: Duration = .seconds(1)
    /// How long the result of an idempotency key is kept, at least. Default 24 h.
    public var idempotencyRetention: Duration = .seconds(86_400)
    /// How transactions that run at the same time share a commit.
    public var groups = Groups()
    /// When the graph's log is moved into its file.
    public var graphCheckpoints = GraphCheckpoints()
    /// Which keys of Redis only transactions write: patterns of SCAN. When Redis has lost more than the journal holds,
    /// these keys are deleted, since nobody knows which of them are stale. Default none.
    public var managedKeys: [String] = []

    /// The defaults that stand at each property.
    public init() {}

    /// How transactions share a commit: one that has done its work hands the stores on to the next one that waits for them,
    /// and all are committed when nobody waits any more. One that nobody waits for is committed at once.
    public struct Groups: Sendable, Hashable {
        /// The most transactions to a commit; 1 for none that share one. Default 100.
        public var units = 100
        /// How long a commit takes in further transactions, from when its first one used SQLite; after as long again,
        /// those that it still waits for are rolled back and run again alone. Default 10 ms.
        public var time: Duration = .milliseconds(10)

        /// The defaults that stand at each property.
        public init() {}
    }

    /// When the graph's log is moved into the database's file, which keeps recovery short, frees the engine's memory, and
    /// lets the journal be trimmed. Nobody reads the graph meanwhile, for some 5 to 300 ms.
    ///
    /// The first bound of each pair waits for a moment without snapshots, the second one for nothing.
    public struct GraphCheckpoints: Sendable, Hashable {
        /// A log of this many bytes. Default 16 MiB, which is read back in some two seconds.
        public var log = 16 << 20
        /// A log of this many bytes, snapshots or not. Default 64 MiB.
        public var longestLog = 64 << 20
        /// A part of the engine's buffer pool, 0 to 1. Default 0.5.
        public var memory = 0.5
        /// A part of the engine's buffer pool, snapshots or not. Default 0.75.
        public var mostMemory = 0.75
        /// Transactions that have written to the graph, since the journal keeps them until then. Default 50 000.
        public var transactions = 50_000
        /// The time since the last one, where 5 000 transactions or more have written to the graph since: their changes of
        /// properties take memory, and make reads slower, until then. Default 2 minutes.
        public var interval: Duration = .seconds(120)

        /// The defaults that stand at each property.
        public init() {}
    }
}
