package import GRDB
public import Pooling
import Synchronization
import Threads

/// A connection to a SQLite database on a thread of its own, lent by a ``SQLitePool``.
///
/// Each call goes to the session's thread and back, which costs some tens of microseconds; several statements in one call pay for it
/// once. Calls are served in turn. Cancelling the task stops the statement that runs, if the session reads; if it writes, the whole
/// transaction is rolled back.
public actor SQLiteSession: PoolableConnection {
    nonisolated let role: Role
    nonisolated let path: String
    nonisolated let interrupter = SQLiteInterrupter()
    private nonisolated let executor: ThreadExecutor
    /// Whether the thread is this session's alone, and ends with it.
    private nonisolated let ownsThread: Bool
    /// Whether a call left a transaction open, or the session is closed.
    private nonisolated let state = Atomic<State>(.ready)
    private nonisolated let callCount = Atomic<Int>(0)

    private var queue: DatabaseQueue?
    private nonisolated let schemaVersion = Mutex<Int32?>(nil)
    nonisolated let commitCounter = CommitCounter()

    enum Role {
        case reader, writer
    }

    enum State: UInt8, AtomicRepresentable {
        case ready, insideTransaction, closed
    }

    /// The session's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// False after a call that left a transaction open, and after closing.
    public nonisolated var isUsable: Bool { state.load(ordering: .acquiring) == .ready }

    nonisolated var isInsideTransaction: Bool { state.load(ordering: .acquiring) == .insideTransaction }

    /// - Parameter lane: the thread to live on; nil for one of its own.
    init(role: Role, path: String, lane: ThreadExecutor? = nil) {
        self.role = role
        self.path = path
        executor = lane ?? ThreadExecutor(name: "trivet-sqlite")
        ownsThread = lane == nil
    }

    deinit {
        if ownsThread { executor.retire() }
    }

    // MARK: Life

    /// - Throws: ``SQLiteStoreError``.
    func open(_ options: SQLiteConnectionOptions) throws {
        do {
            queue = try options.connect(role, at: path, interrupter: interrupter)
        } catch let error as DatabaseError {
            throw SQLiteStoreError(path: path, error)
        }
    }

    /// Rolls back what is open and frees the connection and its thread. Closing again does nothing.
    func close() {
        commitCounter.forget()
        // A statement that someone kept makes this fail; then the connection is freed with the statement.
        try? queue?.close()
        queue = nil
        state.store(.closed, ordering: .releasing)
        if ownsThread { executor.retire() }
    }

    /// How many calls there were so far: whoever uses ``core()`` learns whether somebody else has used the connection.
    package nonisolated var calls: Int { callCount.load(ordering: .acquiring) }

    /// How often anybody has committed to the database, modulo 2³²; nil if that is not known, as before the first
    /// ``beginReading(_:)``.
    package nonisolated var commits: UInt32? { commitCounter.count }

    /// The connection itself, for whoever is on the session's thread.
    ///
    /// It bypasses what this session knows: the caller leaves no transaction open when it gives the session back.
    package func core() throws -> DatabaseQueue {
        guard let queue else { throw closedError }
        return queue
    }

    private var closedError: SQLiteStoreError {
        SQLiteStoreError(.use, path: path, reason: "it is closed", remedy: "Use it within its scope only.")
    }

    // MARK: Calls

    func call<Value: Sendable>(
        _ access: Access, _ body: @Sendable (Database) throws -> Value
    ) async throws -> Value {
        let call = interrupter.beginCall()
        // The closure captures `self`, and has to: one that doesn't is not isolated to this actor, and would block a thread of Swift's pool.
        return try await withTaskCancellationHandler {
            try self.perform(access, body)
        } onCancel: {
            interrupter.cancel(call)
        }
    }

    /// Runs `body` on the session's thread, after what waits there already, and waits for nothing; with an error where
    /// the session can't be used.
    ///
    /// - Parameter then: called on that thread after it, when ``isUsable`` tells what `body` has left.
    package nonisolated func enqueue(
        _ body: @escaping @Sendable (Result<Database, any Error>) -> Void, then: @escaping @Sendable () -> Void = {}
    ) {
        executor.perform {
            self.assumeIsolated { session in
                _ = session.interrupter.beginCall()
                do { try session.perform(.step) { body(.success($0)) } } catch { body(.failure(error)) }
            }
            then()
        }
    }

    private func perform<Value>(_ access: Access, _ body: (Database) throws -> Value) throws -> Value {
        defer { interrupter.endCall() }
        callCount.wrappingAdd(1, ordering: .releasing)
        let queue = try core()
        do {
            try checkCause()
            return try queue.inDatabase { database in
                defer { state.store(database.isInsideTransaction ? .insideTransaction : .ready, ordering: .releasing) }
                return try self.run(access, on: database, body)
            }
        } catch let error as DatabaseError where Self.mayBeInterruption(error) && interrupter.cause == .cancelled {
            throw CancellationError()
        }
    }

    /// - Throws: if the call in progress is to end.
    func checkCause() throws {
        try Task.checkCancellation()
        switch interrupter.cause {
        case nil: return
        case .cancelled: throw CancellationError()
        case .revoked:
            throw SQLiteStoreError(
                .use, path: path, reason: "its pool's shutdown reached its deadline",
                remedy: "Allow more time for draining, or end work before the pool is shut down.")
        }
    }

    /// An interrupted statement, one after it in the same transaction, or one that stopped waiting for a lock.
    private static func mayBeInterruption(_ error: DatabaseError) -> Bool {
        switch error.resultCode {
        case .SQLITE_INTERRUPT, .SQLITE_ABORT, .SQLITE_BUSY: true
        default: false
        }
    }

    /// Runs the user's statements, which may be interrupted.
    func interruptibly<Value>(_ database: Database, _ body: (Database) throws -> Value) throws -> Value {
        // Here and not in GRDB, which does this for the readers of its own pool only.
        if !database.isInsideTransaction { try noticeSchemaChange(database) }
        return try interruptiblyAsIs(database, body)
    }

    func interruptiblyAsIs<Value>(_ database: Database, _ body: (Database) throws -> Value) throws -> Value {
        interrupter.permit(try core())
        defer { interrupter.forbid() }
        return try body(database)
    }

    /// Lets GRDB forget what it knows of tables that another connection has changed since. As the first statement of a transaction, this fixes
    /// its snapshot.
    nonisolated func noticeSchemaChange(_ database: Database) throws {
        let version = try database.schemaVersion()
        let isKnown = schemaVersion.withLock { known in
            defer { known = version }
            return known == version
        }
        if !isKnown { database.clearSchemaCache() }
    }
}
