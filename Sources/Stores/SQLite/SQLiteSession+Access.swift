public import GRDB

extension SQLiteSession {
    enum Access {
        /// In a transaction that only reads.
        case read
        /// In a transaction that holds the write lock from its beginning.
        case write
        /// The transactions are the caller's.
        case bare
        /// The same for a caller who looks at the schema itself.
        case step
        /// As `write`, and rolled back.
        case writeProbe
    }

    /// Reads in one transaction: all statements of `body` see the same snapshot.
    ///
    /// In a transaction that ``run(_:)`` left open, it reads there.
    /// - Throws: what `body` throws; `CancellationError` if the task was cancelled; GRDB's `DatabaseError`.
    public func read<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
        try await call(.read, body)
    }

    /// Writes in one transaction: committed when `body` returns, rolled back when it throws or its task is cancelled.
    ///
    /// The write lock is taken at the beginning (`BEGIN IMMEDIATE`), so no statement in `body` fails because someone else wrote meanwhile.
    /// Once COMMIT has begun it is not interrupted, so `CancellationError` means that nothing was written.
    /// - Throws: what `body` throws; `CancellationError`; ``SQLiteStoreError`` if the write lock can't be had within the busy timeout, or
    ///   if the session only reads; GRDB's `DatabaseError`.
    @discardableResult
    public func write<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
        try await call(.write, body)
    }

    /// Runs `body` without a transaction around it: for pragmas, and for transactions that take several calls.
    ///
    /// A transaction left open at the end of the session's scope is rolled back, and the scope throws.
    @discardableResult
    public func run<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
        try await call(.bare, body)
    }

    func run<Value>(_ access: Access, on database: Database, _ body: (Database) throws -> Value) throws -> Value {
        switch access {
        case .bare: try interruptibly(database, body)
        case .step: try interruptiblyAsIs(database, body)
        case .read: try read(database, body)
        case .write: try write(database, completion: .commit, body)
        case .writeProbe: try write(database, completion: .rollback, body)
        }
    }

    private func read<Value>(_ database: Database, _ body: (Database) throws -> Value) throws -> Value {
        try database.readOnly {
            guard !database.isInsideTransaction else { return try interruptibly(database, body) }
            return try inTransaction(database, .deferred) {
                try noticeSchemaChange(database)
                return try interruptibly(database, body)
            }
        }
    }

    private func write<Value>(
        _ database: Database, completion: Database.TransactionCompletion, _ body: (Database) throws -> Value
    ) throws -> Value {
        guard role == .writer else {
            throw SQLiteStoreError(
                .write, path: path, reason: "this connection only reads", remedy: "Use write or withWriter.")
        }
        guard !database.isInsideTransaction else {
            throw SQLiteStoreError(
                .beginWrite, path: path, reason: "this session has a transaction open already",
                remedy: "Run the statements in that one, with run.")
        }
        var hasBegun = false
        do {
            return try inTransaction(database, .immediate, completion: completion) {
                hasBegun = true
                try noticeSchemaChange(database)
                let value = try interruptibly(database, body)
                // No interrupt comes any more: from here on the transaction commits, unless it was cancelled before.
                try checkCause()
                return value
            }
        } catch let error as DatabaseError where !hasBegun && error.resultCode == .SQLITE_BUSY {
            if interrupter.cause == .cancelled { throw CancellationError() }
            throw SQLiteStoreError(
                .beginWrite, path: path,
                reason: "another connection or process has held the write lock for longer than the busy timeout",
                remedy: "End its transaction there, or raise busyTimeout.", underlying: error)
        }
    }

    private func inTransaction<Value>(
        _ database: Database, _ kind: Database.TransactionKind, completion: Database.TransactionCompletion = .commit,
        _ body: () throws -> Value
    ) throws -> Value {
        var outcome: Value?
        try database.inTransaction(kind) {
            outcome = try body()
            return completion
        }
        // GRDB throws where `body` did not return.
        guard let outcome else { preconditionFailure("a transaction without an outcome") }
        return outcome
    }

    // MARK: For views over several calls

    /// Runs `body`, which sees to the transaction and to the schema itself.
    package func step<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
        try await call(.step, body)
    }

    /// Begins a transaction that only reads, and fixes what it sees, within a ``step(_:)`` or what is enqueued.
    ///
    /// - Returns: ``commits`` at the moment that it sees; nil if that is not known.
    @discardableResult
    package nonisolated func beginReading(_ database: Database) throws -> UInt32? {
        let before = commits
        try database.cachedStatement(sql: "BEGIN DEFERRED").execute()
        try noticeSchemaChange(database)
        guard let before else {
            commitCounter.find(database)
            return nil
        }
        return commits == before ? before : nil
    }

    /// Ends what ``beginReading(_:)`` has begun.
    package nonisolated func endReading(_ database: Database) throws {
        if database.isInsideTransaction { try database.cachedStatement(sql: "ROLLBACK").execute() }
    }

    // MARK: For the pool

    /// Not interrupted: each migration is a transaction of the migrator's.
    func migrate(_ migrator: DatabaseMigrator, upTo target: String?) throws {
        try Task.checkCancellation()
        let queue = try core()
        if let target {
            try migrator.migrate(queue, upTo: target)
        } else {
            try migrator.migrate(queue)
        }
    }

    /// Asks the connection for the least that shows that it reads the file that it was opened on.
    func probe(_ file: SQLiteFile) async throws {
        try await call(.read) { database in
            try file.check()
            _ = try Row.fetchOne(database, sql: "SELECT 1 FROM sqlite_master LIMIT 1")
        }
    }

    /// Also asks for the write lock.
    func probeWriting(_ file: SQLiteFile) async throws {
        try file.check()
        try await call(.writeProbe) { _ in }
    }

    /// - Throws: if the scope that ends here left a transaction open.
    nonisolated func checkScopeEnd() throws {
        guard isInsideTransaction else { return }
        throw SQLiteStoreError(
            .use, path: path, reason: "a transaction was left open at the end of its scope, and is rolled back",
            remedy: "Commit it before the scope ends.")
    }
}
