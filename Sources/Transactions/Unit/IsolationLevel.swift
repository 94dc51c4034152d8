/// How much a transaction may see of others that run at the same time.
///
/// At every level, what a transaction changes is locked until its end (SQLite and the graph as a whole, Redis key by
/// key), all or nothing of it happens, and it sees its own changes. The levels differ in what they read. Those below
/// serializable read through a reader of each store, which they hold while they run, wait for nobody there, and keep
/// nobody waiting: they are for transactions that read for long and change little.
///
/// A weaker level is its own transaction's risk: serializable transactions and snapshots beside it stay strictly
/// serializable with respect to everything that is written, by whomever. But a weak transaction may write what it would
/// not have written had it seen more, and the others then see that.
public enum IsolationLevel: String, Sendable, Hashable, Codable, CaseIterable {
    /// Each read sees what was committed in all stores when it began, and never a part of a transaction; the next read
    /// may see more.
    ///
    /// Two reads may disagree, and a change computed from an earlier read may undo another transaction's (increments and
    /// `UPDATE … SET n = n + 1` don't, since they read under the lock). Costs about three thread hops a read, and
    /// never fails for what others do, but for deadlocks.
    case readCommitted
    /// All reads see the stores at one moment, that of the first step. What another transaction has changed since can't
    /// be changed: that is a ``TransactionError/Code-swift.struct/conflict``, and the transaction runs again, with a
    /// lock on the place of conflict from its beginning, so that it does not conflict there again.
    ///
    /// A conflict is one of a whole store in SQLite and the graph: only Redis has keys to tell apart. Two transactions
    /// that read the same and change different things may break a rule over both (write skew). It can become too old,
    /// as a snapshot can: see ``CoordinatorConfiguration/maximumSnapshotAge``.
    case snapshot
    /// As if transactions ran one after the other, in an order that agrees with real time. What is read is locked too:
    /// whoever reads SQLite or the graph waits for all others that use it.
    case serializable
}
