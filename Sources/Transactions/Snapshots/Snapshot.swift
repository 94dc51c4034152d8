public import GRDB
public import GraphClient
import RedisClient
import Stores
import Synchronization

/// The three stores as they were at one moment: between two transactions, never within one.
///
/// Reads wait for no transaction and hold none up. Used after its scope, or beyond its age, it throws
/// ``TransactionError``.
public struct Snapshot: Sendable {
    /// The number of the last transaction that it sees.
    public let number: UInt64

    let view: StoreView
    let core: CoordinatorCore

    init(_ view: StoreView, _ core: CoordinatorCore) {
        number = view.number
        self.view = view
        self.core = core
    }

    /// Reads SQLite, with all that GRDB offers.
    public func sqlite<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
        try await StatementSpan.of("sqlite", "read") { try await view.readRecords(body) }
    }

    /// The rows of a statement on the graph, which may only read.
    public func graph(_ cypher: String, _ parameters: GraphParameters = [:]) async throws -> GraphResult {
        try await StatementSpan.of(core.graphSystem, "read") { try await view.readGraph(cypher, parameters) }
    }

    /// Redis at that moment. A key that has expired since is gone here too: expiry knows no moments.
    public var redis: SnapshotRedis { SnapshotRedis(snapshot: self) }

    func ask(_ query: CacheQuery, _ key: CacheKey) async throws -> CacheAnswer {
        try await StatementSpan.of("redis", query.tracedName) {
            try await view.state.checked { try await core.ask(query, of: key, at: number, for: view.id) }
        }
    }
}

/// Whether a snapshot still holds.
final class SnapshotState: Sendable {
    enum Ending {
        case tooOld, scopeEnded
    }

    private let maximumAge: Duration
    private let ending = Mutex<Ending?>(nil)

    init(maximumAge: Duration) {
        self.maximumAge = maximumAge
    }

    /// The first ending counts.
    ///
    /// - Returns: whether this was it.
    @discardableResult
    func end(_ reason: Ending) -> Bool {
        ending.withLock { ending in
            guard ending == nil else { return false }
            ending = reason
            return true
        }
    }

    /// Runs a read, and throws if the snapshot does not hold any more: then what was read may be newer.
    func checked<Value>(_ read: () async throws -> Value) async throws -> Value {
        try check()
        let result: Result<Value, any Error>
        do { result = .success(try await read()) } catch { result = .failure(error) }
        try check()
        return try result.get()
    }

    func check() throws {
        switch ending.withLock({ $0 }) {
        case nil: return
        case .tooOld:
            throw TransactionError(
                .snapshotTooOld, "the snapshot is older than \(maximumAge)",
                remedy: "Read less in one snapshot, or raise CoordinatorConfiguration.maximumSnapshotAge.")
        case .scopeEnded: throw TransactionError.snapshotEnded
        }
    }
}

extension TransactionError {
    static let snapshotEnded = TransactionError(
        .ended, "the snapshot's scope has ended", remedy: "Use a snapshot within its closure only.")

    static func notInSnapshot(_ store: StoreKind) -> TransactionError {
        TransactionError(
            .unsupported, "the snapshot was taken without \(LockName.store(store))",
            remedy: "Name the store when the snapshot is taken.")
    }
}
