import GRDB
import GraphClient
import Pooling
import Stores

/// A reader of each store, in each of which one transaction fixes what is seen.
struct StoreReaders: Sendable {
    var sqlite: SQLiteSession?
    var graph: GraphSession?

    /// Begins to read, in all side by side, since no unit commits meanwhile.
    ///
    /// - Parameter check: called on each reader's thread; throws if the reader is not to be used any more.
    func begin(_ check: @Sendable @escaping () throws -> Void = {}) async throws {
        async let records: Void? = sqlite?.beginSnapshot(check)
        async let relationships: Void? = graph?.beginSnapshot(check)
        _ = try await (records, relationships)
    }

    /// Ends what has begun; does nothing where nothing has.
    func end() async {
        async let records: Void? = sqlite?.endSnapshot()
        async let relationships: Void? = graph?.endSnapshot()
        _ = await (records, relationships)
    }
}

extension SQLiteSession {
    /// BEGIN alone fixes nothing; the first read does.
    fileprivate func beginSnapshot(_ check: @Sendable () throws -> Void) async throws {
        try await run { database in
            try check()
            try database.beginTransaction(.deferred)
            _ = try database.schemaVersion()
        }
    }

    /// In a task of its own: a cancelled one would leave the transaction open.
    fileprivate func endSnapshot() async {
        await Task {
            try? await run { database in if database.isInsideTransaction { try database.rollback() } }
        }.value
    }
}

extension GraphSession {
    fileprivate func beginSnapshot(_ check: @Sendable () throws -> Void) async throws {
        try await run { connection in
            try check()
            try connection.beginTransaction(.readOnly)
        }
    }

    fileprivate func endSnapshot() async {
        await Task {
            try? await run { $0.rollbackTransaction(cause: "the snapshot has ended") }
        }.value
    }
}
