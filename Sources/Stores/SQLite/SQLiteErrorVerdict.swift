import GRDB
import Pooling

extension ErrorVerdict {
    /// What an error in a session's scope says about its SQLite connection.
    ///
    /// A transaction that the error left open is none of its business: the session knows that by itself.
    static func sqlite(_ error: any Error) -> ErrorVerdict {
        switch error {
        // An interrupted statement leaves the connection as it was.
        case is CancellationError, is SQLiteStoreError: return .keep
        case let error as DatabaseError: return verdict(on: error)
        default: return .validate
        }
    }

    private static func verdict(on error: DatabaseError) -> ErrorVerdict {
        switch error.extendedResultCode {
        case .SQLITE_READONLY_DBMOVED, .SQLITE_READONLY_CANTLOCK, .SQLITE_READONLY_RECOVERY: return .discard
        default: break
        }
        switch error.resultCode {
        // The statement's fault, or that of someone who holds a lock.
        case .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_RANGE, .SQLITE_TOOBIG, .SQLITE_READONLY,
            .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_INTERRUPT, .SQLITE_ABORT, .SQLITE_AUTH, .SQLITE_SCHEMA:
            return .keep
        // What is in memory may differ from what is on the disk.
        case .SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_NOMEM, .SQLITE_INTERNAL, .SQLITE_MISUSE:
            return .discard
        default: return .validate
        }
    }
}
