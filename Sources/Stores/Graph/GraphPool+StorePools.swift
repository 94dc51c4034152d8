import GraphClient
public import Pooling

extension GraphPool: StorePools {
    /// ``StoreKind/graph``
    public var kind: StoreKind { .graph }

    /// Those of "graph.readers" and "graph.writer".
    public var statuses: [NamedPoolStatus] { pools.statuses }

    /// The most connections at one time, the writer among them.
    public var connectionLimit: Int { pools.connectionLimit }

    /// From the configuration's minimum to its maximum.
    public var connectionBounds: ClosedRange<Int> { pools.bounds }

    /// Changes how many readers there may be; there is always one writer, which counts.
    ///
    /// - Throws: ``PoolError`` for a limit outside `connectionBounds`.
    public func setConnectionLimit(_ limit: Int) throws(PoolError) {
        try pools.setConnectionLimit(limit)
    }

    /// Opens connections up to the minimum, without waiting for them. `open` did so already.
    public func start() {
        pools.start()
    }

    /// Lets a reader read and the writer open and end a transaction. Both wait for their turn.
    ///
    /// - Throws: `GraphError`, ``PoolError``, `CancellationError`.
    public func probe() async throws {
        try await withReader { session in try await session.execute("RETURN 1") }
        guard !configuration.database.isReadOnly else { return }
        try await write { try $0.execute("RETURN 1") }
    }

    /// Ends both pools and closes the database.
    ///
    /// At the deadline, statements that still run are interrupted and their transactions rolled back; the database is closed when the last
    /// session has come back, which may be after this returns.
    /// - Parameter limit: how long to wait for those who have sessions or wait for them; nil for the configuration's.
    /// - Returns: what was left at the deadline.
    @discardableResult
    public func shutdown(within limit: Duration? = nil) async -> PoolDrainReport {
        let report = await pools.shutdown(within: limit)
        if report.isComplete {
            await database.close()
        } else {
            // Nothing is closed under its user.
            Task.detached { [database] in await database.close() }
        }
        return report
    }
}
