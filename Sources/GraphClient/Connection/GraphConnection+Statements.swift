import CGraphEngine

extension GraphConnection {
    /// The rows of a statement, all of them in memory.
    ///
    /// Outside of a transaction the statement is one by itself. A statement that may write waits its turn.
    /// A CREATE after a MATCH that found nothing succeeds and creates nothing: return something and look at it.
    /// - Parameters:
    ///   - cypher: one statement. Transactions, checkpoints and COPY have calls of their own and are refused here.
    ///   - parameters: a value for each `$name` of the statement, and no others.
    /// - Throws: ``GraphError``, or `CancellationError`.
    public func query(_ cypher: String, _ parameters: GraphParameters = [:]) throws -> GraphResult {
        var rows = try run(cache.text(cypher), parameters)
        return try rows.readAll()
    }

    /// The rows of a statement as values of a `Decodable` type, whose keys are the columns' names.
    public func query<Row: Decodable>(
        _ cypher: String, _ parameters: GraphParameters = [:], as type: Row.Type
    ) throws -> [Row] {
        var rows = try run(cache.text(cypher), parameters)
        let decoder = RowDecoder()
        var result: [Row] = []
        result.reserveCapacity(rows.count)
        while let row = try rows.next() { result.append(try decoder.decode(type, from: row)) }
        return result
    }

    /// Calls `body` with each row in turn, for results that are too large to hold twice.
    public func forEachRow(
        _ cypher: String, _ parameters: GraphParameters = [:], _ body: (GraphRow) throws -> Void
    ) throws {
        var rows = try run(cache.text(cypher), parameters)
        while let row = try rows.next() { try body(row) }
    }

    /// Runs a statement whose rows don't matter.
    public func execute(_ cypher: String, _ parameters: GraphParameters = [:]) throws {
        _ = try run(cache.text(cypher), parameters)
    }

    /// A statement to run many times with other parameters. It is checked and planned now.
    public func prepare(_ cypher: String) throws -> GraphStatement {
        let statement = cache.text(cypher)
        let pass = try enterPlace(for: statement)
        defer { leaveGate(pass) }
        _ = try prepared(statement)
        return GraphStatement(connection: self, statement: statement)
    }

    // MARK: - Execution

    func run(_ statement: StatementText, _ parameters: GraphParameters) throws -> RowCursor {
        if engine.capabilities.misreadsDetachedDeletions, let deletion = try statement.detachedDeletion {
            return try run(deletion, of: statement.text, parameters)
        }
        return try runAsIs(statement, parameters)
    }

    func runAsIs(_ statement: StatementText, _ parameters: GraphParameters) throws -> RowCursor {
        let pass = try enterPlace(for: statement)
        defer { leaveGate(pass) }
        if statement.updatesRows { openTransaction?.updatesRows = true }
        do {
            guard statement.changesSchema else { return try execute(statement, parameters) }
            openTransaction?.changesSchema = true
            return try database.changingSchema { try execute(statement, parameters) }
        } catch {
            if statement.updatesRows, openTransaction == nil { database.updatesWereRolledBack() }
            throw error
        }
    }

    /// The caller has a place.
    func execute(_ statement: StatementText, _ parameters: GraphParameters) throws -> RowCursor {
        try Task.checkCancellation()
        if statement.parameters.isEmpty, parameters.entries.isEmpty {
            var result = try call(statement.text, isInterruptible: true)
            return RowCursor(taking: &result, of: nil, engine: engine)
        }
        let binding = try ParameterBinding(parameters, for: statement, on: self)
        let prepared = try prepared(statement, binding.conversions)
        try binding.apply(to: prepared, of: statement, engine: engine)
        let version = schemaVersionSeen
        var result = try call(prepared, of: statement)
        prepared.expect(schemaVersion: version)
        let isShapeKnown = statement.hasFixedColumns && database.isSchemaUnchanged(since: version)
        return RowCursor(taking: &result, of: isShapeKnown ? prepared : nil, engine: engine)
    }
}
