public import GraphClient
public import Logging
import Pooling
import Threads

/// A graph database behind two pools: readers that each see a snapshot, and the one writer.
///
/// ```swift
/// let people = try await GraphPool.open(at: "people.graph")
/// try await people.execute("CREATE (:User {id: $id})", ["id": 1])
/// let users = try await people.query("MATCH (u:User) RETURN count(*)").scalar(Int.self)
/// await people.shutdown()
/// ```
///
/// Each connection lives on a thread of its own, so nothing blocks a thread of Swift's pool. Everything can be called from any task. What waits,
/// waits first come first served, and can be cancelled.
public final class GraphPool: Sendable {
    /// Where the database is.
    public var path: String { database.path }
    /// The length of its log, in bytes.
    package var logSize: Int { database.logSize }
    /// What the pool was opened with.
    public let configuration: GraphPoolConfiguration

    /// The database itself: for what needs sessions beside those of the pool.
    package let database: GraphDatabase
    let pools: ReaderWriterPools<GraphSession>

    private init(
        configuration: GraphPoolConfiguration, database: GraphDatabase, pools: ReaderWriterPools<GraphSession>
    ) {
        self.configuration = configuration
        self.database = database
        self.pools = pools
    }

    /// Opens the database at `path`, and creates it if there is none. Connections up to the minimum follow by themselves.
    ///
    /// - Parameters:
    ///   - path: the database's file; beside it live `.wal` (the log) and `.lock`.
    ///   - engine: by default, the one that `GraphEngine.load(forDatabaseAt:_:)` finds.
    ///   - observers: who is told of the events of "graph.readers" and "graph.writer".
    ///   - logger: gets the pools' warnings.
    /// - Throws: `GraphError`; ``PoolError`` for times or sizes that make no sense.
    public static func open(
        at path: String, configuration: GraphPoolConfiguration = GraphPoolConfiguration(), engine: GraphEngine? = nil,
        observers: PoolObservers? = nil,
        logger: Logger = Logger(label: "trivet.graph")
    ) async throws -> GraphPool {
        try await open(
            at: path, configuration: configuration, engine: engine, observers: observers, logger: logger, lane: nil)
    }

    /// The same, with the writer on a thread that it shares with others.
    package static func open(
        at path: String, configuration: GraphPoolConfiguration = GraphPoolConfiguration(), engine: GraphEngine? = nil,
        observers: PoolObservers? = nil,
        logger: Logger = Logger(label: "trivet.graph"),
        lane: ThreadExecutor?
    ) async throws -> GraphPool {
        try configuration.check(path: path)
        let database = try await GraphDatabase.open(at: path, engine: engine, configuration: configuration.database)
        let reader = GraphSession.Options(isReader: true, statementTimeLimit: configuration.readTimeLimit)
        do {
            let pools = try ReaderWriterPools(
                store: "graph", minimum: configuration.minimumConnections, maximum: configuration.maximumConnections,
                general: configuration.pool,
                reader: factory(database, reader),
                writer: configuration.database.isReadOnly ? nil : factory(database, GraphSession.Options(lane: lane)),
                observers: observers, logger: logger)
            pools.start()
            return GraphPool(configuration: configuration, database: database, pools: pools)
        } catch {
            await database.close()
            throw error
        }
    }

    private static func factory(
        _ database: GraphDatabase, _ options: GraphSession.Options
    ) -> ConnectionFactory<GraphSession> {
        ConnectionFactory(
            open: { try await database.openSession(options) },
            validate: { session in try await session.execute("RETURN 1") },
            close: { session in await session.close() },
            interrupt: { session in session.revoke() },
            verdict: { error in .graph(error) })
    }
}
