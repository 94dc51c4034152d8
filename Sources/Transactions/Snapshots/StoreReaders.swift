import GRDB
import GraphClient
import Pooling
import Stores
import Synchronization

/// Where views of the stores get their readers.
struct PooledReaders: Sendable {
    let sqlite: SQLitePool
    let graph: GraphPool?
    /// Those of the coordinator to whose stores they belong.
    var commits = CommitCount()

    /// Waits for a reader of each of the stores.
    func acquire(_ stores: StoreSet = [.sqlite, .graph]) async throws -> StoreReaders {
        let records = stores.contains(.sqlite) ? try await sqlite.acquireReader() : nil
        do {
            let relationships = stores.contains(.graph) ? try await graph?.acquireReader() : nil
            return StoreReaders(pools: self, of: stores, sqlite: records, graph: relationships)
        } catch {
            if let records { sqlite.releaseReader(records) }
            throw error
        }
    }
}

/// A reader of each store, as the pools have lent them.
final class StoreReaders: Sendable {
    /// Those that were asked for.
    let stores: StoreSet
    private let pools: PooledReaders
    private let sqliteLease: PoolLease<SQLiteSession>?
    private let graphLease: PoolLease<GraphSession>?
    private let records = StandingTransaction()
    private let relationships = StandingTransaction()
    private let uses = Atomic(0)

    init(
        pools: PooledReaders, of stores: StoreSet, sqlite: PoolLease<SQLiteSession>?,
        graph: PoolLease<GraphSession>?
    ) {
        self.stores = stores
        self.pools = pools
        sqliteLease = sqlite
        graphLease = graph
    }

    var sqlite: SQLiteSession? { sqliteLease?.connection }
    var graph: GraphSession? { graphLease?.connection }

    /// - Returns: how many views have used them so far, one after the other.
    func countUse() -> Int { uses.add(1, ordering: .relaxed).newValue }

    /// Which of `stores` there are readers of.
    func readable(of stores: StoreSet) -> StoreSet {
        var readable: StoreSet = []
        if sqlite != nil, stores.contains(.sqlite) { readable.insert(.sqlite) }
        if graph != nil, stores.contains(.graph) { readable.insert(.graph) }
        return readable
    }

    // MARK: Transactions

    private func standing(in store: StoreKind) -> StandingTransaction { store == .graph ? relationships : records }

    private func moment(in store: StoreKind, at number: UInt64) -> StandingTransaction.Moment? {
        let others = store == .graph ? graph?.writes : pools.commits.others { sqlite?.commits }
        return others.map { .init(number: number, others: $0) }
    }

    /// Whether what the last view has left shows all of these stores as they are at a number.
    func show(_ stores: StoreSet, at number: UInt64) -> Bool {
        stores.members.allSatisfy { standing(in: $0).shows(moment(in: $0, at: number)) }
    }

    /// Goes on with what the last view has left, which ``show(_:at:)`` has found right.
    func resume(_ stores: StoreSet) {
        for store in stores.members { standing(in: store).resume() }
    }

    /// Goes on with what the last view has left, where that shows the store at a number.
    func resume(_ store: StoreKind, at number: UInt64) -> Bool {
        standing(in: store).resume(at: moment(in: store, at: number))
    }

    /// A view has ended, and leaves its transaction to the next one.
    func leave(_ store: StoreKind) { standing(in: store).leave() }

    /// A reader may be in another transaction than it was.
    func distrust(_ store: StoreKind) { standing(in: store).distrust() }

    /// On the reader's thread, while the coordinator does not commit.
    func beginRecords(_ database: Database, _ session: SQLiteSession, at number: UInt64) throws {
        endStandingRecords(database, session)
        let commits = try session.beginReading(database)
        records.begin(at: pools.commits.others { commits }.map { .init(number: number, others: $0) })
    }

    /// On the reader's thread, while the coordinator does not commit.
    func beginGraph(_ connection: GraphConnection, _ session: GraphSession, at number: UInt64) throws {
        endStandingGraph(connection)
        let writes = session.writes
        try connection.beginTransaction(.readOnly)
        relationships.begin(at: session.writes == writes ? .init(number: number, others: writes) : nil)
    }

    private func endStandingRecords(_ database: Database, _ session: SQLiteSession) {
        // If that fails, the next BEGIN does, and the pool throws the reader away.
        if records.end() { try? session.endReading(database) }
    }

    private func endStandingGraph(_ connection: GraphConnection) {
        if relationships.end() { connection.rollbackTransaction(cause: "the snapshot has ended") }
    }

    /// Ends what a view reads with its reader of SQLite, once what runs there is done.
    ///
    /// - Parameter then: called when the reader can be used for something else.
    func endRecords(_ part: ViewPart?, then: @escaping @Sendable () -> Void = {}) {
        guard let session = sqlite else { return }
        session.enqueue(
            { result in
                let database = try? result.get()
                part?.leave { if let database { try? session.endReading(database) } }
                if let database { self.endStandingRecords(database, session) }
            }, then: then)
    }

    /// The same for the graph.
    func endGraph(_ part: ViewPart?, then: @escaping @Sendable () -> Void = {}) {
        guard let session = graph else { return }
        session.enqueue(
            { result in
                let connection = try? result.get()
                part?.leave { connection?.rollbackTransaction(cause: "the snapshot has ended") }
                if let connection { self.endStandingGraph(connection) }
            }, then: then)
    }

    // MARK: The end

    /// Ends what the last view has left.
    func endStanding() {
        if records.isLeft { endRecords(nil) }
        if relationships.isLeft { endGraph(nil) }
    }

    /// Gives the readers back once what runs there is done. Views that have not ended end with them.
    ///
    /// - Parameter view: the last one of them; nil if all have ended.
    func giveBack(after view: StoreView? = nil) {
        if let sqliteLease { endRecords(view?.sqlite) { self.pools.sqlite.releaseReader(sqliteLease) } }
        if let graphLease { endGraph(view?.graph) { self.pools.graph?.releaseReader(graphLease) } }
    }
}
