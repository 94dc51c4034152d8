import CGraphEngine

extension GraphConnection {
    // MARK: - Places

    /// Runs `body` where the statement may run: in the open transaction, or with a place of its own.
    func withPlace<T: ~Copyable>(for statement: StatementText, _ body: () throws -> T) throws -> T {
        let mode: AccessGate.Mode
        switch statement.kind {
        case .refused(let reason):
            throw GraphError.statementRefused(statement: statement.text, reason: reason)
        case .bulkLoad:
            throw GraphError.statementRefused(
                statement: statement.text,
                reason: "COPY and IMPORT write outside of the engine's log; use GraphDatabase.bulkLoad(_:).")
        case .read: mode = .read
        case .write: mode = .write
        }
        if let openTransaction {
            if let cause = openTransaction.abortCause { throw GraphError.transactionAborted(cause: cause) }
            guard mode == .read || openTransaction.mode == .readWrite else {
                throw GraphError.statementRefused(
                    statement: statement.text,
                    reason: isReader
                        ? Self.readerRefusal : "The transaction is read-only; open it with transaction(.readWrite).")
            }
            return try body()
        }
        if mode == .write { try database.checkWritable(statement.text) }
        if cache.isWornOut { try reconnect() }
        let pass = try enterGate(mode, purpose: statement.text)
        defer { leaveGate(pass) }
        return try body()
    }

    private static var readerRefusal: String {
        "This connection only reads; use write or withWriter of the pool that it belongs to."
    }

    func enterGate(_ mode: AccessGate.Mode, purpose: String) throws -> GateKeeper.Pass {
        guard mode == .read || !isReader else {
            throw GraphError.statementRefused(statement: purpose, reason: Self.readerRefusal)
        }
        if isBroken { try reconnect() }
        return try database.gate.enter(
            mode, purpose: purpose, limit: database.configuration.lockTimeLimit,
            isCancelled: { interrupter.isCancelled || Task.isCancelled })
    }

    func leaveGate(_ pass: GateKeeper.Pass) {
        database.gate.leave(pass)
    }

    func checkCancellation() throws {
        if interrupter.isCancelled { throw CancellationError() }
        try Task.checkCancellation()
    }

    // MARK: - Calls of the engine

    /// The prepared form of a text; the caller has a place for it, since the engine takes a writer's place to plan a write.
    func prepared(_ cypher: String) throws -> PreparedStatement {
        try cache.prepared(cypher) {
            var statement = graph_prepared_statement()
            let isPlanned = cypher.withCString { engine.functions.connection_prepare(&handle, $0, &statement) }
            if isPlanned == GRAPH_SUCCESS, engine.functions.prepared_statement_is_success(&statement) {
                return statement
            }
            let message =
                statement.pointer == nil ? nil : engine.functions.prepared_statement_get_error_message(&statement)
            let error = failure(of: cypher, message: take(message))
            if statement.pointer != nil { engine.functions.prepared_statement_destroy(&statement) }
            throw error
        }
    }

    /// Calls the engine for a result, which the caller destroys. A failed call has one as well, which holds the message (H8).
    func call(
        _ cypher: String, isInterruptible: Bool,
        _ execute: (inout graph_query_result) -> graph_state
    ) throws -> graph_query_result {
        // Not to COMMIT and its like: stopped half-way, nobody would know what they did.
        applyTimeLimit(isInterruptible ? timeLimit : nil)
        var result = graph_query_result()
        let isDone =
            isInterruptible
            ? interrupter.whileExecuting(handle) { execute(&result) } : execute(&result)
        if isDone == GRAPH_SUCCESS, engine.functions.query_result_is_success(&result) { return result }
        defer { if result.pointer != nil { engine.functions.query_result_destroy(&result) } }
        let message = result.pointer == nil ? nil : engine.functions.query_result_get_error_message(&result)
        throw failure(of: cypher, message: take(message))
    }

    /// Runs one of Trivet's own statements, which needs no place and returns nothing of interest.
    func executeUnchecked(_ cypher: String, isInterruptible: Bool = false) throws {
        var result = try call(cypher, isInterruptible: isInterruptible) { result in
            cypher.withCString { engine.functions.connection_query(&handle, $0, &result) }
        }
        engine.functions.query_result_destroy(&result)
    }

    /// What a failed call means. Ends an open transaction: the engine has dropped it, or is about to.
    private func failure(of cypher: String, message: String) -> any Error {
        let wasInterrupted = message.contains("Interrupted")
        let error: any Error =
            if wasInterrupted, interrupter.isCancelled || Task.isCancelled {
                CancellationError()
            } else if wasInterrupted, let timeLimit {
                GraphError.timedOut(statement: cypher, limit: timeLimit)
            } else {
                GraphError.statementFailed(statement: cypher, message: message)
            }
        abort(cause: "\(error)")
        return error
    }

    private func take(_ message: UnsafeMutablePointer<CChar>?) -> String {
        guard let message else { return "The engine failed without a message." }
        defer { engine.functions.destroy_string(message) }
        return String(cString: message)
    }
}
