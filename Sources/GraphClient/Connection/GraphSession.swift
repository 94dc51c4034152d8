import Synchronization
import Threads

/// A connection on a thread of its own: the asynchronous face of ``GraphConnection``.
///
/// Each call goes to the session's thread and back, which costs some tens of microseconds; several statements in one
/// ``run(_:)`` or ``transaction(_:_:)`` pay for it once. Calls are served in turn. Cancelling the task stops the statement that runs.
public actor GraphSession {
    private nonisolated let executor: ThreadExecutor
    /// Whether the thread is this session's alone, and ends with it.
    private nonisolated let ownsThread: Bool
    nonisolated let interrupter: Interrupter
    private nonisolated let usable = Atomic(true)
    private nonisolated let options: Options
    /// The session's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private nonisolated let database: DatabaseCore
    private var connection: GraphConnection?

    /// What a pool wants of a session.
    package struct Options: Sendable {
        /// Refuses statements that may write.
        package var isReader = false
        /// How long one statement may run; nil for what the database's configuration says.
        package var statementTimeLimit: Duration?
        /// The thread to live on; nil for one of its own.
        package var lane: ThreadExecutor?

        package init(
            isReader: Bool = false, statementTimeLimit: Duration? = nil, lane: ThreadExecutor? = nil
        ) {
            self.isReader = isReader
            self.statementTimeLimit = statementTimeLimit
            self.lane = lane
        }
    }

    init(database: DatabaseCore, options: Options) {
        self.database = database
        self.options = options
        executor = options.lane ?? ThreadExecutor(name: "trivet-graph")
        ownsThread = options.lane == nil
        interrupter = Interrupter(engine: database.engine)
    }

    deinit {
        if ownsThread { executor.retire() }
    }

    func open() throws {
        try database.sessionBegan()
        do {
            connection = try GraphConnection(database: database, interrupter: interrupter, options: options)
        } catch {
            database.sessionEnded()
            throw error
        }
    }

    /// Frees the connection and its thread. Closing again does nothing; other calls then throw ``GraphError/closed(_:)``.
    package func close() {
        guard connection != nil else { return }
        connection = nil
        usable.store(false, ordering: .releasing)
        database.sessionEnded()
        if ownsThread { executor.retire() }
    }

    /// False after closing, after a call that left a transaction open, and when the engine's connection was lost and could not be replaced.
    package nonisolated var isIntact: Bool { usable.load(ordering: .acquiring) }

    /// How often somebody has had the writer's place of the database and left it: what a transaction that began at another count may not
    /// have seen.
    package nonisolated var writes: UInt64 { database.gate.writes }

    /// Ends the call in progress, and every later one, with a `CancellationError`.
    package nonisolated func revoke() {
        interrupter.revoke()
    }

    /// The connection itself, for whoever is on the session's thread.
    ///
    /// It bypasses what this session knows: the caller leaves no transaction open when it gives the session back.
    package func core() throws -> GraphConnection {
        guard let connection else { throw GraphError.closed("The session") }
        return connection
    }

    /// Runs `body` on the session's thread, where statements cost no thread hop.
    ///
    /// `body` may block; it is no place for other waiting, since its thread waits along.
    @discardableResult
    public func run<T: Sendable>(_ body: @Sendable (GraphConnection) throws -> T) async throws -> T {
        let connection = try core()
        let call = interrupter.beginCall()
        // The closure captures `self`, and has to: one that doesn't is not isolated to this actor, and would block a thread of Swift's pool.
        return try await withTaskCancellationHandler {
            try self.perform(call, on: connection, body)
        } onCancel: {
            interrupter.cancel(call)
        }
    }

    /// Runs `body` on the session's thread, after what waits there already, and waits for nothing; with an error where
    /// the session can't be used.
    ///
    /// - Parameter then: called on that thread after it, when ``isIntact`` tells what `body` has left.
    package nonisolated func enqueue(
        _ body: @escaping @Sendable (Result<GraphConnection, any Error>) -> Void,
        then: @escaping @Sendable () -> Void = {}
    ) {
        executor.perform {
            self.assumeIsolated { session in
                do {
                    let connection = try session.core()
                    try session.perform(session.interrupter.beginCall(), on: connection) { body(.success($0)) }
                } catch {
                    body(.failure(error))
                }
            }
            then()
        }
    }

    private func perform<T>(
        _ call: UInt64, on connection: GraphConnection, _ body: (GraphConnection) throws -> T
    ) throws -> T {
        defer {
            interrupter.endCall()
            usable.store(!connection.isBroken && connection.openTransaction == nil, ordering: .releasing)
        }
        try Task.checkCancellation()
        return try body(connection)
    }

    /// The rows of a statement. See ``GraphConnection/query(_:_:)``.
    public func query(_ cypher: String, _ parameters: GraphParameters = [:]) async throws -> GraphResult {
        try await run { try $0.query(cypher, parameters) }
    }

    /// The rows of a statement as values of a `Decodable` type.
    public func query<Row: Decodable & Sendable>(
        _ cypher: String, _ parameters: GraphParameters = [:], as type: Row.Type
    ) async throws -> [Row] {
        try await run { try $0.query(cypher, parameters, as: type) }
    }

    /// Runs a statement whose rows don't matter.
    public func execute(_ cypher: String, _ parameters: GraphParameters = [:]) async throws {
        try await run { try $0.execute(cypher, parameters) }
    }

    /// Runs `body` in a transaction. See ``GraphConnection/transaction(_:_:)``.
    @discardableResult
    public func transaction<T: Sendable>(
        _ mode: GraphTransactionMode = .readWrite, _ body: @Sendable (GraphConnection) throws -> T
    ) async throws -> T {
        try await run { connection in try connection.transaction(mode) { try body(connection) } }
    }
}
