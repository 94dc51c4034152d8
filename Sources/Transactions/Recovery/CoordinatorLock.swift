import GraphClient
import Synchronization

/// The right to coordinate the stores of one SQLite database, held through a lock on a file beside it; it ends with the
/// process, even after a crash.
final class CoordinatorLock: Sendable {
    private let lock: Mutex<DatabaseLock?>

    init(forDatabaseAt path: String) throws {
        do {
            lock = Mutex(try DatabaseLock(forDatabaseAt: path, shared: false))
        } catch GraphError.locked(_, let holder) {
            throw TransactionError(
                .locked, "\(holder) coordinates the stores of \(path) already",
                remedy: "Close that coordinator, or use other stores.")
        }
    }

    func release() {
        lock.withLock { $0 = nil }
    }
}
