import CGraphEngine

extension GraphConnection {
    // MARK: - Places

    /// Waits until the statement may run.
    /// - Returns: its place, to be left after it; nil in a transaction, which has one.
    func enterPlace(for statement: StatementText) throws -> GateKeeper.Pass? {
        guard let mode = statement.mode else { throw refusal(of: statement) }
        if openTransaction != nil {
            try checkTransaction(allows: mode, statement)
            return nil
        }
        if mode == .write { try database.checkWritable(statement.text) }
        if cache.isWornOut { try reconnect() }
        return try enterGate(mode, purpose: statement.text)
    }

    private func checkTransaction(allows mode: AccessGate.Mode, _ statement: StatementText) throws {
        if let cause = openTransaction?.abortCause { throw GraphError.transactionAborted(cause: cause) }
        guard mode == .read || openTransaction?.mode == .readWrite else {
            throw GraphError.statementRefused(
                statement: statement.text,
                reason: isReader
                    ? Self.readerRefusal : "The transaction is read-only; open it with transaction(.readWrite).")
        }
    }

    private func refusal(of statement: StatementText) -> GraphError {
        let reason =
            if case .refused(let reason) = statement.kind {
                reason
            } else {
                "COPY and IMPORT write outside of the engine's log; use GraphDatabase.bulkLoad(_:)."
            }
        return .statementRefused(statement: statement.text, reason: reason)
    }

    private static var readerRefusal: String {
        "This connection only reads; use write or withWriter of the pool that it belongs to."
    }

    func enterGate(_ mode: AccessGate.Mode, purpose: String) throws -> GateKeeper.Pass {
        guard mode == .read || !isReader else {
            throw GraphError.statementRefused(statement: purpose, reason: Self.readerRefusal)
        }
        if isBroken { try reconnect() }
        while true {
            // A write would read what the engine has freed (H17).
            if mode == .write, database.needsCheckpoint { _ = try renewRows() }
            let pass = try database.gate.enter(
                mode, purpose: purpose, limit: database.configuration.lockTimeLimit,
                isCancelled: { interrupter.isCancelled || Task.isCancelled })
            do {
                // The database may have been closed under this connection.
                if link.isGone { try reconnect() }
            } catch {
                leaveGate(pass)
                throw error
            }
            // The writer before this one may have rolled back.
            guard mode == .write, database.needsCheckpoint else { return pass }
            leaveGate(pass)
        }
    }

    func leaveGate(_ pass: GateKeeper.Pass?) {
        if let pass { database.gate.leave(pass) }
    }

    // MARK: - Calls of the engine

    /// The prepared form of a statement; the caller has a place for it, since the engine takes a writer's place to plan a write.
    func prepared(
        _ statement: StatementText, _ conversions: [String: ParameterConversion] = [:]
    ) throws -> PreparedStatement {
        let plan = plan(for: statement)
        // Nearly every call ends here.
        if conversions.isEmpty, let known = statement.prepared, known.serves(plan) { return known }
        return try cache.prepared(statement, conversions, plan: plan, prepare: prepare)
    }

    /// A transaction sees the tables of its beginning and what it has changed itself; the engine knows only when tables were changed last.
    private func plan(for statement: StatementText) -> PreparedStatement.Plan {
        guard engine.capabilities.reusesPlans else { return .remade }
        let version = schemaVersionSeen
        return statement.hasFixedColumns && database.isSchemaUnchanged(since: version) ? .ofSchema(version) : .once
    }

    /// The version of the schema that a statement sees now, changes of its own transaction aside.
    var schemaVersionSeen: Int {
        openTransaction?.schemaVersion ?? database.schemaVersion.load(ordering: .acquiring)
    }

    private func prepare(_ cypher: String, _ plan: PreparedStatement.Plan) throws -> PreparedStatement {
        var connection = try link.handle
        var statement = graph_prepared_statement()
        let isPlanned = cypher.withCString { engine.functions.connection_prepare(&connection, $0, &statement) }
        if isPlanned == GRAPH_SUCCESS, engine.functions.prepared_statement_is_success(&statement) {
            return PreparedStatement(statement, on: link, plan: plan)
        }
        let message =
            statement.pointer == nil ? nil : engine.functions.prepared_statement_get_error_message(&statement)
        let error = failure(of: cypher, message: take(message))
        if statement.pointer != nil { engine.functions.prepared_statement_destroy(&statement) }
        throw error
    }

    /// The result of a prepared statement, which the caller destroys.
    func call(
        _ prepared: PreparedStatement, of statement: StatementText, isInterruptible: Bool = true
    ) throws -> graph_query_result {
        // Not COMMIT and its like: stopped half-way, nobody would know what they did.
        applyTimeLimit(isInterruptible ? timeLimit : nil)
        var connection = try link.handle
        var handle = prepared.handle
        var result = graph_query_result()
        if isInterruptible { try interrupter.beginExecution(connection) }
        let state = engine.functions.connection_execute(&connection, &handle, &result)
        if isInterruptible { interrupter.endExecution() }
        guard state == GRAPH_SUCCESS else { throw failure(of: statement.text, &result) }
        return result
    }

    /// The result of a text, which the caller destroys.
    func call(_ cypher: String, isInterruptible: Bool) throws -> graph_query_result {
        applyTimeLimit(isInterruptible ? timeLimit : nil)
        var connection = try link.handle
        var result = graph_query_result()
        if isInterruptible { try interrupter.beginExecution(connection) }
        let state = cypher.withCString { engine.functions.connection_query(&connection, $0, &result) }
        if isInterruptible { interrupter.endExecution() }
        guard state == GRAPH_SUCCESS else { throw failure(of: cypher, &result) }
        return result
    }

    /// Runs one of Trivet's own statements, which needs no place and returns nothing of interest.
    func executeUnchecked(_ cypher: String, isInterruptible: Bool = false) throws {
        var result = try call(cypher, isInterruptible: isInterruptible)
        engine.functions.query_result_destroy(&result)
    }

    /// BEGIN, COMMIT or ROLLBACK, which needs no place. Prepared: the engine takes a third of their time to read them.
    func control(_ cypher: String) throws {
        let statement = cache.text(cypher)
        var result = try call(try prepared(statement), of: statement, isInterruptible: false)
        engine.functions.query_result_destroy(&result)
    }

    /// A failed call may have a result as well, which holds the message and is destroyed here (H8).
    private func failure(of cypher: String, _ result: inout graph_query_result) -> any Error {
        guard result.pointer != nil else { return failure(of: cypher, message: take(nil)) }
        defer { engine.functions.query_result_destroy(&result) }
        return failure(of: cypher, message: take(engine.functions.query_result_get_error_message(&result)))
    }

    /// What a failed call means. Ends an open transaction: the engine has dropped it, or is about to.
    private func failure(of cypher: String, message: String) -> any Error {
        if message.contains("Cannot write to file") { database.writingHasFailed() }
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
