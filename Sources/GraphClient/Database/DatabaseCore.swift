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
        var lock: DatabaseLock?
        var sessions = 0
        var isClosing = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let store: EngineDatabase
    private let state: Mutex<State>
    private let writeRefusal = Mutex<String?>(nil)
    /// Whether changes of properties have been rolled back since the last checkpoint.
    private let hasRolledBackUpdates = Atomic<Bool>(false)
    private let hasNeededRefresh = Atomic<Bool>(false)
    /// The log's length when a checkpoint was undone, if none was made since.
    private let undoneLogSize = Atomic<Int>(0)

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
        if isRestored {
            Failpoint.restoreCopied.pass()
        } else {
            try LogSeal(ofDatabaseAt: path).check(isReadOnly: configuration.isReadOnly)
        }
        store = try EngineDatabase(path: path, engine: engine, configuration: configuration)
        self.engine = engine
        self.path = path
        self.configuration = configuration
        state = Mutex(State(lock: lock))
        if isRestored {
            Failpoint.restoreOpened.pass()
            try copy.delete()
        }
    }

    deinit {
        destroy()
    }

    /// Throws where writes are refused: always in a read-only database, and after a failure that would lose them.
    func checkWritable(_ statement: String) throws {
        let reason = configuration.isReadOnly ? "The database was opened read-only." : writeRefusal.withLock { $0 }
        if let reason { throw GraphError.statementRefused(statement: statement, reason: reason) }
    }

    // MARK: - Rolled-back updates

    /// After the rollback of a changed property, Kùzu keeps a pointer to what it has freed, and follows it at the next
    /// change in the same vector of rows: "Write-write conflict" for good, or worse (H17). Opened again, it reads the rows anew.
    var needsCheckpoint: Bool { hasRolledBackUpdates.load(ordering: .acquiring) }

    func updatesWereRolledBack() {
        guard engine.capabilities.keepsRolledBackUpdates else { return }
        hasRolledBackUpdates.store(true, ordering: .releasing)
    }

    // MARK: - Checkpoints

    /// Whether a checkpoint has done the damage that making relationships anew before it prevents.
    var needsRefresh: Bool { hasNeededRefresh.load(ordering: .relaxed) }

    /// The log's length in bytes: what has been written since the last checkpoint.
    var logSize: Int { Self.size(of: path + ".wal") }

    /// Whether reading the log back takes longer than a checkpoint, which copies the file and reads it twice: both take some
    /// hundredths of a second for a megabyte. Not soon again where a checkpoint was undone.
    var isLogLong: Bool {
        logSize > max(4 << 20, Self.size(of: path), 2 * undoneLogSize.load(ordering: .relaxed))
    }

    private static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    func checkpointWasMade() { undoneLogSize.store(0, ordering: .relaxed) }

    func checkpointWasUndone() { undoneLogSize.store(logSize, ordering: .relaxed) }

    func refreshWasNeeded() { hasNeededRefresh.store(true, ordering: .relaxed) }

    func refuseWrites(_ reason: String) {
        writeRefusal.withLock { $0 = reason }
    }

    /// See ``EngineDatabase/writingHasFailed()``.
    func writingHasFailed() { store.writingHasFailed() }

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

    /// Waits while the database is being opened again.
    func connect() throws -> EngineConnection { try store.connect() }

    func disconnect(_ connection: EngineConnection) { store.disconnect(connection) }

    /// See ``EngineDatabase/makeUnknownConnection()``.
    func makeUnknownConnection() throws -> graph_connection { try store.makeUnknownConnection() }

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

    /// Closes the engine's database and opens it again, which reads its log back; the caller is alone at the gate. Sessions live on, and
    /// their connections come back when they next pass the gate. The lock on the file stays held.
    ///
    /// - Parameter meanwhile: done while no file is open.
    /// - Throws: why it does not open. It stays closed then, and every call says so.
    func reopen(meanwhile: () throws -> Void = {}) throws {
        try store.reopen(meanwhile: meanwhile)
        hasRolledBackUpdates.store(false, ordering: .releasing)
    }

    /// Destroys the database, once; blocks for as long as the engine needs to stop its threads.
    func destroy() {
        state.withLock { state in
            if store.destroy(), !configuration.isReadOnly { LogSeal(ofDatabaseAt: path).write() }
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
