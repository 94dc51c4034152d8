import GraphClient
import Pooling
import Stores
import Synchronization

/// Where units below serializable get their readers.
struct PooledReaders: Sendable {
    let sqlite: SQLitePool
    let graph: GraphPool?

    /// Waits for a reader of each store.
    func acquire() async throws -> LeasedReaders {
        let records = try await sqlite.acquireReader()
        do {
            return LeasedReaders(pools: self, sqlite: records, graph: try await graph?.acquireReader())
        } catch {
            sqlite.releaseReader(records)
            throw error
        }
    }
}

/// The readers that one unit holds.
final class LeasedReaders: Sendable {
    private let pools: PooledReaders
    private let sqliteLease: PoolLease<SQLiteSession>
    private let graphLease: PoolLease<GraphSession>?
    private let isOver = Atomic(false)

    init(pools: PooledReaders, sqlite: PoolLease<SQLiteSession>, graph: PoolLease<GraphSession>?) {
        self.pools = pools
        sqliteLease = sqlite
        graphLease = graph
    }

    var sqlite: SQLiteSession { sqliteLease.connection }
    var graph: GraphSession? { graphLease?.connection }

    /// Those of these stores.
    func readers(of stores: Set<StoreKind>) -> StoreReaders {
        StoreReaders(
            sqlite: stores.contains(.sqlite) ? sqlite : nil, graph: stores.contains(.graph) ? graph : nil)
    }

    /// Throws once they are given back. To be called on a reader's thread before each use of it, since somebody else
    /// may have the reader by then.
    func check() throws {
        if isOver.load(ordering: .acquiring) { throw TransactionError.over }
    }

    /// Ends what is open in them, once what runs there is done, and gives them back.
    func giveBack() async {
        isOver.store(true, ordering: .releasing)
        await readers(of: [.sqlite, .graph]).end()
        pools.sqlite.releaseReader(sqliteLease)
        if let graphLease { pools.graph?.releaseReader(graphLease) }
    }
}

/// The stores at one number, as a unit sees them without locks: for all of its life, or for one read.
struct UnitView: Sendable {
    /// What it is called among the coordinator's snapshots.
    let id: UnitID
    let number: UInt64
    let readers: StoreReaders
    let state: SnapshotState
    let expiry: Task<Void, any Error>
}
