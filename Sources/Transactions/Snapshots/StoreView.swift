import GRDB
import GraphClient
import Pooling
import Stores
import Synchronization

/// The stores at one number, through a reader of each, in each of which one transaction fixes what is seen.
///
/// Costs one thread hop a read: readers begin on their own threads while the caller goes on, and end there when nobody
/// waits any more.
final class StoreView: Sendable {
    /// What it is called at the coordinator's gate.
    let id: SnapshotID
    /// The number of the last transaction that it sees.
    let number: UInt64
    let state: SnapshotState
    private let readers: StoreReaders
    private let sqlite: ViewPart?
    private let graph: ViewPart?
    private let expiry = Mutex<Timers.ID?>(nil)

    /// - Parameters:
    ///   - stores: those of `readers` that are read.
    ///   - hasBegun: called when all readers have begun, or never will.
    init(
        id: SnapshotID, number: UInt64, of readers: StoreReaders, stores: Set<StoreKind> = [.sqlite, .graph],
        state: SnapshotState, hasBegun: @escaping @Sendable () -> Void
    ) {
        self.id = id
        self.number = number
        self.readers = readers
        self.state = state
        let usesRecords = readers.sqlite != nil && stores.contains(.sqlite)
        let usesGraph = readers.graph != nil && stores.contains(.graph)
        let left = Countdown([usesRecords, usesGraph].count { $0 }, hasBegun)
        sqlite = usesRecords ? ViewPart { left.count() } : nil
        graph = usesGraph ? ViewPart { left.count() } : nil
    }

    /// Lets the readers begin, side by side, since no unit commits meanwhile.
    func begin() {
        if let session = readers.sqlite, let part = sqlite {
            session.enqueue { result in
                do { try part.enter { try session.beginReading(try result.get()) } } catch { part.fail(error) }
            }
        }
        if let session = readers.graph, let part = graph {
            session.enqueue { result in
                do { try part.enter { try result.get().beginTransaction(.readOnly) } } catch { part.fail(error) }
            }
        }
    }

    var hasGraph: Bool { graph != nil }

    /// Calls `action` when the view becomes too old, unless ``forgetAge(_:)`` is called before.
    func watchAge(_ timers: Timers, limit: Duration, _ action: @escaping @Sendable (StoreView) -> Void) {
        let timer = timers.schedule(after: limit) { [weak self] in
            if let self { action(self) }
        }
        expiry.withLock { $0 = timer }
    }

    func forgetAge(_ timers: Timers) {
        timers.cancel(expiry.withLock { $0.take() })
    }

    // MARK: Reading

    func readRecords<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
        guard let session = readers.sqlite, let part = sqlite else { throw TransactionError.notInSnapshot(.sqlite) }
        return try await state.checked {
            try await session.step { database in
                try part.enter { try session.beginReading(database) }
                return try body(database)
            }
        }
    }

    func readGraph(_ cypher: String, _ parameters: GraphParameters) async throws -> GraphResult {
        guard let session = readers.graph, let part = graph else { throw TransactionError.notInSnapshot(.graph) }
        return try await state.checked {
            try await session.run { connection in
                try part.enter { try connection.beginTransaction(.readOnly) }
                return try connection.query(cypher, parameters)
            }
        }
    }

    // MARK: The end

    /// Lets the readers end once what runs there is done.
    func end() {
        endRecords()
        endGraph()
    }

    /// - Parameter then: called when the reader can be used for something else.
    func endRecords(then: @escaping @Sendable () -> Void = {}) {
        guard let session = readers.sqlite else { return }
        session.enqueue(
            { [sqlite] result in
                let database = try? result.get()
                sqlite?.leave { if let database { try? session.endReading(database) } }
            }, then: then)
    }

    /// - Parameter then: called when the reader can be used for something else.
    func endGraph(then: @escaping @Sendable () -> Void = {}) {
        guard let session = readers.graph else { return }
        session.enqueue(
            { [graph] result in
                let connection = try? result.get()
                graph?.leave { connection?.rollbackTransaction(cause: "the snapshot has ended") }
            }, then: then)
    }

    /// Ends the graph's reader alone, and waits for it.
    func finishGraph() async {
        guard graph != nil else { return }
        await withCheckedContinuation { continuation in endGraph { continuation.resume() } }
    }
}

/// Calls something when it has been counted down.
private final class Countdown: Sendable {
    private let left: Atomic<Int>
    private let action: @Sendable () -> Void

    init(_ count: Int, _ action: @escaping @Sendable () -> Void) {
        left = Atomic(count)
        self.action = action
        if count == 0 { action() }
    }

    func count() {
        if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { action() }
    }
}
