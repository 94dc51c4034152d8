import Foundation
import Measurement
public import Stores
import Threads

/// One transaction across SQLite, Kùzu and Redis.
///
/// ```swift
/// try await coordinator.transaction { txn in
///     try await txn.sqlite { db in try User(id: 1, name: "Ada").insert(db) }
///     try await txn.graph.execute("CREATE (:User {id: $id, name: $name})", ["id": 1, "name": "Ada"])
///     try await txn.redis.set("user:1", "Ada", expiry: .after(.seconds(60)))
/// }
/// ```
///
/// All of it happens, or nothing, whatever crashes. SQLite's commit is the decision; the other stores follow, and are
/// brought there by recovery if need be. Transactions are strictly serializable, unless they ask for a weaker
/// ``IsolationLevel``. The chapter "Transactions" of the documentation explains the protocol and what each store has to
/// fulfil.
///
/// One coordinator at a time works with the same stores; everything can be called from any task.
public final class Coordinator: Sendable {
    /// The pool of the store whose commit decides. Plain writes through it wait their turn among the transactions, and
    /// are not part of their order.
    public let sqlite: SQLitePool
    /// The graph's pool; nil if the coordinator has no graph.
    public let graph: GraphPool?
    /// What recovery found and did when the coordinator was opened.
    public let recovery: RecoveryReport

    let core: CoordinatorCore
    private let lock: CoordinatorLock
    private let executor: ThreadExecutor
    let observation: TransactionObservation
    let stash: ReaderStash

    init(
        sqlite: SQLitePool, graph: GraphPool?, core: CoordinatorCore, recovery: RecoveryReport, lock: CoordinatorLock,
        executor: ThreadExecutor, observation: TransactionObservation = .none
    ) {
        self.sqlite = sqlite
        self.graph = graph
        self.core = core
        self.recovery = recovery
        self.lock = lock
        self.executor = executor
        self.observation = observation
        stash = ReaderStash(timers: core.timers)
    }

    deinit {
        executor.retire()
    }

    /// Runs `body` as one transaction: committed in all stores when it returns, without a trace when it throws, is
    /// cancelled, or reaches its time limit.
    ///
    /// `body` may run several times: after a deadlock, a conflict, or a failure of a store that may pass. So it should
    /// change nothing but the stores. It runs on the coordinator's thread: it must not block, nor compute for long.
    ///
    /// - Throws: what `body` throws; ``TransactionError``; `CancellationError`. With any error but
    ///   ``TransactionError/Code-swift.struct/outcomeUnknown`` nothing of it is in any store.
    @discardableResult
    public func transaction<Value: Sendable>(
        _ options: TransactionOptions = TransactionOptions(),
        _ body: @escaping @Sendable (isolated Transaction) async throws -> Value
    ) async throws -> Value {
        try await observation.observe { try await core.run(options, readers: readers, idempotency: nil, body) }.0
    }

    /// The same, with what is known of the transaction afterwards.
    public func transactionWithReceipt<Value: Sendable>(
        _ options: TransactionOptions = TransactionOptions(),
        _ body: @escaping @Sendable (isolated Transaction) async throws -> Value
    ) async throws -> (value: Value, receipt: Receipt) {
        let (value, receipt) = try await observation.observe {
            try await core.run(options, readers: readers, idempotency: nil, body)
        }
        return (value, receipt)
    }

    /// Runs `body` at most once for a key: when a transaction with the same key was committed before, its result is
    /// returned again and `body` does not run.
    ///
    /// Results are kept in SQLite, in the same commit.
    /// - Parameter key: what the caller calls this piece of work, such as the id of a request.
    public func transaction<Value: Codable & Sendable>(
        idempotencyKey key: String, _ options: TransactionOptions = TransactionOptions(),
        _ body: @escaping @Sendable (isolated Transaction) async throws -> Value
    ) async throws -> (value: Value, receipt: Receipt) {
        let idempotency = Idempotency<Value>(
            key: key,
            encode: { Bytes(try JSONEncoder().encode([$0])) },
            decode: { bytes in
                guard let value = try JSONDecoder().decode([Value].self, from: Data(bytes)).first else {
                    throw TransactionError(
                        .misuse, "the result stored for the idempotency key \"\(key)\" is empty",
                        remedy: "Use another key.")
                }
                return value
            })
        let (value, receipt) = try await observation.observe {
            try await core.run(options, readers: readers, idempotency: idempotency, body)
        }
        return (value, receipt)
    }

    var readers: PooledReaders { PooledReaders(sqlite: sqlite, graph: graph, commits: core.commits) }

    /// What has happened since the coordinator was opened.
    public var counters: CoordinatorCounters {
        get async {
            var counters = await core.counters
            counters.snapshots = core.gate.count
            return counters
        }
    }

    /// Moves the graph's log into its file now, and not when the log has grown long or the engine's memory is full: for quiet hours, since
    /// nobody can use the graph while it lasts, some seconds for a million rows.
    ///
    /// Waits for the transactions and snapshots that use the graph. Without a graph there is nothing to do.
    /// - Throws: `GraphError`, of which `checkpointUndone` has changed nothing; ``TransactionError`` when the coordinator is closed; and
    ///   `CancellationError`, as long as the checkpoint has not begun.
    public func checkpointGraph() async throws {
        try await core.checkpointGraph()
    }

    /// Keys of Redis that are out of step with the other stores, and why: Redis refused a change that was decided, since
    /// somebody had given the key another type, or taken the right to it away.
    ///
    /// Units and snapshots that touch such a key fail; everything else goes on.
    public var quarantinedKeys: [CacheKey: String] {
        core.cacheState.withLock { $0.queue.quarantined }
    }

    /// Lets transactions use a key again that Redis had refused to change. Delete it in Redis, or set it right, before.
    public func releaseQuarantine(_ key: CacheKey) async {
        await core.releaseQuarantine(key)
    }

    /// Ends the coordinator: refuses new transactions, waits for those that run and for Redis, and lets go of the
    /// stores, whose pools stay open.
    ///
    /// - Parameter limit: how long to wait; what still runs then is rolled back, and what Redis lacks is brought
    ///   there at the next opening.
    public func close(within limit: Duration = .seconds(30)) async {
        stash.close()
        await core.close(within: limit)
        lock.release()
    }
}
