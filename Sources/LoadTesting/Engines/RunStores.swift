import Stores
import Transactions

/// The stores of a run, as far as it has them: private engines have all, a user's own those that were named.
package struct RunStores: Sendable {
    package var sqlite: SQLitePool?
    package var graph: GraphPool?
    package var redis: RedisPool?
    /// Nil where nothing may be written, or nothing has to be kept together.
    package var coordinator: Coordinator?

    /// Those that there are.
    package var all: [any StorePools] {
        let pools: [(any StorePools)?] = [sqlite, graph, redis]
        return pools.compactMap { $0 }
    }

    // What a file needs is looked for before it runs. So these errors are of what nobody has thought of.

    func needSQLite() throws -> SQLitePool { try need(sqlite, "SQLite") }
    func needGraph() throws -> GraphPool { try need(graph, "graph") }
    func needRedis() throws -> RedisPool { try need(redis, "Redis") }
    func needCoordinator() throws -> Coordinator { try need(coordinator, "coordinator") }

    private func need<Store>(_ store: Store?, _ name: String) throws -> Store {
        guard let store else { throw WrongAnswer(description: "this run has no \(name)") }
        return store
    }
}
