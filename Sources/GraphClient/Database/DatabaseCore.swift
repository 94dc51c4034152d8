import CGraphEngine
import Failpoints
import Foundation
import Synchronization

/// The open database. Every connection holds a reference, so it is destroyed after the last of them, and once (H8).
final class DatabaseCore: Sendable {
    let engine: GraphEngine
    let path: String
    let configuration: GraphDatabase.Configuration
    let gate = GateKeeper()
    /// Odd while a statement that may change tables runs, or the end of its transaction; even between them. Connections
    /// forget what they know of the tables when it is another one.
    let schemaVersion = Atomic<Int>(0)

    fileprivate struct State: ~Copyable {
        var handle: graph_database?
        var lock: DatabaseLock?
        var sessions = 0
        var isClosing = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let writeRefusal = Mutex<String?>(nil)
    /// Whether changes of properties have been rolled back since the last checkpoint.
    private let hasRolledBackUpdates = Atomic<Bool>(false)

    init(path: String, engine: GraphEngine, configuration: GraphDatabase.Configuration) throws {
        let configuration = try configuration.checked(path: path)
        // Two names of one file must meet at one lock.
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        try DatabaseFile.checkPath(path, engine: engine, isReadOnly: configuration.isReadOnly)
        let lock = try DatabaseLock(forDatabaseAt: path, shared: configuration.isReadOnly)
        try DatabaseLock.refuseForeignHolder(ofDatabaseAt: path, shared: configuration.isReadOnly)
        let copy = CheckpointCopy(ofDatabaseAt: path)
        let isRestored = try configuration.isReadOnly ? false : copy.restoreIfPresent()
        // Before anything is taken from the database that another engine may have made.
        try DatabaseFile.checkHeader(path, engine: engine)
        if isRestored { Failpoint.restoreCopied.pass() } else { try LogSeal(ofDatabaseAt: path).check() }
        let isCutShort = try engine.capabilities.checksumsLog && LadybugLog.isCutShort(ofDatabaseAt: path)
        let handle = try Self.open(
            path, engine: engine, configuration: configuration, refusesDamagedLog: !isCutShort)
        self.engine = engine
        self.path = path
        self.configuration = configuration
        state = Mutex(State(handle: handle, lock: lock))
        if !configuration.isReadOnly { try turnOffCheckpointOnClose() }
        if isRestored {
            Failpoint.restoreOpened.pass()
            try copy.delete()
        }
    }

    deinit {
        destroy()
    }

    private static func open(
        _ path: String, engine: GraphEngine, configuration: GraphDatabase.Configuration, refusesDamagedLog: Bool
    ) throws -> graph_database {
        var handle = graph_database()
        let options = graph_engine_options(
            buffer_pool_size: configuration.bufferPoolSize,
            max_num_threads: UInt64(configuration.maxThreads),
            max_db_size: configuration.maxDatabaseSize,
            enable_compression: configuration.isCompressed,
            read_only: configuration.isReadOnly,
            refuse_damaged_log: refusesDamagedLog)
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
        return handle
    }

    /// A checkpoint while closing would be one without the copy that makes it safe (H4).
    private func turnOffCheckpointOnClose() throws {
        let connection = try GraphConnection(database: self)
        try connection.executeUnchecked("CALL force_checkpoint_on_close=false")
    }

    /// Throws where writes are refused: always in a read-only database, and after a failure that would lose them.
    func checkWritable(_ statement: String) throws {
        let reason = configuration.isReadOnly ? "The database was opened read-only." : writeRefusal.withLock { $0 }
        if let reason { throw GraphError.statementRefused(statement: statement, reason: reason) }
    }

    // MARK: - Rolled-back updates

    /// After the rollback of a changed property, Kùzu keeps a pointer to what it has freed, and follows it at the next
    /// change in the same vector of rows: "Write-write conflict" for good, or worse (H17). A checkpoint makes the rows anew.
    var needsCheckpoint: Bool { hasRolledBackUpdates.load(ordering: .acquiring) }

    func updatesWereRolledBack() {
        guard engine.capabilities.keepsRolledBackUpdates else { return }
        hasRolledBackUpdates.store(true, ordering: .releasing)
    }

    func wasCheckpointed() {
        hasRolledBackUpdates.store(false, ordering: .releasing)
    }

    func refuseWrites(_ reason: String) {
        writeRefusal.withLock { $0 = reason }
    }

    /// Runs what may change tables; the caller has the writer's place.
    func changingSchema<T: ~Copyable>(_ body: () throws -> T) rethrows -> T {
        schemaVersion.wrappingAdd(1, ordering: .sequentiallyConsistent)
        defer { schemaVersion.wrappingAdd(1, ordering: .sequentiallyConsistent) }
        return try body()
    }

    /// Whether a statement saw the tables of `version`, when that was the version before the statement or its transaction.
    func isSchemaUnchanged(since version: Int) -> Bool {
        version.isMultiple(of: 2) && schemaVersion.load(ordering: .acquiring) == version
    }

    // MARK: - Connections

    func connect() throws -> graph_connection {
        try state.withLock { state in
            guard var handle = state.handle else { throw GraphError.closed("The graph database \(path)") }
            var connection = graph_connection()
            guard engine.functions.connection_init(&handle, &connection) == GRAPH_SUCCESS else {
                throw GraphError.cannotOpen(path: path, reason: "the engine can't make another connection.")
            }
            return connection
        }
    }

    /// Destroys a connection and, before it, what belongs to it. After their database, where LadybugDB crashes if a transaction is
    /// open, their memory is given up (H8).
    func disconnect(_ connection: graph_connection, _ statements: StatementCache) {
        state.withLock { state in
            guard state.handle != nil else { return }
            statements.removeAll()
            // The engine's functions take a pointer that they may write to, and write only to what the handle points at.
            var connection = connection
            engine.functions.connection_destroy(&connection)
        }
    }

    /// Counts a session, which `close` will wait for.
    func sessionBegan() throws {
        try state.withLock { state in
            guard !state.isClosing else { throw GraphError.closed("The graph database \(path)") }
            state.sessions += 1
        }
    }

    func sessionEnded() {
        let closers = state.withLock { state in
            state.sessions -= 1
            return state.takeClosersIfDone()
        }
        for closer in closers { closer.resume() }
    }

    // MARK: - Closing

    /// Refuses new sessions and waits for those that are open.
    func waitForSessions() async {
        await withCheckedContinuation { continuation in
            let closers = state.withLock { state in
                state.isClosing = true
                state.closers.append(continuation)
                return state.takeClosersIfDone()
            }
            for closer in closers { closer.resume() }
        }
    }

    /// Destroys the database, once; blocks for as long as the engine needs to stop its threads.
    func destroy() {
        state.withLock { state in
            guard var handle = state.handle.take() else { return }
            engine.functions.database_destroy(&handle)
            if !configuration.isReadOnly { LogSeal(ofDatabaseAt: path).write() }
            state.lock = nil
        }
    }
}

extension DatabaseCore.State {
    fileprivate mutating func takeClosersIfDone() -> [CheckedContinuation<Void, Never>] {
        guard isClosing, sessions == 0 else { return [] }
        defer { closers = [] }
        return closers
    }
}
