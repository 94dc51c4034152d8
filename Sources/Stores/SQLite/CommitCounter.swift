import GRDB
import GRDBSQLite
import Synchronization

/// How often a database has been committed to, by any connection of any process: what a transaction that began at another count may not
/// have seen.
///
/// SQLite keeps the count in the index of the write-ahead log, which it maps into memory for each connection: the field `iChange` of
/// the header, https://sqlite.org/walformat.html#the_wal_index_header. Reading it costs no statement, and no look at the file.
final class CommitCounter: Sendable {
    /// Where it stands; 0 if unknown.
    private let address = Mutex<UInt>(0)

    private static let indexVersion: UInt32 = 3_007_000
    private static let indexRegionSize: CInt = 32_768
    private static let offset: UInt = 8

    /// Modulo 2³²; nil if it is not known. From any thread.
    var count: UInt32? {
        address.withLock { UnsafePointer<UInt32>(bitPattern: $0)?.pointee }
    }

    /// Looks where it stands, on the connection's thread and within a transaction, which makes sure that there is an index.
    func find(_ database: Database) {
        address.withLock { address in
            guard address == 0, let index = Self.index(of: database) else { return }
            let start = UInt(bitPattern: index)
            guard UnsafePointer<UInt32>(bitPattern: start)?.pointee == Self.indexVersion else { return }
            address = start + Self.offset
        }
    }

    /// Before the connection is closed, with which the index may leave the memory.
    func forget() {
        address.withLock { $0 = 0 }
    }

    private static func index(of database: Database) -> UnsafeMutableRawPointer? {
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard
            sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK,
            let methods = file?.pointee.pMethods, methods.pointee.iVersion >= 2
        else { return nil }
        var region: UnsafeMutableRawPointer?
        let status = methods.pointee.xShmMap(file, 0, indexRegionSize, 0, &region)
        return status == SQLITE_OK ? region : nil
    }
}
