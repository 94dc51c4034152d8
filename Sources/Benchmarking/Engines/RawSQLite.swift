import Foundation
import GRDBSQLite

/// SQLite's own interface in C, with what a careful program does with it: statements prepared once, checked results.
///
/// For one thread at a time, which whoever uses it sees to: it is made and used within calls to one session's thread. That, and nothing in it,
/// makes it safe to hand over.
final class RawSQLite: @unchecked Sendable {
    private var database: OpaquePointer?
    private var statements: [String: OpaquePointer] = [:]

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter path: a database in WAL mode, or a new one.
    init(path: String, synchronous: String) throws {
        guard
            sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
                == SQLITE_OK
        else { throw failure("open") }
        try execute("PRAGMA journal_mode = WAL")
        try execute("PRAGMA synchronous = \(synchronous)")
    }

    func close() {
        for statement in statements.values { sqlite3_finalize(statement) }
        statements = [:]
        sqlite3_close(database)
        database = nil
    }

    /// Runs statements that return nothing of interest.
    func execute(_ sql: String) throws {
        guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    /// The text in the first column of the first row.
    func text(_ sql: String, _ id: Int) throws -> String? {
        let statement = try prepared(sql)
        defer { sqlite3_reset(statement) }
        sqlite3_bind_int64(statement, 1, Int64(id))
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return sqlite3_column_text(statement, 0).map { String(cString: $0) }
        case SQLITE_DONE: return nil
        default: throw failure(sql)
        }
    }

    /// Runs a statement of a number and a text in a transaction of its own.
    func write(_ sql: String, _ id: Int, _ text: String) throws {
        try step("BEGIN IMMEDIATE")
        let statement = try prepared(sql)
        sqlite3_bind_int64(statement, 1, Int64(id))
        // -1: SQLite copies it.
        sqlite3_bind_text(statement, 2, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
        let result = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard result == SQLITE_DONE else { throw failure(sql) }
        try step("COMMIT")
    }

    private func step(_ sql: String) throws {
        let statement = try prepared(sql)
        defer { sqlite3_reset(statement) }
        guard sqlite3_step(statement) == SQLITE_DONE else { throw failure(sql) }
    }

    private func prepared(_ sql: String) throws -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw failure(sql)
        }
        statements[sql] = statement
        return statement
    }

    private func failure(_ what: String) -> Failure {
        Failure(description: "SQLite, \(what): \(database.map { String(cString: sqlite3_errmsg($0)) } ?? "no memory")")
    }
}
