public import Stores

extension Coordinator {
    /// Reads the stores as they are at one moment: `body` sees every transaction that had committed before in all
    /// stores, and no part of any other.
    ///
    /// - Parameter stores: those that are read; all by default. Each store less makes a snapshot cheaper.
    /// - Throws: what `body` throws; ``TransactionError``; ``PoolError`` if no reader can be had.
    public func snapshot<Value: Sendable>(
        of stores: Set<StoreKind> = StoreKind.all, _ body: (Snapshot) async throws -> Value
    ) async throws -> Value {
        try await observation.observeSnapshot { isOpen in
            // Before the snapshot begins, since waiting for a reader must not hold up commits.
            let wanted = StoreSet(stores)
            let leased = if let kept = stash.take(wanted) { kept } else { try await readers.acquire(wanted) }
            let view: StoreView
            do {
                view = try await core.openView(of: leased, isCounted: true)
            } catch {
                leased.giveBack()
                throw error
            }
            isOpen(view.number)
            defer { core.close(view, leased, keptIn: stash) }
            return try await body(Snapshot(view, core))
        }
    }
}
