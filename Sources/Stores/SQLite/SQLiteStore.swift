import Foundation
public import GRDB
import Threads

/// Opens SQLite databases for the backend's records.
public enum SQLiteStore {
    /// Opens the database at `path`, and creates it if there is none.
    ///
    /// The pool is GRDB's: `try await pool.read { db in … }`, `try await pool.write { db in … }`.
    /// - Throws: ``SQLiteStoreError``.
    public static func open(
        at path: String, configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) async throws -> DatabasePool {
        guard configuration.connections >= 2 else {
            throw SQLiteStoreError(
                path: path, reason: "connections is \(configuration.connections)",
                remedy: "Give it at least 2: one writes, the others read.")
        }
        return try await onThread("trivet-sqlite-open") {
            do {
                try checkPath(path, isReadOnly: configuration.isReadOnly)
                let pool = try DatabasePool(path: path, configuration: configuration.grdb)
                // Here and not in the configuration: opening a pool sets NORMAL after all that the configuration does.
                if !configuration.isReadOnly, configuration.synchronous != .normal {
                    try pool.writeWithoutTransaction { database in
                        try database.execute(sql: "PRAGMA synchronous = \(configuration.synchronous.rawValue)")
                    }
                }
                return pool
            } catch let error as DatabaseError {
                throw SQLiteStoreError(path: path, error)
            }
        }
    }

    /// The version of the SQLite library that is linked, such as "3.40.1".
    public static func version() async throws -> String {
        try await DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") } ?? "unknown"
    }

    /// SQLite's own error for all of these is "unable to open database file".
    private static func checkPath(_ path: String, isReadOnly: Bool) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            if isFolder.boolValue {
                throw SQLiteStoreError(path: path, reason: "it is a folder", remedy: "Give the path of a file.")
            }
        } else if isReadOnly {
            throw SQLiteStoreError(
                path: path, reason: "it does not exist", remedy: "A read-only database can't be created.")
        }
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw SQLiteStoreError(
                path: path, reason: "the folder \(folder) does not exist", remedy: "Create it first.")
        }
        // The log and its index live beside the database, so writing needs the folder too.
        guard isReadOnly || access(folder, W_OK) == 0 else {
            throw SQLiteStoreError(
                path: path, reason: "the folder \(folder) is not writable",
                remedy: "Choose another one, or give this user the right.")
        }
    }
}

/// Why a SQLite database can't be opened.
public struct SQLiteStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The database.
    public let path: String
    /// What is in the way.
    public let reason: String
    /// What to do about it.
    public let remedy: String

    init(path: String, reason: String, remedy: String) {
        self.path = path
        self.reason = reason
        self.remedy = remedy
    }

    init(path: String, _ error: DatabaseError) {
        let remedy =
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                "Another process holds it for longer than the busy timeout; end it there, or wait longer."
            case .SQLITE_NOTADB: "Give the path of a SQLite database, or of a file that does not exist yet."
            case .SQLITE_CORRUPT: "Restore a backup, or try the sqlite3 program's .recover."
            case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY: "Look at the rights of the file and its folder."
            case .SQLITE_FULL: "Make room on the disk."
            default: "SQLite's result code is \(error.extendedResultCode.rawValue); its documentation explains it."
            }
        self.init(path: path, reason: error.message ?? "\(error)", remedy: remedy)
    }

    /// All of it in a sentence or two.
    public var description: String { "Can't open the SQLite database \(path): \(reason). \(remedy)" }
}
