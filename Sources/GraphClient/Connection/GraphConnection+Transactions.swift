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
        guard openTransaction == nil else {
            throw GraphError.misuse(
                "A transaction is already open on this connection; the engine can't nest them. Run the statements in the open one."
            )
        }
        if mode == .readWrite { try database.checkWritable("BEGIN TRANSACTION") }
        let pass = try enterGate(
            mode.gateMode, purpose: mode == .readOnly ? "a read transaction" : "a write transaction")
        defer { leaveGate(pass) }
        try begin(mode)
        defer { openTransaction = nil }
        do {
            let result = try body()
            try Task.checkCancellation()
            if let cause = openTransaction?.abortCause { throw GraphError.transactionAborted(cause: cause) }
            try commit()
            return result
        } catch {
            abort(cause: "the transaction's scope ended with an error")
            throw error
        }
    }

    private func begin(_ mode: GraphTransactionMode) throws {
        do {
            try executeUnchecked(mode == .readOnly ? "BEGIN TRANSACTION READ ONLY" : "BEGIN TRANSACTION")
        } catch {
            // The next statement on this connection, even ROLLBACK, can crash the process (H2).
            try reconnect()
            throw error
        }
        openTransaction = OpenTransaction(mode: mode)
    }

    private func commit() throws {
        // Whatever comes of it, there is nothing left to roll back.
        defer { openTransaction = nil }
        do {
            try executeUnchecked("COMMIT")
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
        try? executeUnchecked("ROLLBACK")
    }
}
