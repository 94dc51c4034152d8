import GRDB
import GraphClient
import Pooling
import Stores
import Synchronization

/// The stores at one number, through a reader of each, in each of which one transaction fixes what is seen.
///
/// Costs one thread hop a read, in which a reader begins, and with it ends what the last view has left. Only a commit that
/// comes before the first read makes readers begin by themselves.
final class StoreView: Sendable {
    /// What it is called at the coordinator's gate.
    let id: SnapshotID
    /// The number of the last transaction that it sees.
    let number: UInt64
    let state: SnapshotState
    private let readers: StoreReaders
    let sqlite: ViewPart?
    let graph: ViewPart?
    private let expiry = Mutex<Timers.ID?>(nil)

    /// - Parameters:
    ///   - stores: those of `readers` that are read.
    ///   - open: those of them that a reader shows as they are at `number` already.
    ///   - hasBegun: called when all readers have begun, or never will.
    init(
        id: SnapshotID, number: UInt64, of readers: StoreReaders, stores: StoreSet = [.sqlite, .graph],
        open: StoreSet = [], state: SnapshotState, hasBegun: @escaping @Sendable () -> Void
    ) {
        self.id = id
        self.number = number
        self.readers = readers
        self.state = state
        let readable = readers.readable(of: stores)
        let left = Countdown(readable.subtracting(open).count, hasBegun)
        func part(_ store: StoreKind) -> ViewPart? {
            readable.contains(store) ? ViewPart(isOpen: open.contains(store)) { left.count() } : nil
        }
        sqlite = part(.sqlite)
        graph = part(.graph)
    }

    /// Lets the readers begin that have not, side by side, since no unit commits meanwhile.
    func begin() {
        if let session = readers.sqlite, let part = sqlite {
            session.enqueue { [readers, number] result in
                do {
                    try part.enter { try readers.beginRecords(try result.get(), session, at: number) }
                } catch {
                    part.fail(error)
                }
            }
        }
        if let session = readers.graph, let part = graph {
            session.enqueue { [readers, number] result in
                do {
                    try part.enter { try readers.beginGraph(try result.get(), session, at: number) }
                } catch {
                    part.fail(error)
                }
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
                try part.enter { try readers.beginRecords(database, session, at: number) }
                var isSound = false
                defer { if !isSound { readers.distrust(.sqlite) } }
                let value = try body(database)
                isSound = database.isInsideTransaction
                return value
            }
        }
    }

    func readGraph(_ cypher: String, _ parameters: GraphParameters) async throws -> GraphResult {
        guard let session = readers.graph, let part = graph else { throw TransactionError.notInSnapshot(.graph) }
        return try await state.checked {
            try await session.run { connection in
                try part.enter { try readers.beginGraph(connection, session, at: number) }
                do {
                    return try connection.query(cypher, parameters)
                } catch {
                    readers.distrust(.graph)
                    throw error
                }
            }
        }
    }

    // MARK: The end

    /// Lets the readers end once what runs there is done.
    func end() {
        readers.endRecords(sqlite)
        readers.endGraph(graph)
    }

    /// Ends the view where it does not need the readers' threads for that.
    ///
    /// - Returns: whether the readers can be used for another view now.
    func retire() -> Bool {
        var isOver = true
        for (store, part) in [(StoreKind.sqlite, sqlite), (.graph, graph)] {
            switch part?.retire() {
            case nil, .nothing: break
            case .transaction: readers.leave(store)
            case .unknown: isOver = false
            }
        }
        return isOver
    }

    /// Ends the graph's reader alone, and waits for it.
    func finishGraph() async {
        guard graph != nil else { return }
        await withCheckedContinuation { continuation in readers.endGraph(graph) { continuation.resume() } }
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
