import GRDB
public import Pooling
import Threads

extension SQLitePool: StorePools {
    /// ``StoreKind/sqlite``
    public var kind: StoreKind { .sqlite }

    /// Those of "sqlite.readers" and "sqlite.writer".
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

    /// Lets a reader read and the writer take and leave the write lock. Both wait for their turn.
    ///
    /// - Throws: ``SQLiteStoreError``, ``PoolError``, `CancellationError`, or GRDB's `DatabaseError`.
    public func probe() async throws {
        try await pools.readers.withConnection { session in try await session.probe(file) }
        try await pools.writers?.withConnection { session in try await session.probeWriting(file) }
    }

    /// Ends both pools, and moves the log into the database's file if nobody uses it any more.
    ///
    /// At the deadline, statements that still run are interrupted and their transactions rolled back.
    /// - Parameter limit: how long to wait for those who have sessions or wait for them; nil for the configuration's.
    /// - Returns: what was left at the deadline.
    @discardableResult
    public func shutdown(within limit: Duration? = nil) async -> PoolDrainReport {
        let report = await pools.shutdown(within: limit)
        if report.isComplete, !configuration.isReadOnly { await clearLog() }
        return report
    }

    /// SQLite removes the log when the last connection closes, unless that one only reads, as one of the pool's readers does. What fails here
    /// is made good at the next opening.
    private func clearLog() async {
        let options = SQLiteConnectionOptions(configuration: configuration, prepare: nil, file: file)
        let last = SQLiteSession(role: .writer, path: path)
        do { try await last.open(options) } catch { return }
        await last.close()
    }
}
