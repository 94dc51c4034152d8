import CGraphEngine

/// A statement as its connection's engine holds it.
final class PreparedStatement {
    private let owned: EngineConnection.PreparedHandle
    var handle: graph_prepared_statement { owned.c }
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

    private let connection: EngineConnection

    /// - Parameter connection: the one that it was prepared on, which takes it over.
    init(_ handle: graph_prepared_statement, on connection: EngineConnection, plan: Plan) {
        owned = connection.adopt(handle)
        self.connection = connection
        self.plan = plan
    }

    /// Whether it can be executed where `wanted` is asked for.
    func serves(_ wanted: Plan) -> Bool {
        isUsable && plan == wanted && wanted != .once
    }

    func destroy() {
        isUsable = false
        connection.destroy(owned)
    }

    /// Forgets what is from another version: the columns of `RETURN u.*` change with the schema.
    func expect(schemaVersion version: Int) {
        guard schemaVersion != version else { return }
        schemaVersion = version
        shape = nil
    }
}
