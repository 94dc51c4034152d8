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
                .open, path: path, reason: "connections is \(configuration.connections)",
                remedy: "Give it at least 2: one writes, the others read.")
        }
        return try await onThread("trivet-sqlite-open") {
            do {
                try SQLiteFile.checkPath(path, isReadOnly: configuration.isReadOnly)
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
}
