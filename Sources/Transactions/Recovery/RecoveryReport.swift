/// What was found and done when a coordinator was opened.
public struct RecoveryReport: Sendable, Hashable, Codable {
    /// The identity of the SQLite database, which the other stores' markers carry.
    public var identity: String
    /// How often a coordinator has been opened on these stores.
    public var epoch: Int
    /// The number of the last decided transaction.
    public var lastNumber: UInt64
    /// Transactions that were done again in the graph.
    public var graphReplayed = 0
    /// Transactions that were, or will be, done again in Redis.
    public var cacheReplayed = 0
    /// Whether Redis had lost more than the journal holds, so that the managed keys were deleted.
    public var cacheWasDiscarded = false
    /// Whether Redis could be reached; if not, it is brought up to date as soon as it can be.
    public var isCacheReachable = true
    /// How long it took, in seconds.
    public var seconds = 0.0
}
