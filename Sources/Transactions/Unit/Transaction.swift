public import GRDB
import GraphClient

/// A transaction in progress, as its body sees it.
///
/// It is an actor on the coordinator's thread, and the body runs on it: statements of SQLite and the graph cost no
/// thread hop there. A body that waits for something else lets other transactions use the thread; one that computes for
/// long, or blocks, holds them all up.
///
/// Used after its end it throws ``TransactionError`` with the code ``TransactionError/Code-swift.struct/ended``.
public actor Transaction {
    /// The coordinator's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { core.unownedExecutor }

    nonisolated let core: CoordinatorCore
    nonisolated let id: UnitID

    init(core: CoordinatorCore, id: UnitID) {
        self.core = core
        self.id = id
    }

    // MARK: SQLite

    /// Runs statements on SQLite, with all that GRDB offers: SQL, records, the query interface.
    ///
    /// They are part of this transaction, so `body` doesn't begin or end one; that is refused, and so is ATTACH. A
    /// statement that fails leaves no trace, and the transaction can go on.
    ///
    /// SQLite is locked from here to the end, at every level: see ``readSQLite(_:)``.
    ///
    /// - Throws: what `body` throws, ``TransactionError``, or GRDB's `DatabaseError`.
    public func sqlite<Value: Sendable>(_ body: (Database) throws -> Value) async throws -> Value {
        try await StatementSpan.of("sqlite", "write") {
            try await core.enter(id, .sqlite)
            return try perform(body)
        }
    }

    /// Reads SQLite, with all that GRDB offers; a statement that would write fails.
    ///
    /// At the levels below serializable it runs on a reader, on the reader's thread, and locks nothing, unless
    /// ``sqlite(_:)`` was used before in the same transaction. At serializable it is the same as ``sqlite(_:)``.
    ///
    /// - Throws: what `body` throws, ``TransactionError``, or GRDB's `DatabaseError`.
    public func readSQLite<Value: Sendable>(
        _ body: @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await StatementSpan.of("sqlite", "read") {
            if let value = try await core.readRecords(for: id, body) { return value }
            try await core.enter(id, .sqlite)
            return try perform { database in try database.readOnly { try body(database) } }
        }
    }

    /// Checks and runs without a point at which the transaction could be ended in between.
    private func perform<Value: Sendable>(_ body: (Database) throws -> Value) throws -> Value {
        try core.assumeIsolated { try $0.beginStatement(of: id) }
        guard let records = core.participants.decision as? SQLiteParticipant else {
            throw TransactionError.notConfigured(.sqlite)
        }
        return try core.performing(id) { try records.perform(body) }
    }

    // MARK: The graph

    /// The graph.
    public nonisolated var graph: TransactionGraph { TransactionGraph(transaction: self) }

    /// Redis.
    public nonisolated var redis: TransactionRedis { TransactionRedis(transaction: self) }

    func query(_ cypher: String, _ parameters: GraphParameters) async throws -> GraphResult {
        try await StatementSpan.of(core.graphSystem, "execute") {
            if let result = try await core.readGraph(for: id, cypher, parameters) { return result }
            try await core.enter(id, .graph)
            return try await core.query(id, cypher, parameters)
        }
    }

    func putOff(_ operation: String, _ write: PutOffWrite) async throws {
        try await StatementSpan.of(core.graphSystem, operation) {
            try await core.enter(id, .graph)
            try await core.putOff(write, for: id)
        }
    }

    // MARK: Locks and savepoints

    /// Takes a lock that means whatever the application wants: nobody else has it until this transaction has ended.
    public func lock(_ name: String) async throws {
        try await core.lock(id, .named(name), .exclusive)
    }

    /// Runs a part of the transaction that can fail alone: if `body` throws, what it did is taken back in all three
    /// stores, and the error goes on to the caller, who may catch it and go on.
    ///
    /// The graph has no savepoints: taking back a part that wrote to it runs the earlier statements again.
    ///
    /// While it runs, only `body` and its child tasks can use the transaction; the others' work would be taken back with
    /// it, and is refused.
    public func savepoint<Value: Sendable>(
        _ body: (isolated Transaction) async throws -> Value
    ) async throws -> Value {
        let savepoint = try await core.beginSavepoint(id)
        let value: Value
        do {
            value = try await Savepoint.$scope.withValue(Savepoint.Scope(unit: id, number: savepoint.number)) {
                try await body(self)
            }
        } catch {
            try await core.rollback(to: savepoint, of: id)
            throw error
        }
        try await core.endSavepoint(savepoint, of: id)
        return value
    }
}
