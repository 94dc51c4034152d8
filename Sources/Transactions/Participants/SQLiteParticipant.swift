import Failpoints
import Foundation
import GRDB
import GRDBSQLite
import Pooling
import Stores

/// SQLite as the store whose commit decides.
///
/// `@unchecked`: everything is called on the coordinator's lane only, one call after the other; but for `interrupt`,
/// which is called while the lane is within `perform` and kept there by the lock under which that ends.
final class SQLiteParticipant: DecisionParticipant, @unchecked Sendable {
    private let pool: SQLitePool
    private let retention: Journal.Retention
    private var lease: PoolLease<SQLiteSession>?
    private var queue: DatabaseQueue?
    /// The queue's connection, for questions that need no statement: nobody but the lane uses it while the place is taken, so they can do without the
    /// queue, which costs more than they do.
    private var connection: SQLiteConnection?
    private let watch = TransactionWatch()
    /// The session's calls when the connection was last made to sync its commits.
    private var durableSince: Int?
    /// While a physical transaction is open.
    private var boundary: UnitBoundary?

    init(_ pool: SQLitePool, retention: Journal.Retention) {
        self.pool = pool
        self.retention = retention
    }

    // MARK: The writer's place

    func acquire() async throws {
        let lease = try await pool.acquireWriter(isScoped: false)
        self.lease = lease
        do {
            try adopt(lease.connection)
        } catch {
            self.lease = nil
            throw pool.releaseWriter(lease, after: error)
        }
    }

    /// Prepares a connection for deciding, if it is another one than before.
    private func adopt(_ session: SQLiteSession) throws {
        let current = try session.assumeIsolated { try $0.core() }
        guard current !== queue else { return }
        connection = current.inDatabase { database in
            database.add(transactionObserver: watch, extent: .databaseLifetime)
            return database.sqliteConnection
        }
        queue = current
        durableSince = nil
    }

    /// The decision has to be on the disk before anyone is told. Whoever has used the connection in between may have
    /// changed that; otherwise it stays, since the pragma is compiled anew each time.
    private func makeDurable(_ session: SQLiteSession, _ database: Database) throws {
        let calls = session.calls
        guard durableSince != calls else { return }
        try database.execute(sql: "PRAGMA synchronous = FULL")
        durableSince = calls
    }

    func release() {
        guard let lease else { return }
        self.lease = nil
        pool.releaseWriter(lease)
    }

    /// The connection, while the place is taken.
    private func inDatabase<Value>(_ body: (Database) throws -> Value) throws -> Value {
        guard lease != nil, let queue else {
            throw TransactionError(.misuse, "SQLite's writer is not held", remedy: "Report this as a defect.")
        }
        return try queue.inDatabase(body)
    }

    // MARK: The physical transaction

    func begin() throws -> Bool {
        guard let session = lease?.connection else { return false }
        return try inDatabase { database in
            try makeDurable(session, database)
            do {
                watch.begin()
                // SQLite's own waiting would hold the lane.
                try session.withoutWaiting { try database.cachedStatement(sql: "BEGIN IMMEDIATE").execute() }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                watch.end()
                return false
            }
            sqlite3_limit(database.sqliteConnection, SQLITE_LIMIT_ATTACHED, 0)
            boundary = try UnitBoundary(savepoint: CoordinatorCore.unitSavepoint, in: database)
            return true
        }
    }

    func beginUnit(hasSavepoint: Bool) throws {
        boundary?.begin(hasSavepoint: hasSavepoint)
    }

    func rollback() {
        guard lease != nil else { return }
        try? inDatabase { end($0) }
    }

    func checkOpen() throws {
        if let reason = watch.endedBecause { throw Self.lost(reason) }
        guard lease != nil, sqlite3_get_autocommit(connection) == 0 else { throw Self.lost(nil) }
    }

    private static func lost(_ reason: TransactionWatch.Ending?) -> TransactionError {
        if reason == .commitRefused {
            return TransactionError(
                .misuse, "the body tried to COMMIT, which only the coordinator may",
                remedy: "Return from the body to commit, throw to roll back; use savepoint { } for a part.")
        }
        return TransactionError(
            .storeFailed,
            "SQLite rolled the whole transaction back, by a ROLLBACK of the body's, an ON CONFLICT ROLLBACK, an interrupt or a full disk",
            remedy: "Throw to roll back; use savepoint { } for a part that may fail.")
    }

    /// Runs the body's statements.
    func perform<Value>(_ body: (Database) throws -> Value) throws -> Value {
        // Before, too: a body that has lost its transaction must not write outside of one.
        try checkOpen()
        guard let session = lease?.connection, let queue else { return try inDatabase(body) }
        return try inDatabase { database in
            try boundary?.pass(in: database)
            let result = Result { try session.interruptibly(queue) { try body(database) } }
            if let reason = watch.endedBecause { throw Self.lost(reason) }
            guard database.isInsideTransaction else { throw Self.lost(nil) }
            return try result.get()
        }
    }

