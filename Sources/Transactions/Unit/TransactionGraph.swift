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

    // MARK: Writes that are put off

    /// Inserts a node, with these properties.
    ///
    /// Unlike ``execute(_:_:)`` it is put off: to the next statement of a transaction that shares the commit, or to the commit itself.
    /// Writes of the same shape (kind, tables and names of properties) are sent as one statement then, whoever made them, so 25 transactions that
    /// insert a node each cost the engine little more than one. Nobody can see that it was put off, but for the place of an error: a key that exists
    /// already fails the next statement, or the commit.
    ///
    /// - Parameters:
    ///   - label: the node table's name.
    ///   - properties: with at least the primary key.
    /// - Throws: ``TransactionError``; `GraphError` for names that can't be.
    public func insert(_ label: String, _ properties: GraphParameters) async throws {
        try await transaction.putOff("insert", .insert(label, properties))
    }

    /// Connects two nodes by a relationship, with these properties. It is put off, as ``insert(_:_:)`` is.
    ///
    /// Nodes that the transaction has inserted before are there. A relationship that exists already is made a second time, as by CREATE.
    ///
    /// - Parameters:
    ///   - source: where it begins. If there is no such node, the next statement on the graph fails, or the commit.
    ///   - relationship: the relationship table's name.
    ///   - target: where it ends.
    /// - Throws: ``TransactionError``, also where a key does not name a table's primary key; `GraphError` for names that can't be.
    public func connect(
        _ source: GraphNodeKey, _ relationship: String, _ target: GraphNodeKey, _ properties: GraphParameters = [:]
    ) async throws {
        try await transaction.putOff("connect", .connect(source, relationship, target, properties))
    }

    /// Sets properties of a node; the others stay. It is put off, as ``insert(_:_:)`` is.
    ///
    /// - Parameters:
    ///   - node: which one. If it is not there, the next statement on the graph fails, or the commit.
    ///   - properties: at least one, and not the primary key.
    /// - Throws: ``TransactionError``, also where the key does not name a table's primary key; `GraphError` for names that can't be.
    public func set(_ node: GraphNodeKey, _ properties: GraphParameters) async throws {
        try await transaction.putOff("set", .set(node, properties))
    }
}
