public import Pooling

/// How a ``SQLitePool`` opens its database: in WAL mode, with one writer and readers beside it that see snapshots.
public struct SQLitePoolConfiguration: Sendable, Hashable {
    /// How far a commit goes before it returns.
    public enum Synchronous: String, Sendable, Hashable {
        /// To the operating system: after a power failure the last commits may be gone, after a crash of the process none.
        case normal = "NORMAL"
        /// To the disk.
        case full = "FULL"
    }

    /// Connections kept open, the writer among them. At least 1; 2 by default.
    public var minimumConnections = 2
    /// The most connections at one time: one writes, the others read. At least 2; 10 by default.
    public var maximumConnections = 10
    /// How long a statement waits for a lock that another process or connection holds; 30 s by default.
    /// `PRAGMA busy_timeout` shows 0 all the same: the waiting is the pool's own, so that it ends with its task.
    public var busyTimeout: Duration = .seconds(30)
    /// Memory for pages of each connection, in kilobytes of 1 024 bytes; 10 240 by default. Taken as pages are read.
    public var cacheKilobytes = 10_240
    /// What a commit waits for; `normal` by default. SQLite's documentation, "PRAGMA synchronous", has the details for WAL mode.
    public var synchronous: Synchronous = .normal
    /// Opens without the right to write: readers only.
    public var isReadOnly = false
    /// How both pools, of readers and of the writer, behave: time limits, life times, back-off. Its sizes are not used; those above are.
    public var pool = PoolConfiguration()

    /// The defaults that stand at each property.
    public init() {}
}

extension SQLitePoolConfiguration {
    /// - Throws: ``SQLiteStoreError`` or ``PoolError``, which say what is wrong with it.
    func check(path: String) throws {
        func refuse(_ reason: String, _ remedy: String) -> SQLiteStoreError {
            SQLiteStoreError(.open, path: path, reason: reason, remedy: remedy)
        }
        guard maximumConnections >= 2 else {
            throw refuse(
                "maximumConnections is \(maximumConnections)", "Give it at least 2: one writes, the others read.")
        }
        guard (1...maximumConnections).contains(minimumConnections) else {
            throw refuse(
                "minimumConnections is \(minimumConnections)",
                "Give it at least 1, and at most maximumConnections (\(maximumConnections)).")
        }
        guard busyTimeout >= .zero else { throw refuse("busyTimeout is negative", "Give it zero or more.") }
        guard cacheKilobytes >= 1 else {
            throw refuse("cacheKilobytes is \(cacheKilobytes)", "Give it at least 1.")
        }
        try pool.validate()
    }
}
