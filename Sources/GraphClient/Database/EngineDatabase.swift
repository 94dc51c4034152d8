import CGraphEngine
import Synchronization

/// The engine's database and its connections. It can be closed and opened again while those who use it live on.
final class EngineDatabase: Sendable {
    private struct State {
        var handle: graph_database?
        var connections: [ObjectIdentifier: EngineConnection] = [:]
        /// Why it is not open although nobody has closed it for good.
        var failure: String?
    }

    let engine: GraphEngine
    private let path: String
    private let configuration: GraphDatabase.Configuration
    private let state: Mutex<State>
    /// Whether the engine may hold back what it could not write to its log.
    private let holdsBack = Atomic<Bool>(false)

    init(path: String, engine: GraphEngine, configuration: GraphDatabase.Configuration) throws {
        self.engine = engine
        self.path = path
        self.configuration = configuration
        state = Mutex(State(handle: try Self.open(path, engine: engine, configuration: configuration)))
    }

    deinit {
        destroy()
    }

    // MARK: - Connections

    /// Waits while the database is being opened again.
    func connect() throws -> EngineConnection {
        try state.withLock { state in
            let connection = EngineConnection(try connect(state), engine: engine, path: path)
            state.connections[ObjectIdentifier(connection)] = connection
            return connection
        }
    }

    /// Destroys a connection, unless the database was closed under it.
    func disconnect(_ connection: EngineConnection) {
        // Not beside the end of the database (H8).
        state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = nil
            connection.destroy()
        }
    }

    /// A connection that nobody knows of here: its owner destroys it before the database is closed or opened again.
    func makeUnknownConnection() throws -> graph_connection {
        try state.withLock { try connect($0) }
    }

    private func connect(_ state: State) throws -> graph_connection {
        guard var handle = state.handle else {
            guard let failure = state.failure else { throw GraphError.closed("The graph database \(path)") }
            throw GraphError.cannotOpen(
                path: path,
                reason: """
                    it was closed to be opened again, which failed: \(failure) Close it and open it anew; nothing is lost.
                    """)
        }
        var connection = graph_connection()
        guard engine.functions.connection_init(&handle, &connection) == GRAPH_SUCCESS else {
            throw GraphError.cannotOpen(path: path, reason: "the engine can't make another connection.")
        }
        return connection
    }

    // MARK: - Opening and closing

    /// Closes the database and opens it again, which reads its log back. All connections are gone after it.
    ///
    /// The caller is alone at the gate. Also opens what an earlier call has failed to open.
    /// - Parameter meanwhile: done while no file is open.
    func reopen(meanwhile: () throws -> Void = {}) throws {
        try state.withLock { state in
            guard state.handle != nil || state.failure != nil else {
                throw GraphError.closed("The graph database \(path)")
            }
            close(&state)
            do {
                try meanwhile()
                try DatabaseLock.refuseForeignHolder(ofDatabaseAt: path, shared: configuration.isReadOnly)
                state.handle = try Self.open(path, engine: engine, configuration: configuration)
                state.failure = nil
            } catch {
                state.failure = "\(error)"
                throw error
            }
        }
    }

    /// Closes the database for good, once; blocks for as long as the engine needs to stop its threads.
    /// - Returns: whether it was open.
    @discardableResult
    func destroy() -> Bool {
        state.withLock { state in
            state.failure = nil
            return close(&state)
        }
    }

    @discardableResult
    private func close(_ state: inout State) -> Bool {
        for connection in state.connections.values { connection.destroy() }
        state.connections = [:]
        guard var handle = state.handle.take() else { return false }
        // The engine's end would write what it holds back, and end the process where it can't (H27). Nobody ends it any more: later it would
        // write at a place where others have written. What it has of memory and threads stays until the process ends.
        if holdsBack.exchange(false, ordering: .relaxed), !LogRoom(ofDatabaseAt: path).isThere { return true }
        engine.functions.database_destroy(&handle)
        return true
    }

    /// The engine could not write to a file.
    func writingHasFailed() { holdsBack.store(true, ordering: .relaxed) }

    private static func open(
        _ path: String, engine: GraphEngine, configuration: GraphDatabase.Configuration
    ) throws -> graph_database {
        let isCutShort = try engine.capabilities.checksumsLog && LadybugLog.isCutShort(ofDatabaseAt: path)
        var handle = graph_database()
        let options = graph_engine_options(
            buffer_pool_size: configuration.bufferPoolSize,
            max_num_threads: UInt64(configuration.maxThreads),
            max_db_size: configuration.maxDatabaseSize,
            enable_compression: configuration.isCompressed,
            read_only: configuration.isReadOnly,
            refuse_damaged_log: !isCutShort)
        try GraphEngine.withErrorText { text, size in
            withUnsafePointer(to: engine.table) { table in
                graph_engine_open(table, path, options, &handle, text, size) == GRAPH_SUCCESS ? 0 : 1
            }
        } failed: { _, text in
            GraphError.cannotOpen(
                path: path,
                reason: """
                    \(engine.kind.displayName) \(engine.version) \(text.isEmpty ? "gives no reason" : "says: \(text)"). Its header and \
                    its lock are in order, so either the file or its log (\(path).wal) is damaged, or there is not enough address \
                    space for maxDatabaseSize (\(configuration.maxDatabaseSize) bytes). Restore a backup, or open it with a smaller \
                    maxDatabaseSize.
                    """)
        }
        guard configuration.isReadOnly || turnOffCheckpointOnClose(&handle, engine: engine) else {
            engine.functions.database_destroy(&handle)
            throw GraphError.cannotOpen(path: path, reason: "the engine can't be kept from a checkpoint while closing.")
        }
        return handle
    }

    /// A checkpoint while closing would be one without the copy that makes it safe (H4).
    private static func turnOffCheckpointOnClose(_ database: inout graph_database, engine: GraphEngine) -> Bool {
        var connection = graph_connection()
        guard engine.functions.connection_init(&database, &connection) == GRAPH_SUCCESS else { return false }
        defer { engine.functions.connection_destroy(&connection) }
        var result = graph_query_result()
        let state = engine.functions.connection_query(&connection, "CALL force_checkpoint_on_close=false", &result)
        if result.pointer != nil { engine.functions.query_result_destroy(&result) }
        return state == GRAPH_SUCCESS
    }
}
