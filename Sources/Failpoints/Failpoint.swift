/// A named place in the protocol at which a crash test can end the process: see ``arm(_:)``.
///
/// Where nothing is armed, passing one costs a relaxed load. Nothing outside of this package can arm one.
package enum Failpoint: String, CaseIterable, Sendable, Codable {
    // MARK: A unit

    /// A unit is about to be rolled back.
    case rollbackBefore = "rollback.before"
    /// All its stores have been rolled back; its locks are still held.
    case rollbackAfter = "rollback.after"
    /// SQLite has gone back to the savepoint, the graph has not.
    case savepointRecords = "savepoint.records"
    /// The graph has gone back to the savepoint too.
    case savepointGraph = "savepoint.graph"

    // MARK: The decision

    /// A unit is sealed, and hands its stores on to the next one.
    case groupPassed = "group.passed"
    /// All units of a group are sealed.
    case groupClosing = "group.closing"
    /// Everything is sealed; the journal has no row.
    case journalBefore = "journal.before"
    /// The journal's row is written, within SQLite's transaction.
    case journalAfter = "journal.after"
    /// The journal is about to be trimmed, within SQLite's transaction.
    case trimBefore = "trim.before"
    /// The journal has been trimmed, within SQLite's transaction.
    case trimAfter = "trim.after"
    /// SQLite has committed.
    case decisionAfter = "decision.after"

    // MARK: The graph follows

    /// The graph's transaction has no marker.
    case graphBefore = "graph.before"
    /// It has; it is not committed.
    case graphMarked = "graph.marked"
    /// The graph has committed.
    case graphAfter = "graph.after"

    // MARK: Redis follows

    /// Changes are about to be sent to Redis; with a delay, they are under way.
    case redisBefore = "redis.before"
    /// Redis has answered.
    case redisAfter = "redis.after"
    /// The answer has been taken in.
    case redisConfirmed = "redis.confirmed"
    /// The unit is done in all stores; its caller has not been told.
    case receipt = "receipt"
    /// Redis has lost acknowledged changes, and is about to be brought on.
    case lossBefore = "loss.before"
    /// Its marker has been moved back; the lost changes have not been sent.
    case lossReset = "loss.reset"

    // MARK: The graph's checkpoint

    /// All markers but the last are gone; the log is as long as before.
    case checkpointMarkers = "checkpoint.markers"
    /// There is no copy of the graph's files.
    case checkpointBefore = "checkpoint.before"
    /// There is one, and with a delay the engine moves its log.
    case checkpointCopied = "checkpoint.copied"
    /// The engine is done; the copy is still there.
    case checkpointMade = "checkpoint.made"
    /// The copy is gone.
    case checkpointAfter = "checkpoint.after"

    // MARK: Opening

    /// The coordinator's lock is taken; no store is open.
    case openLocked = "open.locked"
    /// A copy that a checkpoint has left is put back, and still there.
    case restoreCopied = "restore.copied"
    /// The engine has opened what was put back; the copy is still there.
    case restoreOpened = "restore.opened"
    /// SQLite and the graph are open; the epoch is the former one.
    case openStores = "open.stores"
    /// The epoch has been raised.
    case openEpoch = "open.epoch"
    /// A new graph has the table for markers, and no identity.
    case adoptTable = "adopt.table"
    /// A new graph has the identity.
    case adoptGraph = "adopt.graph"
    /// The graph lacks units, and is about to get a chunk of them.
    case replayBefore = "replay.before"
    /// They have been done again, and are not committed.
    case replayDone = "replay.done"
    /// They are committed.
    case replayAfter = "replay.after"
    /// Redis is about to be taken over.
    case takeOverBefore = "takeOver.before"
    /// Redis has the new epoch.
    case takeOverAfter = "takeOver.after"
    /// Redis had lost more than the journal holds: the managed keys have been deleted, the marker has not been moved.
    case discarded = "takeOver.discarded"
    /// The marker in Redis has been made, or moved.
    case takeOverReset = "takeOver.reset"
    /// What Redis lacks is queued, and not sent.
    case redisQueued = "open.redisQueued"
    /// The coordinator is ready; nobody has it yet.
    case openDone = "open.done"

    // MARK: Closing

    /// All units have ended; the stores are open.
    case closeIdle = "close.idle"
}