    func savepoint(_ name: String) throws {
        try inDatabase { database in
            try boundary?.pass(in: database)
            try database.cachedStatement(sql: "SAVEPOINT \(name)").execute()
        }
    }

    func rollback(toSavepoint name: String) throws {
        if boundary?.isDue(name) == true { return }
        try inDatabase { try $0.cachedStatement(sql: "ROLLBACK TO \(name)").execute() }
    }

    func release(savepoint name: String) throws {
        if boundary?.release(name) == true { return }
        try inDatabase { try $0.cachedStatement(sql: "RELEASE \(name)").execute() }
    }

    func hasWritten() throws -> Bool {
        guard let boundary else { return false }
        if boundary.hasChangedRows(connection) { return true }
        return try inDatabase { try self.boundary?.hasChangedHeader(in: $0) ?? false }
    }

    func seal() throws {
        var (current, highest): (CInt, CInt) = (0, 0)
        let status = sqlite3_db_status(connection, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0)
        guard status == SQLITE_OK, current == 0 else {
            throw TransactionError(
                .storeFailed, "rows refer to others that are not there (deferred foreign keys)",
                remedy:
                    "Insert what they refer to, or remove them, in the same transaction. PRAGMA foreign_key_check names them."
            )
        }
    }

    // MARK: The decision

    func decide(_ decision: Decision) -> DecisionOutcome {
        do {
            return try inDatabase { database in
                Failpoint.journalBefore.pass()
                do {
                    try boundary?.letGo()
                    try Journal.insert(decision, retention, in: database)
                } catch {
                    end(database)
                    return .failed(error)
                }
                watch.isCommitAllowed = true
                Failpoint.journalAfter.pass()
                do {
                    try database.cachedStatement(sql: "COMMIT").execute()
                    Failpoint.decisionAfter.pass()
                    end(database)
                    return .decided
                } catch {
                    return afterFailedCommit(error, of: decision.units.last?.row.number ?? 0, database)
                }
            }
        } catch {
            return .failed(error)
        }
    }

    private func end(_ database: Database) {
        boundary = nil
        watch.end()
        if database.isInsideTransaction { try? database.rollback() }
        sqlite3_limit(database.sqliteConnection, SQLITE_LIMIT_ATTACHED, 10)
    }

    /// After an I/O error within COMMIT its frames may survive a crash, so "it failed" would be a guess. A later commit
    /// that succeeds settles it: either the row is there, or what follows in the log has taken its place.
    private func afterFailedCommit(_ error: any Error, of number: UInt64, _ database: Database) -> DecisionOutcome {
        end(database)
        guard let error = error as? DatabaseError, error.resultCode == .SQLITE_IOERR else { return .failed(error) }
        do {
            watch.isCommitAllowed = true
            defer { watch.end() }
            try database.beginTransaction(.immediate)
            if try Journal.contains(number, in: database) {
                try database.rollback()
                return .decided
            }
            try Journal.fence(number, in: database)
            try database.commit()
            return .failed(error)
        } catch {
            end(database)
            return .unknown(error)
        }
    }

    func interrupt() {
        lease?.connection.interruptCall()
    }

    // MARK: Reading

    func storedResult(of key: String) throws -> StoredResult? {
        try inDatabase { try Journal.storedResult(of: key, in: $0) }
    }

    // Outside of units too, so through the pool.

    func openJournal() async throws -> Journal.Meta {
        try await pool.write { try Journal.open(in: $0) }
    }

    func trimmed() async throws -> UInt64 {
        try await pool.read { try Journal.meta(in: $0).trimmed }
    }

    func journal(of store: StoreKind, after first: UInt64, through last: UInt64) async throws -> [JournalRow] {
        try await pool.read { try Journal.rows(of: store, after: first, through: last, in: $0) }
    }
}

/// Sees who ends the physical transaction, and refuses it to everybody but the coordinator.
///
/// `@unchecked`: GRDB calls it within the calls of the participant, on the lane.
private final class TransactionWatch: TransactionObserver, @unchecked Sendable {
    enum Ending {
        case commitRefused, rolledBack
    }

    private var isWatching = false
    var isCommitAllowed = false
    private(set) var endedBecause: Ending?

    func begin() {
        isWatching = true
        isCommitAllowed = false
        endedBecause = nil
    }

    func end() {
        isWatching = false
        isCommitAllowed = false
    }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}

    func databaseWillCommit() throws {
        guard isWatching, !isCommitAllowed else { return }
        endedBecause = .commitRefused
        throw TransactionError(
            .misuse, "the body tried to COMMIT, which only the coordinator may",
            remedy: "Return from the body to commit.")
    }

    func databaseDidCommit(_ database: Database) {}

    func databaseDidRollback(_ database: Database) {
        guard isWatching, endedBecause == nil else { return }
        endedBecause = .rolledBack
    }
}
