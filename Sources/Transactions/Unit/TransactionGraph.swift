public import GraphClient

/// The graph within a transaction.
///
/// After any statement that fails, the engine has lost the whole transaction, so nothing but a savepoint can go on from
/// there (see ``Transaction/savepoint(_:)``). Writes may be run again after a crash: statements whose effect depends on
/// clocks, chance or the order of rows are refused, with the remedy.
public struct TransactionGraph: Sendable {
    let transaction: Transaction

    /// The rows of a statement.
    ///
    /// - Throws: `GraphError`, or ``TransactionError``.
    @discardableResult
    public func query(_ cypher: String, _ parameters: GraphParameters = [:]) async throws -> GraphResult {
        try await transaction.query(cypher, parameters)
    }

    /// The rows of a statement as values of a `Decodable` type.
    public func query<Row: Decodable & Sendable>(
        _ cypher: String, _ parameters: GraphParameters = [:], as type: Row.Type
    ) async throws -> [Row] {
        try await transaction.query(cypher, parameters).decode(type)
    }

    /// Runs a statement whose rows don't matter.
    public func execute(_ cypher: String, _ parameters: GraphParameters = [:]) async throws {
        _ = try await transaction.query(cypher, parameters)
    }

    /// Inserts a node, with these properties.
    ///
    /// Unlike ``execute(_:_:)`` it is put off: to the next statement of a transaction that shares the commit, or to the commit itself.
    /// Nodes of the same shape (label and names of properties) are inserted by one statement then, whoever inserted them, so 25 transactions that
    /// insert a node each cost the engine little more than one. Nobody can see that it was put off, but for the place of an error: a key that exists
    /// already fails the next statement, or the commit.
    ///
    /// - Parameters:
    ///   - label: the node table's name.
    ///   - properties: with at least the primary key.
    /// - Throws: ``TransactionError``; `GraphError` for names that can't be.
    public func insert(_ label: String, _ properties: GraphParameters) async throws {
        try await transaction.insert(NodeInsertion(label, properties))
    }
}
