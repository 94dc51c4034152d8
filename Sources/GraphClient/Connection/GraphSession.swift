import Threads

/// A connection on a thread of its own: the asynchronous face of ``GraphConnection``.
///
/// Each call goes to the session's thread and back, which costs some tens of microseconds; several statements in one
/// ``run(_:)`` or ``transaction(_:_:)`` pay for it once. Calls are served in turn. Cancelling the task stops the statement that runs.
public actor GraphSession {
    private nonisolated let executor = ThreadExecutor(name: "trivet-graph")
    /// The session's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let database: DatabaseCore
    private var connection: GraphConnection?

    init(database: DatabaseCore) {
        self.database = database
    }

    deinit {
        executor.retire()
    }

    func open() throws {
        try database.sessionBegan()
        do {
            connection = try GraphConnection(database: database)
        } catch {
            database.sessionEnded()
            throw error
        }
    }

    /// Frees the connection. Closing again does nothing; other calls then throw ``GraphError/closed(_:)``.
    package func close() {
        guard connection != nil else { return }
        connection = nil
        database.sessionEnded()
    }

    /// Runs `body` on the session's thread, where statements cost no thread hop.
    ///
    /// `body` may block; it is no place for other waiting, since its thread waits along.
    @discardableResult
    public func run<T: Sendable>(_ body: @Sendable (GraphConnection) throws -> T) async throws -> T {
        guard let connection else { throw GraphError.closed("The session") }
        let interrupter = connection.interrupter
        let call = interrupter.beginCall()
        // The closure captures `self`, and has to: one that doesn't is not isolated to this actor, and would block a thread of Swift's pool.
        return try await withTaskCancellationHandler {
            try self.perform(call, on: connection, body)
        } onCancel: {
            interrupter.cancel(call)
        }
    }

    private func perform<T>(
        _ call: UInt64, on connection: GraphConnection, _ body: (GraphConnection) throws -> T
    ) throws -> T {
        defer { connection.interrupter.endCall() }
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
