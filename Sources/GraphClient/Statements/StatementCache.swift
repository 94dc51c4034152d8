/// What one connection knows of the statements it has seen. A prepared statement belongs to its connection: on another one it may
/// run another statement (H7), so none ever leaves this cache.
final class StatementCache {
    /// Texts and prepared forms kept; far above what an application has, unless it writes values into its texts.
    private static let capacity = 1_000
    /// In Kùzu a prepared statement keeps 3 to 7 KB until its connection ends, even when destroyed.
    private static let preparationsUntilReconnect = 10_000

    private let capabilities: EngineCapabilities
    private var texts: [String: StatementText] = [:]
    private var prepared: [String: PreparedStatement] = [:]
    private var preparations = 0

    init(engine: GraphEngine) {
        capabilities = engine.capabilities
    }

    /// Whether so much memory is held that the connection should be replaced when it can.
    var isWornOut: Bool {
        preparations >= Self.preparationsUntilReconnect && capabilities.keepsDestroyedStatements
    }

    func text(_ cypher: String) -> StatementText {
        if let known = texts[cypher] { return known }
        let statement = StatementText(cypher, misfindsByList: capabilities.misfindsByList)
        if texts.count >= Self.capacity { texts.removeAll(keepingCapacity: true) }
        texts[cypher] = statement
        return statement
    }

    /// The prepared form of a statement, made by `prepare` when there is none.
    func prepared(
        _ statement: StatementText, _ conversions: [String: ParameterConversion], plan: PreparedStatement.Plan,
        prepare: (String, PreparedStatement.Plan) throws -> PreparedStatement
    ) throws -> PreparedStatement {
        let cypher = statement.wrapping(conversions)
        let result: PreparedStatement
        if let known = prepared[cypher], known.serves(plan) {
            result = known
        } else {
            prepared.removeValue(forKey: cypher)?.destroy()
            if prepared.count >= Self.capacity { destroyPrepared() }
            result = try prepare(cypher, plan)
            preparations += 1
            prepared[cypher] = result
        }
        if conversions.isEmpty { statement.prepared = result }
        return result
    }

    /// Called before the connection is destroyed.
    func removeAll() {
        destroyPrepared()
        preparations = 0
    }

    private func destroyPrepared() {
        for statement in prepared.values { statement.destroy() }
        prepared.removeAll(keepingCapacity: true)
    }
}
