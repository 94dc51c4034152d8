import GraphClient
import Pooling
import Stores
import Synchronization

/// Where views of the stores get their readers.
struct PooledReaders: Sendable {
    let sqlite: SQLitePool
    let graph: GraphPool?

    /// Waits for a reader of each of the stores.
    func acquire(_ stores: Set<StoreKind> = [.sqlite, .graph]) async throws -> StoreReaders {
        let records = stores.contains(.sqlite) ? try await sqlite.acquireReader() : nil
        do {
            let relationships = stores.contains(.graph) ? try await graph?.acquireReader() : nil
            return StoreReaders(pools: self, sqlite: records, graph: relationships)
        } catch {
            if let records { sqlite.releaseReader(records) }
            throw error
        }
    }
}

/// A reader of each store, as the pools have lent them.
final class StoreReaders: Sendable {
    private let pools: PooledReaders
    private let sqliteLease: PoolLease<SQLiteSession>?
    private let graphLease: PoolLease<GraphSession>?

    init(pools: PooledReaders, sqlite: PoolLease<SQLiteSession>?, graph: PoolLease<GraphSession>?) {
        self.pools = pools
        sqliteLease = sqlite
        graphLease = graph
    }

    var sqlite: SQLiteSession? { sqliteLease?.connection }
    var graph: GraphSession? { graphLease?.connection }

    /// Gives the readers back once what runs there is done. Views that have not ended end with them.
    ///
    /// - Parameter view: the last one of them; nil if all have ended.
    func giveBack(after view: StoreView? = nil) {
        if let sqliteLease {
            let release: @Sendable () -> Void = { self.pools.sqlite.releaseReader(sqliteLease) }
            if let view {
                view.endRecords(then: release)
            } else {
                sqliteLease.connection.enqueue({ _ in }, then: release)
            }
        }
        if let graphLease {
            let release: @Sendable () -> Void = { self.pools.graph?.releaseReader(graphLease) }
            if let view { view.endGraph(then: release) } else { graphLease.connection.enqueue({ _ in }, then: release) }
        }
    }
}
