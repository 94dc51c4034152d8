import GRDB
import GRDBSQLite

/// Where one unit ends and the next one begins within a transaction of SQLite.
///
/// What has to be done there waits for the next statement, which does it in its own call of the connection: calls cost
/// more than what they do. Used within such calls, on the lane.
struct UnitBoundary {
    /// What can be changed without changing a row.
    private struct Header: Equatable {
        var schema, user, application: Int32
    }

    /// A unit's savepoint.
    private let name: String
    private let make, release, schema, user, application: Statement
    /// How often `make` has been compiled anew. To set a flag by a pragma makes SQLite do that with all statements, and to
    /// ask for a flag costs ten times as much as the savepoint.
    private var compilations: CInt
    /// Whether the savepoint has been made, and is still there.
    private var isMade = false
    /// Whether it is over, and stays there only until the next statement.
    private var isOver = false
    /// Whether a unit has begun that has not run a statement yet.
    private var isDue = false
    /// Whether the savepoint is made with its first one.
    private var isSavepointDue = false
    private var changesAtBegin: CInt = 0
    /// Nil where a unit before has changed rows, and may have changed that as well: each of the pragmas is compiled anew
    /// every time, and most units change rows.
    private var headerAtBegin: Header?

    /// For a transaction that has just begun.
    ///
    /// - Parameter name: of a unit's savepoint.
    init(savepoint name: String, in database: Database) throws {
        self.name = name
        make = try database.cachedStatement(sql: "SAVEPOINT \(name)")
        release = try database.cachedStatement(sql: "RELEASE \(name)")
        compilations = Self.compilations(of: make)
        schema = try database.cachedStatement(sql: "PRAGMA schema_version")
        user = try database.cachedStatement(sql: "PRAGMA user_version")
        application = try database.cachedStatement(sql: "PRAGMA application_id")
        changesAtBegin = sqlite3_total_changes(database.sqliteConnection)
        headerAtBegin = header()
    }

    /// A unit begins with the next statement.
    ///
    /// - Parameter hasSavepoint: whether it can be taken back; not where it does nothing of its own.
    mutating func begin(hasSavepoint: Bool) {
        (isDue, isSavepointDue) = (true, hasSavepoint)
    }

    /// Does what has to be done before a statement of the present unit's.
    mutating func pass(in database: Database) throws {
        guard isDue else { return }
        try letGo()
        let changes = sqlite3_total_changes(database.sqliteConnection)
        if changes != changesAtBegin { headerAtBegin = nil }
        changesAtBegin = changes
        if isSavepointDue {
            try make.execute()
            isMade = true
            try endDeferral(in: database)
        }
        (isDue, isSavepointDue) = (false, false)
    }

    /// Foreign keys that are checked late would be so until the commit, for all units.
    private mutating func endDeferral(in database: Database) throws {
        let present = Self.compilations(of: make)
        guard present != compilations else { return }
        compilations = present
        if try Bool.fetchOne(database, sql: "PRAGMA defer_foreign_keys") == true {
            try database.execute(sql: "PRAGMA defer_foreign_keys = OFF")
        }
    }

    private static func compilations(of statement: Statement) -> CInt {
        sqlite3_stmt_status(statement.sqliteStatement, SQLITE_STMTSTATUS_REPREPARE, 0)
    }

    /// A savepoint's changes stay.
    ///
    /// - Returns: whether that was all; else it is a savepoint that somebody else has made.
    mutating func release(_ name: String) -> Bool {
        guard name == self.name else { return false }
        if isSavepointDue { isSavepointDue = false } else { isOver = isMade }
        return true
    }

    /// Whether a savepoint is yet to be made, so that nothing has happened since.
    func isDue(_ name: String) -> Bool { isSavepointDue && name == self.name }

    /// Whether the present unit has changed rows. Needs no call of the connection's.
    func hasChangedRows(_ connection: SQLiteConnection?) -> Bool {
        !isDue && sqlite3_total_changes(connection) != changesAtBegin
    }

    /// Whether the present unit, which has changed no rows, has written nevertheless.
    ///
    /// - Throws: ``RunAgain`` where it has, and may have lost it by this.
    mutating func hasChangedHeader(in database: Database) throws -> Bool {
        guard !isDue else { return false }
        let present = header()
        if let headerAtBegin { return present != headerAtBegin }
        // What it was can be seen where the unit began, and nothing that counts is lost on the way there.
        guard isMade, !isOver else { throw RunAgain() }
        try database.cachedStatement(sql: "ROLLBACK TO \(name)").execute()
        headerAtBegin = header()
        if present != headerAtBegin { throw RunAgain() }
        return false
    }

    /// Ends the savepoint of a unit that is over.
    mutating func letGo() throws {
        guard isOver else { return }
        try release.execute()
        (isMade, isOver) = (false, false)
    }

    private func header() -> Header {
        Header(schema: value(of: schema), user: value(of: user), application: value(of: application))
    }

    /// Without a cursor, which costs several times as much as the pragma.
    private func value(of pragma: Statement) -> Int32 {
        let statement = pragma.sqliteStatement
        // A body may have left it where it was.
        sqlite3_reset(statement)
        defer { sqlite3_reset(statement) }
        return sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : 0
    }
}
