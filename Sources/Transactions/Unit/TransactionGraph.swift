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
}
