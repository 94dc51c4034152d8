import CGraphEngine

/// A statement as its connection's engine holds it.
final class PreparedStatement {
    let handle: graph_prepared_statement
    /// False once the cache has destroyed it.
    private(set) var isUsable = true
    /// The columns of its last result, from when the schema had `schemaVersion`.
    var shape: ResultShape?
    private var schemaVersion = 0
    private let plan: Plan

    /// Which tables a statement is planned for, as far as that matters to the engine.
    enum Plan: Equatable {
        /// It is planned anew for each execution.
        case remade
        /// Those of a version of the schema.
        case ofSchema(Int)
        /// For this execution only: it is that of a transaction, or of a file.
        case once
    }

    init(handle: graph_prepared_statement, plan: Plan) {
        self.handle = handle
        self.plan = plan
    }

    /// Whether it can be executed where `wanted` is asked for.
    func serves(_ wanted: Plan) -> Bool {
        isUsable && plan == wanted && wanted != .once
    }

    func destroy(_ engine: GraphEngine) {
        isUsable = false
        // The engine's functions take a pointer that they may write to, and write only to what the handle points at.
        var handle = handle
        engine.functions.prepared_statement_destroy(&handle)
    }

    /// Forgets what is from another version: the columns of `RETURN u.*` change with the schema.
    func expect(schemaVersion version: Int) {
        guard schemaVersion != version else { return }
        schemaVersion = version
        shape = nil
    }
}
