import GraphClient

/// The graph, which follows the decision. Used on the coordinator's lane, by one unit at a time.
protocol GraphParticipant: AnyObject, Sendable {
    /// Waits for the writer's place among those of this process.
    func acquire() async throws
    func release()
    /// Whether `prepareToBegin` has something to do, for which nobody may read.
    var mustPrepare: Bool { get }
    /// Waits until a transaction may begin: after a rollback the engine may need to be put in order first.
    ///
    /// - Returns: whether that took a checkpoint.
    func prepareToBegin() async throws -> Bool
    /// Begins the physical transaction.
    ///
    /// - Parameter number: the lowest that a unit of this transaction can have: then the marker may be moved to it along with one of its
    ///   statements. Nil where nobody knows.
    func begin(expecting number: UInt64?) throws
    /// Ends the physical transaction without a trace. Does nothing where none is open.
    func rollback()
    /// Throws if the engine has ended the transaction, as it does after any error.
    func checkOpen() throws
    /// Runs a statement of the body.
    ///
    /// - Returns: what it returned, and how to do it again if it writes.
    func perform(_ cypher: String, _ parameters: GraphParameters) throws -> (GraphResult, GraphRedo?)
    /// Throws if a write can't be put off, since it might do something else when it is run again, or finds nodes by what is no primary key.
    func check(_ write: PutOffWrite) throws
    /// Runs writes that were put off, as if one after the other.
    ///
    /// - Throws: what failed; then the transaction has ended.
    func runPutOff(_ writes: [PutOffWrite]) throws
    /// Runs statements again in the open transaction, and compares what they return.
    ///
    /// - Parameter inBatches: whether those that only create may be run for many at once. Whoever asks for that does it again without when it
    ///   fails, since the engine may take one statement for many rows otherwise than one for each.
    func replay(_ redo: [GraphRedo], inBatches: Bool) throws
    /// Moves the marker and commits.
    ///
    /// - Throws: ``GraphCommitFailed`` when the engine itself failed within the commit; anything else when the commit
    ///   did not happen, or nobody knows; then the marker tells.
    func commit(number: UInt64) throws
    /// The number up to which the graph has everything.
    func marker() throws -> UInt64
    /// The identity of the SQLite database that the graph belongs to; nil if it has never been part of one.
    func identity() throws -> String?
    /// Makes the graph part of a SQLite database.
    func adopt(_ identity: String) throws
    /// Makes a running statement fail, from any thread.
    func interrupt()
    /// How much there is for a checkpoint to do. No transaction is open.
    func load() throws -> CheckpointPolicy.Load
    /// Removes all markers but the last.
    func trimMarkers() throws
    /// Moves the log into the file, so that no damage to the log can undo what is committed. Waits for readers.
    func checkpoint() async throws
}

extension GraphParticipant {
    var mustPrepare: Bool { false }

    func replay(_ redo: [GraphRedo]) throws { try replay(redo, inBatches: false) }
}

/// The engine failed while it made a commit durable. Nothing must be written through it any more, since it would write
/// behind the torn end of its log, which then can't be read again; and what it shows may not be durable. Opened anew, it
/// is sound, and lacks the commit or has it.
struct GraphCommitFailed: Error {
    var underlying: any Error
}
