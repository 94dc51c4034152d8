import CGraphEngine

extension GraphConnection {
    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws or its task is cancelled.
    ///
    /// After a failed statement the engine has dropped the whole transaction without a word and would commit the next statement by itself
    /// (H1). So the first failure ends the transaction here too, and what follows in `body` throws
    /// ``GraphError/transactionAborted(cause:)``, even if it caught the failure.
    /// - Throws: what `body` throws; ``GraphError/busy(wanted:waited:holders:)``; ``GraphError/commitInDoubt(message:)``;
    ///   ``GraphError/misuse(_:)`` inside of another transaction.
    @discardableResult
    public func transaction<T>(_ mode: GraphTransactionMode = .readWrite, _ body: () throws -> T) throws -> T {
        try beginTransaction(mode)
        do {
            let result = try body()
            try Task.checkCancellation()
            try commitTransaction()
            return result
        } catch {
            rollbackTransaction(cause: "the transaction's scope ended with an error")
            throw error
        }
    }

    /// Opens a transaction that ends with ``commitTransaction()`` or ``rollbackTransaction(cause:)``: for callers whose transaction is no scope of the source.
    package func beginTransaction(_ mode: GraphTransactionMode) throws {
        guard openTransaction == nil else {
            throw GraphError.misuse(
                "A transaction is already open on this connection; the engine can't nest them. Run the statements in the open one."
            )
        }
        if mode == .readWrite { try database.checkWritable("BEGIN TRANSACTION") }
        let pass = try enterGate(
            mode.gateMode, purpose: mode == .readOnly ? "a read transaction" : "a write transaction")
        let version = database.schemaVersion.load(ordering: .acquiring)
        do {
            try begin(mode)
        } catch {
            leaveGate(pass)
            throw error
        }
        openTransaction = OpenTransaction(mode: mode, pass: pass, schemaVersion: version)
    }

    /// Commits the open transaction, or throws what ended it before.
    package func commitTransaction() throws {
        guard let open = openTransaction else { throw GraphError.misuse("No transaction is open.") }
        if let cause = open.abortCause { throw GraphError.transactionAborted(cause: cause) }
        try commit(open)
    }

    /// Rolls the open transaction back. Does nothing where none is open.
    package func rollbackTransaction(cause: String) {
        abort(cause: cause)
        if let open = openTransaction { leaveGate(open.pass) }
        openTransaction = nil
    }

    /// Whether a transaction is open in which statements still run.
    package var isInTransaction: Bool { openTransaction.map { $0.abortCause == nil } ?? false }

    private func begin(_ mode: GraphTransactionMode) throws {
        do {
            try control(mode == .readOnly ? "BEGIN TRANSACTION READ ONLY" : "BEGIN TRANSACTION")
        } catch {
            // The next statement on this connection, even ROLLBACK, can crash the process (H2).
            try reconnect()
            throw error
        }
    }

    private func commit(_ open: OpenTransaction) throws {
        // Whatever comes of it, there is nothing left to roll back.
        defer {
            openTransaction = nil
            leaveGate(open.pass)
        }
        do {
            try end(with: "COMMIT")
        } catch GraphError.statementFailed(_, let message) {
            if Self.isCommitted(despite: message) { return }
            try? reconnect()
            throw GraphError.commitInDoubt(message: message)
        }
    }

    /// The transaction is durable all the same; only the checkpoint after it did not happen (H3).
    static func isCommitted(despite message: String) -> Bool {
        message.contains("Timeout waiting for active transactions to leave the system before checkpointing")
    }

    /// Ends the transaction now, so that its locks don't outlive the error. Does nothing where none is open.
    func abort(cause: String) {
        guard openTransaction != nil, openTransaction?.abortCause == nil else { return }
        openTransaction?.abortCause = cause
        // After most errors there is nothing left to roll back, and the engine says so; after the others there is.
        try? end(with: "ROLLBACK")
        if openTransaction?.updatesRows == true { database.updatesWereRolledBack() }
    }

    /// COMMIT shows other connections what the transaction did to the tables; ROLLBACK takes it back from this one.
    private func end(with cypher: String) throws {
        guard openTransaction?.changesSchema == true else { return try control(cypher) }
        try database.changingSchema { try control(cypher) }
    }
}
