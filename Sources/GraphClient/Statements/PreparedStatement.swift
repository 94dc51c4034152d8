import CGraphEngine

/// A statement as its connection's engine holds it.
final class PreparedStatement {
    let handle: graph_prepared_statement
    /// False once the cache has destroyed it.
    private(set) var isUsable = true
    /// The columns of its last result, from when the schema had `schemaVersion`.
    var shape: ResultShape?
    private var schemaVersion = 0

    init(handle: graph_prepared_statement) {
        self.handle = handle
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
