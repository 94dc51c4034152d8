import GRDB
import GRDBSQLite
import Synchronization

/// Makes SQLite's own log fail where a broken disk would: at a write, or when what was written is to be made durable.
///
/// SQLite reaches its files through a table of functions, one for each open file. Here two of them are exchanged, as
/// SQLite's own tests do; everything else is SQLite as it is.
enum BrokenLog {
    enum Fault {
        case write, sync
    }

    private struct Patched: @unchecked Sendable {
        let original: UnsafePointer<sqlite3_io_methods>
        let methods: UnsafePointer<sqlite3_io_methods>
        var fault: Fault?
        /// How many calls fail before they work again.
        var left = 0
    }

    private static let files = Mutex<[UInt: Patched]>([:])

    /// From here on, so many writes or syncs of the log of `database` fail.
    static func fail(_ fault: Fault, times: Int, of database: Database) throws {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let journalPointer: CInt = 28
        let status = withUnsafeMutablePointer(to: &file) {
            sqlite3_file_control(database.sqliteConnection, "main", journalPointer, $0)
        }
        guard status == SQLITE_OK, let file, let original = file.pointee.pMethods else {
            throw DatabaseError(message: "the log can't be reached")
        }
        files.withLock { files in
            let key = UInt(bitPattern: file)
            // Another file may have been at the same address before.
            if files[key]?.methods != original {
                let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
                methods.initialize(to: original.pointee)
                methods.pointee.xWrite = { file, bytes, count, offset in
                    // 778 is SQLITE_IOERR_WRITE.
                    if BrokenLog.isDue(.write, file) { return 778 }
                    return BrokenLog.original(file).pointee.xWrite(file, bytes, count, offset)
                }
                methods.pointee.xSync = { file, flags in
                    // 1034 is SQLITE_IOERR_FSYNC.
                    if BrokenLog.isDue(.sync, file) { return 1_034 }
                    return BrokenLog.original(file).pointee.xSync(file, flags)
                }
                files[key] = Patched(original: original, methods: UnsafePointer(methods))
                file.pointee.pMethods = UnsafePointer(methods)
            }
            files[key]?.fault = fault
            files[key]?.left = times
        }
    }

    private static func isDue(_ fault: Fault, _ file: UnsafeMutablePointer<sqlite3_file>?) -> Bool {
        files.withLock { files in
            let key = UInt(bitPattern: file)
            guard let patched = files[key], patched.fault == fault, patched.left > 0 else { return false }
            files[key]?.left -= 1
            return true
        }
    }

    private static func original(_ file: UnsafeMutablePointer<sqlite3_file>?) -> UnsafePointer<sqlite3_io_methods> {
        files.withLock { files in
            guard let patched = files[UInt(bitPattern: file)] else { preconditionFailure("the file was not patched") }
            return patched.original
        }
    }
}
