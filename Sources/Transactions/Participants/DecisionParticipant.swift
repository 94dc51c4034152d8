import Stores

/// The store whose commit decides: SQLite. Used on the coordinator's lane, by one unit at a time.
protocol DecisionParticipant: AnyObject, Sendable {
    /// Waits for the writer's place among those of this process.
    func acquire() async throws
    func release()
    /// Begins the physical transaction.
    ///
    /// - Returns: false while another process writes.
    func begin() throws -> Bool
    /// Ends the physical transaction without a trace. Does nothing where none is open.
    func rollback()
    /// Throws if the engine has rolled back by itself, or the body has tried to end the transaction.
    func checkOpen() throws
    func savepoint(_ name: String) throws
    func rollback(toSavepoint name: String) throws
    func release(savepoint name: String) throws
    /// Lets a unit begin in the open transaction, in which sealed ones have written: what they have done counts for
    /// them, and what they have set for the rest of the transaction is undone.
    ///
    /// - Parameter hasSavepoint: whether ``CoordinatorCore/unitSavepoint`` is made there, so that what the unit does can be taken back alone; not
    ///   where it does nothing of its own.
    func beginUnit(hasSavepoint: Bool) throws
    /// Whether anything was written since `begin`, or `beginUnit`.
    ///
    /// - Throws: ``RunAgain`` where that can only be told of a unit that shares the transaction with nobody.
    func hasWritten() throws -> Bool
    /// Throws if the transaction could not be committed as it stands.
    func seal() throws
    /// The stored result of an idempotency key; nil if there is none.
    func storedResult(of key: String) throws -> StoredResult?
    /// Writes the journal and commits: the decision.
    func decide(_ decision: Decision) -> DecisionOutcome
    /// Makes Trivet's tables if need be, and raises the epoch, so that nobody else's changes are taken any more.
    func openJournal() async throws -> Journal.Meta
    /// What the journal holds for one store between two numbers, the first one excluded; rows without anything for it are left out.
    func journal(of store: StoreKind, after first: UInt64, through last: UInt64) async throws -> [JournalRow]
    /// Up to which number the journal's rows are gone.
    func trimmed() async throws -> UInt64
    /// Makes a running statement fail, from any thread.
    func interrupt()
}

/// A unit's result under its idempotency key.
struct StoredResult: Hashable, Sendable {
    var number: UInt64
    var value: [UInt8]
}

/// What is committed beside the units' own writes.
struct Decision: Hashable, Sendable {
    /// In the order of their numbers; at least one.
    var units: [DecidedUnit]
    /// Up to which number the journal is trimmed on this occasion, as far as its retention allows.
    var trimUpTo: UInt64?
}

/// What the journal holds of one unit.
struct DecidedUnit: Hashable, Sendable {
    var row: JournalRow
    /// Under which the result is stored.
    var idempotencyKey: String?
    var result: [UInt8]?
}

enum DecisionOutcome {
    case decided
    /// Nothing happened.
    case failed(any Error)
    /// It may have happened: only recovery can tell.
    case unknown(any Error)
}
