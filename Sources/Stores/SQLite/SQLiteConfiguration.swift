import GRDB

/// How a SQLite database is opened: in WAL mode, with one writer and readers beside it that see snapshots.
public struct SQLiteConfiguration: Sendable, Hashable {
    /// How far a commit goes before it returns.
    public enum Synchronous: String, Sendable, Hashable {
        /// To the operating system: after a power failure the last commits may be gone, after a crash of the process none.
        case normal = "NORMAL"
        /// To the disk.
        case full = "FULL"
    }

    /// Connections in all: one writes, the others read. At least 2; 10 by default.
    public var connections = 10
    /// How long a statement waits for a lock that another process holds; 30 s by default.
    public var busyTimeout: Duration = .seconds(30)
    /// Memory for pages of each connection, in kilobytes of 1 024 bytes; 10 240 by default.
    public var cacheKilobytes = 10_240
    /// What a commit waits for; `normal` by default. SQLite's documentation, "PRAGMA synchronous", has the details for WAL mode.
    public var synchronous: Synchronous = .normal
    /// Opens without the right to write.
    public var isReadOnly = false

    /// The defaults that stand at each property.
    public init() {}

    /// The same for GRDB.
    var grdb: Configuration {
        var configuration = Configuration()
        configuration.label = "trivet-sqlite"
        configuration.maximumReaderCount = connections - 1
        configuration.busyMode = .timeout(busyTimeout / .seconds(1))
        configuration.readonly = isReadOnly
        // GRDB gives a pool's readers a busy timeout of 10 s whatever the configuration says.
        let pragmas =
            "PRAGMA cache_size = -\(cacheKilobytes); PRAGMA busy_timeout = \(Int(busyTimeout / .milliseconds(1)))"
        configuration.prepareDatabase { database in try database.execute(sql: pragmas) }
        return configuration
    }
}
