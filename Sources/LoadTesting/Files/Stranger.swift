import GRDB
import Threads

/// A connection to the same SQLite file that Trivet has not opened and knows nothing of: what another program is.
actor Stranger {
    private nonisolated let executor = ThreadExecutor(name: "stranger")
    private let queue: DatabaseQueue

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter path: of a database that exists.
    init(path: String) async throws {
        queue = try await onThread("stranger-open") {
            var configuration = Configuration()
            configuration.label = "stranger"
            configuration.busyMode = .timeout(30)
            return try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    deinit {
        executor.retire()
    }

    /// Writes in one transaction.
    func write<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) throws -> Value {
        try queue.inDatabase { database in
            var value: Value?
            try database.inTransaction(.immediate) {
                value = try body(database)
                return .commit
            }
            guard let value else { preconditionFailure("a transaction without an outcome") }
            return value
        }
    }

    func close() throws {
        try queue.close()
    }
}
