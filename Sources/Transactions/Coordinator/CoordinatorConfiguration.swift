/// How a coordinator works.
public struct CoordinatorConfiguration: Sendable, Hashable {
    /// The most transactions at one time, running and waiting; further ones are refused. Default 1 000.
    public var maximumUnits = 1_000
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
    /// Which keys of Redis only transactions write: patterns of SCAN. When Redis has lost more than the journal holds,
    /// these keys are deleted, since nobody knows which of them are stale. Default none.
    public var managedKeys: [String] = []

    /// The defaults that stand at each property.
    public init() {}
}
