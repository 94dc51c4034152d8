import GraphClient
public import Stores

extension Coordinator {
    /// Reads the stores as they are at one moment: `body` sees every transaction that had committed before in all
    /// stores, and no part of any other.
    ///
    /// - Parameter stores: those that are read; all by default. Each store less makes a snapshot cheaper.
    /// - Throws: what `body` throws; ``TransactionError``; ``PoolError`` if no reader can be had.
    public func snapshot<Value: Sendable>(
        of stores: Set<StoreKind> = Set(StoreKind.allCases), _ body: (Snapshot) async throws -> Value
    ) async throws -> Value {
        try await withReaders(stores) { sqlite, graph in
            let readers = StoreReaders(sqlite: sqlite, graph: graph)
            let (id, number) = try await core.beginSnapshot()
            let state = SnapshotState(maximumAge: core.configuration.maximumSnapshotAge)
            func end() async {
                await readers.end()
                await core.endSnapshot(id)
            }
            // At its age it lets go of everything, whatever its body does.
            let expiry = Task {
                try await core.clock.sleep(for: core.configuration.maximumSnapshotAge)
                if state.end(.tooOld) { await end() }
            }
            func finish() async {
                // A timer that has not been first does nothing any more, and needn't be waited for.
                if state.end(.scopeEnded) {
                    expiry.cancel()
                    await end()
                } else {
                    _ = await expiry.result
                }
            }
            do {
                try await readers.begin()
                await core.snapshotIsOpen(id)
                let snapshot = Snapshot(
                    number: number, id: id, core: core, sqliteSession: sqlite, graphSession: graph, state: state)
                let value = try await body(snapshot)
                await finish()
                return value
            } catch {
                await finish()
                throw error
            }
        }
    }

    /// Before the snapshot begins, since waiting for a reader must not hold up commits.
    private func withReaders<Value: Sendable>(
        _ stores: Set<StoreKind>, _ body: (SQLiteSession?, GraphSession?) async throws -> Value
    ) async throws -> Value {
        let usesGraph = stores.contains(.graph) && graph != nil
        switch (stores.contains(.sqlite), usesGraph) {
        case (true, true):
            return try await sqlite.withReader { records in
                guard let graph else { throw TransactionError.notConfigured(.graph) }
                return try await graph.withReader { relationships in try await body(records, relationships) }
            }
        case (true, false): return try await sqlite.withReader { try await body($0, nil) }
        case (false, true):
            guard let graph else { throw TransactionError.notConfigured(.graph) }
            return try await graph.withReader { try await body(nil, $0) }
        case (false, false): return try await body(nil, nil)
        }
    }
}
