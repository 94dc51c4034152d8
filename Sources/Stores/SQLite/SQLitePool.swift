public import GRDB
public import Logging
import Pooling
import Synchronization
import Threads

/// A SQLite database behind two pools: readers that each see a snapshot, and the one writer.
///
/// ```swift
/// let records = try await SQLitePool.open(at: "records.sqlite")
/// try await records.write { db in try player.insert(db) }
/// let players = try await records.read { db in try Player.fetchAll(db) }
/// await records.shutdown()
/// ```
///
/// `db` is GRDB's `Database`, so its records and query interface work here. Each connection lives on a thread of its own, so nothing blocks a
/// thread of Swift's pool, and a task that waits for a connection or for another's transaction can be cancelled.
///
/// Everything can be called from any task. What waits, waits first come first served.
public final class SQLitePool: Sendable {
    /// Where the database is.
    public let path: String
    /// What the pool was opened with.
    public let configuration: SQLitePoolConfiguration

    let file: SQLiteFile
    let pools: ReaderWriterPools<SQLiteSession>

    private init(
        path: String, configuration: SQLitePoolConfiguration, file: SQLiteFile, pools: ReaderWriterPools<SQLiteSession>
    ) {
        self.path = path
        self.configuration = configuration
        self.file = file
        self.pools = pools
    }

    /// Opens the database at `path`, and creates it if there is none.
    ///
    /// The first connection is opened here, so that what is wrong is told now; the others up to the minimum follow by themselves.
    /// - Parameters:
    ///   - path: the database's file; beside it live `-wal` and `-shm`. While the pool is open the file must stay where it is.
    ///   - prepare: is called with each new connection: for custom functions and collations.
    ///   - observers: who is told of the events of "sqlite.readers" and "sqlite.writer".
    ///   - logger: gets the pools' warnings.
    /// - Throws: ``SQLiteStoreError``; ``PoolError`` for times or sizes that make no sense.
    public static func open(
        at path: String, configuration: SQLitePoolConfiguration = SQLitePoolConfiguration(),
        prepare: (@Sendable (Database) throws -> Void)? = nil,
        observers: PoolObservers? = nil,
        logger: Logger = Logger(label: "trivet.sqlite")
    ) async throws -> SQLitePool {
        try await open(
            at: path, configuration: configuration, prepare: prepare, observers: observers, logger: logger, lane: nil)
    }

    /// The same, with the writer on a thread that it shares with others.
    package static func open(
        at path: String, configuration: SQLitePoolConfiguration = SQLitePoolConfiguration(),
        prepare: (@Sendable (Database) throws -> Void)? = nil,
        observers: PoolObservers? = nil,
        logger: Logger = Logger(label: "trivet.sqlite"),
        lane: ThreadExecutor?
    ) async throws -> SQLitePool {
        try configuration.check(path: path)
        try await onThread("trivet-sqlite") {
            try SQLiteFile.checkPath(path, isReadOnly: configuration.isReadOnly)
        }
        let first = SQLiteSession(role: configuration.isReadOnly ? .reader : .writer, path: path, lane: lane)
        try await first.open(SQLiteConnectionOptions(configuration: configuration, prepare: prepare, file: nil))
        do {
            let file = try await onThread("trivet-sqlite") { try SQLiteFile(at: path) }
            let options = SQLiteConnectionOptions(configuration: configuration, prepare: prepare, file: file)
            let handover = Handover(first)
            let pools = try ReaderWriterPools(
                store: "sqlite", minimum: configuration.minimumConnections, maximum: configuration.maximumConnections,
                general: configuration.pool,
                reader: factory(.reader, options, file, handover: handover, lane: nil),
                writer: configuration.isReadOnly
                    ? nil : factory(.writer, options, file, handover: handover, lane: lane),
                observers: observers, logger: logger)
            pools.start()
            return SQLitePool(path: path, configuration: configuration, file: file, pools: pools)
        } catch {
            await first.close()
            throw error
        }
    }

    private static func factory(
        _ role: SQLiteSession.Role, _ options: SQLiteConnectionOptions, _ file: SQLiteFile, handover: Handover,
        lane: ThreadExecutor?
    ) -> ConnectionFactory<SQLiteSession> {
        ConnectionFactory(
            open: {
                if let first = handover.take(role) { return first }
                let session = SQLiteSession(role: role, path: file.path, lane: lane)
                try await session.open(options)
                return session
            },
            validate: { session in try await session.probe(file) },
            close: { session in await session.close() },
            interrupt: { session in session.interrupter.revoke() },
            verdict: { error in .sqlite(error) },
            isLasting: { error in (error as? SQLiteStoreError)?.isLasting ?? false })
    }

    /// The version of the SQLite library that is linked, such as "3.40.1".
    public static func libraryVersion() async throws -> String {
        try await DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") } ?? "unknown"
    }
}

/// The connection that showed that the database can be opened, until its pool takes it over.
private final class Handover: Sendable {
    private let session: Mutex<SQLiteSession?>

    init(_ session: SQLiteSession) {
        self.session = Mutex(session)
    }

    func take(_ role: SQLiteSession.Role) -> SQLiteSession? {
        session.withLock { $0?.role == role ? $0.take() : nil }
    }
}
