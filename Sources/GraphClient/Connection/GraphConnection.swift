import CGraphEngine
import Foundation

/// A connection to a graph database: the synchronous core, used on one thread at a time. ``GraphSession`` gives access to it.
///
/// Its calls block. It prepares each text with parameters once and keeps it.
public final class GraphConnection {
    let database: DatabaseCore
    let interrupter: Interrupter
    private(set) var link: EngineConnection
    /// nil outside of transactions, where each statement commits by itself.
    var openTransaction: OpenTransaction?
    let cache: StatementCache
    /// Whether it refuses to write, as a pool's readers do.
    let isReader: Bool
    /// Whether the next statement could crash, because no other connection of the engine could be had in the place of this one.
    private(set) var isBroken = false
    /// How long one statement may run.
    private(set) var timeLimit: Duration?
    private var appliedTimeLimit: UInt64 = 0
    private var properties: (version: Int, catalog: PropertyCatalog)?

    struct OpenTransaction {
        let mode: GraphTransactionMode
        let pass: GateKeeper.Pass
        /// The schema's version before it began.
        let schemaVersion: Int
        /// Whether a statement of it may have changed tables.
        var changesSchema = false
        /// Whether it may have changed properties of rows.
        var updatesRows = false
        /// The error that ended the transaction, while its scope goes on.
        var abortCause: String?
    }

    init(
        database: DatabaseCore, interrupter: Interrupter? = nil, options: GraphSession.Options = GraphSession.Options()
    ) throws {
        self.database = database
        self.interrupter = interrupter ?? Interrupter(engine: database.engine)
        isReader = options.isReader
        link = try database.connect()
        cache = StatementCache(engine: database.engine)
        timeLimit = options.statementTimeLimit ?? database.configuration.statementTimeLimit
    }

    deinit {
        cache.removeAll()
        database.disconnect(link)
    }

    var engine: GraphEngine { database.engine }

    /// Runs `body` with another limit for each of its statements; nil for none. A statement that exceeds it throws
    /// ``GraphError/timedOut(statement:limit:)``.
    public func withTimeLimit<T>(_ limit: Duration?, _ body: () throws -> T) rethrows -> T {
        let outer = timeLimit
        timeLimit = limit
        defer { timeLimit = outer }
        return try body()
    }

    /// Starts anew with another connection of the engine: for one whose next statement could crash (H2), and to give back the
    /// memory that prepared statements keep until their connection ends; and after the database was closed under it.
    func reconnect() throws {
        isBroken = true
        let fresh = try database.connect()
        cache.removeAll()
        database.disconnect(link)
        link = fresh
        isBroken = false
        appliedTimeLimit = 0
    }

    func applyTimeLimit(_ limit: Duration?) {
        let wanted = limit.map { max(1, UInt64($0 / .milliseconds(1))) } ?? 0
        guard wanted != appliedTimeLimit, var connection = try? link.handle else { return }
        if engine.functions.connection_set_query_timeout(&connection, wanted) == GRAPH_SUCCESS {
            appliedTimeLimit = wanted
        }
    }

    /// The types of all tables' properties, read again after a change of the schema.
    func propertyCatalog() throws -> PropertyCatalog {
        let version = database.schemaVersion.load(ordering: .acquiring)
        if let properties, properties.version == version { return properties.catalog }
        let catalog = try PropertyCatalog(reading: self)
        properties = (version, catalog)
        return catalog
    }
}
