import GraphClient

extension ConfigurationSetting {
    static let sqlite: [ConfigurationSetting] =
        [
            ConfigurationSetting(
                "sqlite.path", \.sqlite.path, .text, "The database's file. Given, the store is opened."),
            ConfigurationSetting(
                "sqlite.minimumConnections", \.sqlite.pool.minimumConnections, .positive,
                "Connections kept open, the writer among them."),
            ConfigurationSetting(
                "sqlite.maximumConnections", \.sqlite.pool.maximumConnections, .integer(2...),
                "The most connections: one writes, the others read."),
            ConfigurationSetting(
                "sqlite.busyTimeout", \.sqlite.pool.busyTimeout, .duration,
                "How long a statement waits for a lock of another process."),
            ConfigurationSetting(
                "sqlite.cacheSize", \.sqlite.pool.cacheSize, .bytes(from: 1024), "Memory for pages of each connection."),
            ConfigurationSetting(
                "sqlite.synchronous", \.sqlite.pool.durability, .choice,
                "What a commit waits for: the operating system (normal) or the disk (full)."),
            ConfigurationSetting(
                "sqlite.readOnly", \.sqlite.pool.isReadOnly, .flag, "Opens without the right to write."),
        ] + pool("sqlite.pool", \.sqlite.pool.pool)

    static let graph: [ConfigurationSetting] =
        [
            ConfigurationSetting("graph.path", \.graph.path, .text, "The database's file. Given, the store is opened."),
            ConfigurationSetting(
                "graph.engine", \.graph.engine, ValueFormat<GraphEngine.Kind>.choice.optional,
                "The engine that runs it; without it, the one that `TRIVET_GRAPH_ENGINE` names, or that made the file; LadybugDB for a new one."
            ),
            ConfigurationSetting(
                "graph.minimumConnections", \.graph.pool.minimumConnections, .positive,
                "Connections kept open, the writer among them."),
            ConfigurationSetting(
                "graph.maximumConnections", \.graph.pool.maximumConnections, .integer(2...),
                "The most connections: one writes, the others read."),
            ConfigurationSetting(
                "graph.bufferPoolSize", \.graph.pool.database.bufferPoolSize, .bytes(from: 8 << 20),
                "Memory for pages, of the whole database."),
            ConfigurationSetting(
                "graph.threads", \.graph.pool.database.maxThreads, .positive,
                "The engine's worker threads, for the whole database."),
            ConfigurationSetting(
                "graph.compression", \.graph.pool.database.isCompressed, .flag,
                "Whether columns are compressed on disk."),
            ConfigurationSetting(
                "graph.maximumDatabaseSize", \.graph.pool.database.maxDatabaseSize, .bytes(from: 1 << 20),
                "The most that the database may grow to; a power of two. Reserves address space, not memory."),
            ConfigurationSetting(
                "graph.readOnly", \.graph.pool.database.isReadOnly, .flag, "Opens without the right to write."),
            ConfigurationSetting(
                "graph.lockTimeout", \.graph.pool.database.lockTimeLimit, .duration,
                "How long a statement waits for the writer before it, or for a checkpoint."),
            ConfigurationSetting(
                "graph.statementTimeout", \.graph.pool.database.statementTimeLimit, .intervalOrNone,
                "How long a statement may run."),
            ConfigurationSetting(
                "graph.readTimeout", \.graph.pool.readTimeLimit, .intervalOrNone,
                "How long a reader's statement may run; none for `graph.statementTimeout`."),
        ] + pool("graph.pool", \.graph.pool.pool)
}

extension SQLitePoolConfiguration {
    /// `cacheKilobytes` in bytes, as files have it.
    fileprivate var cacheSize: Int {
        get { cacheKilobytes * 1024 }
        set { cacheKilobytes = newValue / 1024 }
    }

    fileprivate enum Durability: String, CaseIterable {
        case normal
        case full
    }

    fileprivate var durability: Durability {
        get { synchronous == .full ? .full : .normal }
        set { synchronous = newValue == .full ? .full : .normal }
    }
}
