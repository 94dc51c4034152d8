import CGraphEngine

/// What one connection knows of the statements it has seen. A prepared statement belongs to its connection: on another one it may
/// run another statement (H7), so none ever leaves this cache.
final class StatementCache {
    /// Texts and prepared forms kept; far above what an application has, unless it writes values into its texts.
    private static let capacity = 1_000
    /// A prepared statement keeps 3 to 7 KB until its connection ends, even when destroyed.
    private static let preparationsUntilReconnect = 10_000

    private let engine: GraphEngine
    private var texts: [String: StatementText] = [:]
    private var prepared: [String: PreparedStatement] = [:]
    private var preparations = 0

    init(engine: GraphEngine) {
        self.engine = engine
    }

    /// Whether so much memory is held that the connection should be replaced when it can.
    var isWornOut: Bool { preparations >= Self.preparationsUntilReconnect }

    func text(_ cypher: String) -> StatementText {
        if let known = texts[cypher] { return known }
        let statement = StatementText(cypher)
        if texts.count >= Self.capacity { texts.removeAll(keepingCapacity: true) }
        texts[cypher] = statement
        return statement
    }

    /// The prepared form of a text, made by `prepare` when there is none.
    func prepared(
        _ cypher: String, prepare: () throws -> graph_prepared_statement
    ) throws -> PreparedStatement {
        if let known = prepared[cypher] { return known }
        if prepared.count >= Self.capacity { destroyPrepared() }
        let statement = PreparedStatement(handle: try prepare())
        preparations += 1
        prepared[cypher] = statement
        return statement
    }

    /// Called before the connection is destroyed.
    func removeAll() {
        destroyPrepared()
        preparations = 0
    }

    private func destroyPrepared() {
        for statement in prepared.values { engine.functions.prepared_statement_destroy(&statement.handle) }
        prepared.removeAll(keepingCapacity: true)
    }
}

/// A statement as its connection's engine holds it.
final class PreparedStatement {
    var handle: graph_prepared_statement
    /// The columns' names, with the version of the schema that they are from: `RETURN u.*` changes with it.
    private var columns: (version: Int, names: GraphColumns)?

    init(handle: graph_prepared_statement) {
        self.handle = handle
    }

    func columns(version: Int) -> GraphColumns? {
        columns?.version == version ? columns?.names : nil
    }

    func remember(_ names: GraphColumns, version: Int) {
        columns = (version, names)
    }
}
