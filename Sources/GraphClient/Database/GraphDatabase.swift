import Foundation
import Threads

/// A graph database, open in this process and in no other.
///
/// ```swift
/// try await GraphDatabase.withDatabase(at: "people.graph") { database in
///     try await database.withSession { session in
///         try await session.query("MATCH (u:User) RETURN count(*) AS users")
///     }
/// }
/// ```
///
/// One statement writes at a time, in the order of arrival; readers run beside it on a snapshot of their own. What would crash
/// the engine or lose data cannot be said through this interface: see the chapter "The graph engine's hazards" of the documentation.
public final class GraphDatabase: Sendable {
    /// Where it is.
    public var path: String { core.path }
    /// What it runs on.
    public var engine: GraphEngine { core.engine }

    let core: DatabaseCore

    init(core: DatabaseCore) {
        self.core = core
    }

    /// Opens the database at `path`, and creates it if there is none.
    ///
    /// If a checkpoint was cut short by a crash, the state before it is restored first.
    /// - Parameters:
    ///   - path: the database's file; beside it live `.wal` (the log) and `.lock`.
    ///   - engine: by default, the one that ``GraphEngine/load(forDatabaseAt:_:)`` finds.
    /// - Throws: ``GraphError/locked(path:holder:)``, ``GraphError/cannotOpen(path:reason:)``, or what `load` throws.
    public static func open(
        at path: String, engine: GraphEngine? = nil, configuration: Configuration = Configuration()
    ) async throws -> GraphDatabase {
        try await onThread("trivet-graph-open") {
            GraphDatabase(
                core: try DatabaseCore(
                    path: path, engine: try engine ?? GraphEngine.load(forDatabaseAt: path),
                    configuration: configuration))
        }
    }

    /// Which engine made the database at `path`: the only one that can open it. Nil for a file that is no database.
    package static func maker(ofDatabaseAt path: String) -> GraphEngine.Kind? {
        // What a checkpoint that was cut short has left of it is replaced by its copy.
        CheckpointCopy(ofDatabaseAt: path).maker ?? DatabaseFile.maker(path)
    }

    /// Opens the database for the length of `body`.
    @discardableResult
    public static func withDatabase<T: Sendable>(
        at path: String, engine: GraphEngine? = nil, configuration: Configuration = Configuration(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (GraphDatabase) async throws -> T
    ) async throws -> T {
        let database = try await open(at: path, engine: engine, configuration: configuration)
        do {
            let result = try await body(database)
            await database.close()
            return result
        } catch {
            await database.close()
            throw error
        }
    }

    /// Opens a session, a connection with a thread of its own, for the length of `body`. Costs some 100 µs.
    @discardableResult
    public func withSession<T: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: (GraphSession) async throws -> T
    ) async throws -> T {
        let session = try await openSession()
        do {
            let result = try await body(session)
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }

    /// A session that lives until its `close()`: for pools, which keep sessions longer than any scope.
    package func openSession(_ options: GraphSession.Options = GraphSession.Options()) async throws -> GraphSession {
        let session = GraphSession(database: core, options: options)
        try await session.open()
        return session
    }

    /// A connection of the engine itself, for a benchmark that compares this client with calls in C. The caller destroys it
    /// before the database is closed, and before a checkpoint or a rollback, after which it is opened again.
    @_spi(Benchmarks) public func makeEngineConnection() throws -> UnsafeMutableRawPointer? {
        try core.makeUnknownConnection().pointer
    }

    /// Moves the log into the database's file.
    ///
    /// Waits until no transaction is open and lets none begin until it is done. Never urgent: a log of 16 MB is read back in some seconds.
    /// The engines' checkpoints can lose data (H20, H21 and H23 in the documentation), so all rows are compared with what they were,
    /// which takes some microseconds for each; what `ATTACH` and `LOAD EXTENSION` have brought is gone after it. A crash within it loses nothing,
    /// since a copy of the database is kept until it is over; so it needs as much free disk space as the database has, for its duration.
    /// - Throws: ``GraphError/checkpointUndone(path:reason:)`` when the rows were other ones, and the database is what it was again.
    public func checkpoint() async throws {
        try await withSession { session in try await session.run { try $0.checkpoint() } }
    }

    /// Whether the database has to be opened again before the next write, or needs a checkpoint (H17): it waits until no transaction is open.
    package var isCheckpointDue: Bool { core.needsCheckpoint }

    /// Does what is due before the next write, if something is (H17): for callers whose own thread must not wait for it.
    ///
    /// - Returns: whether that was a checkpoint.
    package func prepareToWrite() async throws -> Bool {
        guard core.needsCheckpoint else { return false }
        return try await withSession { session in try await session.run { try $0.renewRows() } }
    }

    /// The log's length in bytes: what has been written since the last checkpoint.
    package var logSize: Int { core.logSize }

    /// Runs `COPY table FROM …` or `IMPORT DATABASE …` alone, and makes it durable.
    ///
    /// The engine keeps what COPY writes out of its log (H6), so this ends with a checkpoint. A crash within it leaves the
    /// database as it was before.
    public func bulkLoad(_ statement: String) async throws {
        try await withSession { session in try await session.run { try $0.bulkLoad(statement) } }
    }

    /// Waits for open sessions to end, refuses new ones, and closes. Closing again does nothing.
    public func close() async {
        await core.waitForSessions()
        _ = try? await onThread("trivet-graph-close") { self.core.destroy() }
    }
}
