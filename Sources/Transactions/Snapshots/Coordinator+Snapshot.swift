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
            let (id, number) = try await core.beginSnapshot()
            let state = SnapshotState(maximumAge: core.configuration.maximumSnapshotAge)
            func end() async {
                async let records: Void? = sqlite?.endSnapshot()
                async let relationships: Void? = graph?.endSnapshot()
                _ = await (records, relationships)
                await core.endSnapshot(id)
            }
            // At its age it lets go of everything, whatever its body does.
            let expiry = Task {
                try await core.clock.sleep(for: core.configuration.maximumSnapshotAge)
                state.end(.tooOld)
                await end()
            }
            func finish() async {
                state.end(.scopeEnded)
                expiry.cancel()
                _ = await expiry.result
                await end()
            }
            do {
                // Side by side, since no unit commits until both have begun.
                async let records: Void? = sqlite?.beginSnapshot()
                async let relationships: Void? = graph?.beginSnapshot()
                _ = try await (records, relationships)
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

extension SQLiteSession {
    /// Begins to read. BEGIN alone fixes nothing; the first read does.
    fileprivate func beginSnapshot() async throws {
        try await run { database in
            try database.beginTransaction(.deferred)
            _ = try database.schemaVersion()
        }
    }

    /// In a task of its own: a cancelled one would leave the transaction open.
    fileprivate func endSnapshot() async {
        await Task {
            try? await run { database in if database.isInsideTransaction { try database.rollback() } }
        }.value
    }
}

extension GraphSession {
    fileprivate func beginSnapshot() async throws {
        try await run { try $0.beginTransaction(.readOnly) }
    }

    fileprivate func endSnapshot() async {
        await Task {
            try? await run { $0.rollbackTransaction(cause: "the snapshot has ended") }
        }.value
    }
}
