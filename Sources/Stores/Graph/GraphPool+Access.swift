public import GraphClient
import Pooling

extension GraphPool {
    /// Reads in one transaction: all statements of `body` see the same snapshot, whatever is written meanwhile. A statement that would write is
    /// refused.
    ///
    /// Cancelling the task stops the statement that runs. `body` may block; it is no place for other waiting, since its thread waits along.
    /// - Parameters:
    ///   - timeout: the longest wait for a reader; nil for the configuration's.
    ///   - file: where the reader is acquired, for the errors of others.
    /// - Throws: what `body` throws; `CancellationError`; ``PoolError`` if no reader can be had; `GraphError`.
    public func read<Value: Sendable>(
        timeout: Duration? = nil, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (GraphConnection) throws -> Value
    ) async throws -> Value {
        try await pools.readers.observed(system, "read", timeout: timeout, file: file, line: line) { session in
            try await session.transaction(.readOnly, body)
        }
    }

    /// The rows of a statement that reads, all of them in memory.
    ///
    /// - Parameter parameters: a value for each `$name` of the statement, and no others.
    /// - Throws: as ``read(timeout:file:line:_:)``.
    public func query(
        _ cypher: String, _ parameters: GraphParameters = [:], file: StaticString = #fileID, line: UInt = #line
    ) async throws -> GraphResult {
        // In a transaction, where the engine answers a query with parameters in half the time.
        try await read(file: file, line: line) { try $0.query(cypher, parameters) }
    }

    /// The rows of a statement that reads, as values of a `Decodable` type whose keys are the columns' names.
    ///
    /// - Throws: as ``read(timeout:file:line:_:)``; `DecodingError`.
    public func query<Row: Decodable & Sendable>(
        _ cypher: String, _ parameters: GraphParameters = [:], as type: Row.Type, file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Row] {
        try await read(file: file, line: line) { try $0.query(cypher, parameters, as: type) }
    }

    /// Writes in one transaction: committed when `body` returns, rolled back when it throws or its task is cancelled.
    ///
    /// Writers go one after the other, first come first served. After a failed statement the transaction is over, even if `body` catches the
    /// error. COMMIT is not interrupted, so `CancellationError` means that nothing was written.
    /// - Parameters:
    ///   - timeout: the longest wait for the writer; nil for the configuration's.
    ///   - file: where the writer is acquired, for the errors of others.
    /// - Throws: what `body` throws; `CancellationError`; ``PoolError`` if the writer can't be had; `GraphError`.
    @discardableResult
    public func write<Value: Sendable>(
        timeout: Duration? = nil, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (GraphConnection) throws -> Value
    ) async throws -> Value {
        try await writers.observed(system, "write", timeout: timeout, file: file, line: line) { session in
            try await session.transaction(.readWrite, body)
        }
    }

    /// Runs one statement that writes, in a transaction of its own, and returns its rows.
    ///
    /// A CREATE after a MATCH that found nothing succeeds and creates nothing: return something and look at it.
    /// - Throws: as ``write(timeout:file:line:_:)``.
    @discardableResult
    public func execute(
        _ cypher: String, _ parameters: GraphParameters = [:], file: StaticString = #fileID, line: UInt = #line
    ) async throws -> GraphResult {
        try await writers.observed(system, "execute", file: file, line: line) { session in
            try await session.query(cypher, parameters)
        }
    }

    /// Lends a reader for several steps. Between them the database may change; within one transaction it does not.
    ///
    /// - Throws: what `body` throws; ``PoolError``; `CancellationError`.
    public func withReader<Value>(
        timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID,
        line: UInt = #line, _ body: (GraphSession) async throws -> sending Value
    ) async throws -> sending Value {
        try await pools.readers.lend(
            system, timeout: timeout, isolation: isolation, file: file, line: line, body)
    }

    /// Lends the writer for several steps, during which nobody else writes through this pool.
    ///
    /// - Throws: what `body` throws; ``PoolError``; `CancellationError`; `GraphError` if the database was opened for reading only.
    public func withWriter<Value>(
        timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID,
        line: UInt = #line, _ body: (GraphSession) async throws -> sending Value
    ) async throws -> sending Value {
        try await writers.lend(
            system, timeout: timeout, isolation: isolation, file: file, line: line, body)
    }

    // MARK: Maintenance

    /// Moves the log into the database's file. See `GraphDatabase.checkpoint`.
    ///
    /// Holds the writer, waits until no transaction is open, and lets none begin until it is done.
    /// - Throws: `GraphError`, ``PoolError``, `CancellationError`.
    public func checkpoint(file: StaticString = #fileID, line: UInt = #line) async throws {
        // Not on the writer's own thread, which would be blocked while the readers finish.
        try await withWriter(file: file, line: line) { _ in try await database.checkpoint() }
    }

    /// Runs `COPY table FROM …` or `IMPORT DATABASE …` alone, and makes it durable. See `GraphDatabase.bulkLoad`.
    ///
    /// - Throws: `GraphError`, ``PoolError``, `CancellationError`.
    public func bulkLoad(_ statement: String, file: StaticString = #fileID, line: UInt = #line) async throws {
        try await withWriter(file: file, line: line) { _ in try await database.bulkLoad(statement) }
    }

    // MARK: A reader without a scope

    /// Takes a reader, for as long as its caller likes: see `ConnectionPool.acquire`.
    package func acquireReader(
        timeout: Duration? = nil, isScoped: Bool = false, isolation: isolated (any Actor)? = #isolation,
        file: StaticString = #fileID, line: UInt = #line
    ) async throws -> PoolLease<GraphSession> {
        try await pools.readers.acquire(
            timeout: timeout, isScoped: isScoped, isolation: isolation, file: file, line: line)
    }

    /// Gives a reader back on which no transaction is open.
    package func releaseReader(_ lease: PoolLease<GraphSession>) {
        pools.readers.release(lease)
    }

    // MARK: The writer without a scope

    /// Takes the writer, for as long as its caller likes: see `ConnectionPool.acquire`.
    package func acquireWriter(
        timeout: Duration? = nil, isScoped: Bool = false, isolation: isolated (any Actor)? = #isolation,
        file: StaticString = #fileID, line: UInt = #line
    ) async throws -> PoolLease<GraphSession> {
        try await writers.acquire(
            timeout: timeout, isScoped: isScoped, isolation: isolation, file: file, line: line)
    }

    /// Gives the writer back that works.
    package func releaseWriter(_ lease: PoolLease<GraphSession>) {
        pools.writers?.release(lease)
    }

    /// Gives the writer back on which something failed, and returns the error to throw.
    package func releaseWriter(_ lease: PoolLease<GraphSession>, after error: any Error) -> any Error {
        pools.writers?.release(lease, after: error) ?? error
    }

    /// What the store is, for those who observe it.
    private var system: String { database.engine.kind.rawValue }

    private var writers: ConnectionPool<GraphSession> {
        get throws(GraphError) {
            guard let writers = pools.writers else {
                throw .misuse("The graph database \(path) was opened for reading only; open it without isReadOnly.")
            }
            return writers
        }
    }
}
