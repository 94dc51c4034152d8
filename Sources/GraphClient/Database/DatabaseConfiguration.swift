extension GraphDatabase {
    /// How a database is opened.
    public struct Configuration: Sendable, Hashable {
        /// Memory for pages, in bytes; 128 MiB by default. The engine's own default is 80 % of the machine's memory.
        public var bufferPoolSize: UInt64 = 128 << 20
        /// The engine's worker threads for the whole database; 8 by default.
        ///
        /// On few cores fewer of them make short statements faster, since the engine wakes all for each one. But a long
        /// statement keeps as many of them as there are cores, and with no more than that everybody else waits for its end.
        public var maxThreads: Int = 8
        /// Whether columns are compressed on disk; true by default.
        public var isCompressed = true
        /// The most that the database may grow to, in bytes; a power of two, 64 GiB by default. The engine reserves that much
        /// address space, and with its own default of 8 TiB a process can open no more than about 15 databases.
        public var maxDatabaseSize: UInt64 = 64 << 30
        /// Opens without the right to write. Several processes may, as long as none has it open for writing.
        public var isReadOnly = false
        /// How long a statement or transaction waits for the writer before it, or for a checkpoint; 30 s by default.
        public var lockTimeLimit: Duration = .seconds(30)
        /// How long one statement may run; no limit by default.
        public var statementTimeLimit: Duration?

        /// The defaults that stand at each property.
        public init() {}

        func checked(path: String) throws -> Configuration {
            func refuse(_ reason: String) -> GraphError { .cannotOpen(path: path, reason: reason) }
            guard maxDatabaseSize.nonzeroBitCount == 1 else {
                throw refuse("maxDatabaseSize is \(maxDatabaseSize), and must be a power of two.")
            }
            guard bufferPoolSize >= 8 << 20 else {
                throw refuse("bufferPoolSize is \(bufferPoolSize) bytes; give it at least 8 MiB (\(8 << 20)).")
            }
            guard maxThreads >= 1 else { throw refuse("maxThreads is \(maxThreads), and must be at least 1.") }
            return self
        }
    }
}
