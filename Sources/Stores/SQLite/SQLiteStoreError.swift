public import GRDB

/// Why a SQLite database can't be opened, or a session can't be used as it was meant to be.
///
/// What is wrong with a statement comes as GRDB's `DatabaseError`.
public struct SQLiteStoreError: Error, Sendable, CustomStringConvertible {
    /// What was tried. New cases can be added, so a `switch` needs a default.
    public enum Operation: String, Sendable, Hashable {
        /// To open the database, or one more connection to it.
        case open = "open"
        /// To begin a transaction that writes.
        case beginWrite = "begin to write in"
        /// To write through a connection that only reads.
        case write = "write in"
        /// To use a session.
        case use = "use this session of"
    }

    /// What was tried.
    public let operation: Operation
    /// The database.
    public let path: String
    /// What is in the way.
    public let reason: String
    /// What to do about it.
    public let remedy: String
    /// SQLite's own error, where there was one.
    public let underlying: DatabaseError?

    init(
        _ operation: Operation, path: String, reason: String, remedy: String, underlying: DatabaseError? = nil
    ) {
        self.operation = operation
        self.path = path
        self.reason = reason
        self.remedy = remedy
        self.underlying = underlying
    }

    /// An error of opening.
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
        self.init(.open, path: path, reason: error.message ?? "\(error)", remedy: remedy, underlying: error)
    }

    /// Whether a further attempt to open will fail alike, until someone mends what `remedy` says.
    var isLasting: Bool {
        switch underlying?.resultCode {
        case nil, .SQLITE_NOTADB, .SQLITE_CORRUPT, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY: true
        default: false
        }
    }

    /// All of it in a sentence or two.
    public var description: String { "Can't \(operation.rawValue) the SQLite database \(path): \(reason). \(remedy)" }
}
