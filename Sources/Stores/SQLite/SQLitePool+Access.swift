public import GRDB
import Pooling

extension SQLitePool {
    /// Reads in one transaction: all statements of `body` see the same snapshot, whatever is written meanwhile.
    ///
    /// Cancelling the task stops the statement that runs. `body` may block; it is no place for other waiting, since its thread waits along.
    /// - Parameters:
    ///   - timeout: the longest wait for a reader; nil for the configuration's.
    ///   - file: where the reader is acquired, for the errors of others.
    /// - Throws: what `body` throws; `CancellationError`; ``PoolError`` if no reader can be had; GRDB's `DatabaseError`.
    public func read<Value: Sendable>(
        timeout: Duration? = nil, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await pools.readers.observed("sqlite", "read", timeout: timeout, file: file, line: line) { session in
            let value = try await session.read(body)
            try session.checkScopeEnd()
            return value
        }
    }

    /// Writes in one transaction: committed when `body` returns, rolled back when it throws or its task is cancelled.
    ///
    /// Writers go one after the other, first come first served. The write lock is taken at the beginning (`BEGIN IMMEDIATE`). A COMMIT that has
    /// begun is not interrupted, so `CancellationError` means that nothing was written.
    /// - Parameters:
    ///   - timeout: the longest wait for the writer; nil for the configuration's.
    ///   - file: where the writer is acquired, for the errors of others.
    /// - Throws: what `body` throws; `CancellationError`; ``PoolError`` if the writer can't be had; ``SQLiteStoreError`` if another
    ///   process holds the write lock for longer than the busy timeout; GRDB's `DatabaseError`.
    @discardableResult
    public func write<Value: Sendable>(
        timeout: Duration? = nil, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await writers.observed("sqlite", "write", timeout: timeout, file: file, line: line) { session in
            let value = try await session.write(body)
            try session.checkScopeEnd()
            return value
        }
    }

    /// Lends a reader for several steps. Between them the database may change; within one ``SQLiteSession/read(_:)`` it does not.
    ///
    /// - Throws: what `body` throws; ``PoolError``; `CancellationError`; ``SQLiteStoreError`` if `body` leaves a transaction open.
    public func withReader<Value>(
        timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID,
        line: UInt = #line, _ body: (SQLiteSession) async throws -> sending Value
    ) async throws -> sending Value {
        try await pools.readers.lend(
            "sqlite", timeout: timeout, isolation: isolation, file: file, line: line
        ) { session in
            let value = try await body(session)
            try session.checkScopeEnd()
            return value
        }
    }

    /// Lends the writer for several steps, during which nobody else writes through this pool.
    ///
    /// - Throws: what `body` throws; ``PoolError``; `CancellationError`; ``SQLiteStoreError`` if `body` leaves a transaction open, or if
    ///   the database was opened for reading only.
    public func withWriter<Value>(
        timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID,
        line: UInt = #line, _ body: (SQLiteSession) async throws -> sending Value
    ) async throws -> sending Value {
        try await writers.lend("sqlite", timeout: timeout, isolation: isolation, file: file, line: line) { session in
            let value = try await body(session)
            try session.checkScopeEnd()
            return value
        }
    }

    /// Brings the database's schema up to date.
    ///
    /// Holds the writer meanwhile. Each migration is a transaction of its own, so after an error those before it stay done.
    /// - Parameter target: the last migration to run; nil for all.
    /// - Throws: what a migration throws; ``PoolError``; GRDB's `DatabaseError`.
    public func migrate(
        _ migrator: DatabaseMigrator, upTo target: String? = nil, file: StaticString = #fileID, line: UInt = #line
    ) async throws {
        try await withWriter(file: file, line: line) { session in try await session.migrate(migrator, upTo: target) }
    }

    // MARK: A reader without a scope

    /// Takes a reader, for as long as its caller likes: see `ConnectionPool.acquire`.
    package func acquireReader(
        timeout: Duration? = nil, isScoped: Bool = false, isolation: isolated (any Actor)? = #isolation,
        file: StaticString = #fileID, line: UInt = #line
    ) async throws -> PoolLease<SQLiteSession> {
        try await pools.readers.acquire(
            timeout: timeout, isScoped: isScoped, isolation: isolation, file: file, line: line)
    }

    /// Gives a reader back on which no transaction is open.
    package func releaseReader(_ lease: PoolLease<SQLiteSession>) {
        pools.readers.release(lease)
    }

    // MARK: The writer without a scope

    /// Takes the writer, for as long as its caller likes: see `ConnectionPool.acquire`.
    package func acquireWriter(
        timeout: Duration? = nil, isScoped: Bool = false, isolation: isolated (any Actor)? = #isolation,
        file: StaticString = #fileID, line: UInt = #line
    ) async throws -> PoolLease<SQLiteSession> {
        try await writers.acquire(
            timeout: timeout, isScoped: isScoped, isolation: isolation, file: file, line: line)
    }

    /// Gives the writer back that works.
    package func releaseWriter(_ lease: PoolLease<SQLiteSession>) {
        pools.writers?.release(lease)
    }

    /// Gives the writer back on which something failed, and returns the error to throw.
    package func releaseWriter(_ lease: PoolLease<SQLiteSession>, after error: any Error) -> any Error {
        pools.writers?.release(lease, after: error) ?? error
    }

    private var writers: ConnectionPool<SQLiteSession> {
        get throws(SQLiteStoreError) {
            guard let writers = pools.writers else {
                throw SQLiteStoreError(
                    .write, path: path, reason: "it was opened for reading only", remedy: "Open it without isReadOnly.")
            }
            return writers
        }
    }
}
