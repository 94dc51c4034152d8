import Foundation
import GRDBSQLite

/// A look into a database's file that leaves nothing behind.
package enum SQLiteLook {
    /// The names of its tables; none where there is no file. Blocks.
    ///
    /// A reader of a database in WAL mode makes the log and its index where they are missing. So where there is no log, the file is read as
    /// one that nobody changes: that is what it is while nobody has it open.
    ///
    /// - Throws: when it is no database, or can't be read.
    package static func tables(of path: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let isAlone = !FileManager.default.fileExists(atPath: path + "-wal")
        let location = URL(fileURLWithPath: path).absoluteString + (isAlone ? "?immutable=1" : "?mode=ro")
        var handle: OpaquePointer?
        defer { sqlite3_close(handle) }
        try check(sqlite3_open_v2(location, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nil), handle, path)
        sqlite3_busy_timeout(handle, 5_000)
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        let text = "SELECT name FROM sqlite_master WHERE type = 'table'"
        try check(sqlite3_prepare_v2(handle, text, -1, &statement, nil), handle, path)
        var names: [String] = []
        while true {
            let code = sqlite3_step(statement)
            guard code == SQLITE_ROW else {
                if code != SQLITE_DONE { try check(code, handle, path) }
                return names
            }
            if let name = sqlite3_column_text(statement, 0) { names.append(String(cString: name)) }
        }
    }

    private static func check(_ code: CInt, _ handle: OpaquePointer?, _ path: String) throws {
        guard code != SQLITE_OK else { return }
        let reason = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
        throw WrongAnswer(description: "\(path) can't be read: \(reason)")
    }
}
