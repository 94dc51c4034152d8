public import GRDB
public import GraphClient
import RedisClient
import Stores

/// The three stores as they were at one moment: between two transactions, never within one.
///
/// Reads wait for no transaction and hold none up. Used after its scope, or beyond its age, it throws
/// ``TransactionError``.
public struct Snapshot: Sendable {
    /// The number of the last transaction that it sees.
    public let number: UInt64

    let core: CoordinatorCore
    let sqliteSession: SQLiteSession?
    let graphSession: GraphSession?
    let deadline: ContinuousClock.Instant

    /// Reads SQLite, with all that GRDB offers.
    public func sqlite<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
        try checkAge()
        guard let sqliteSession else { throw TransactionError.notInSnapshot(.sqlite) }
        return try await sqliteSession.read(body)
    }

    /// The rows of a statement on the graph, which may only read.
    public func graph(_ cypher: String, _ parameters: GraphParameters = [:]) async throws -> GraphResult {
        try checkAge()
        guard let graphSession else { throw TransactionError.notInSnapshot(.graph) }
        return try await graphSession.query(cypher, parameters)
    }

    /// Redis at that moment. A key that has expired since is gone here too: expiry knows no moments.
    public var redis: SnapshotRedis { SnapshotRedis(snapshot: self) }

    func ask(_ query: CacheQuery, _ key: CacheKey) async throws -> CacheAnswer {
        try checkAge()
        return try await core.ask(query, of: key, at: number)
    }

    private func checkAge() throws {
        guard ContinuousClock.now < deadline else {
            throw TransactionError(
                .snapshotTooOld,
                "the snapshot is older than \(core.configuration.maximumSnapshotAge)",
                remedy: "Read less in one snapshot, or raise CoordinatorConfiguration.maximumSnapshotAge.")
        }
    }
}

extension TransactionError {
    static func notInSnapshot(_ store: StoreKind) -> TransactionError {
        TransactionError(
            .unsupported, "the snapshot was taken without \(LockName.store(store))",
            remedy: "Name the store when the snapshot is taken.")
    }
}
