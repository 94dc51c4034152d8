import GraphClient
import Stores

/// One attempt of a transaction, as the coordinator sees it. Lives on the lane.
final class Unit {
    enum State {
        case running
        /// From the decision on it can't be ended any more.
        case committing
        case ended(any Error)
        case committed
    }

    let id: UnitID
    let options: TransactionOptions
    /// From 1.
    let attempt: Int
    let began: ContinuousClock.Instant
    var state = State.running
    /// Whether the body has returned: what it has left behind may not go on using the unit.
    var hasReturned = false

    /// Stores whose physical transaction is open for this unit.
    var open: Set<StoreKind> = []
    /// Stores that are being opened by one of the body's tasks.
    var opening: Set<StoreKind> = []
    /// Tasks of the body that wait for their turn to open a store or to wait for a lock.
    var turns: [CheckedContinuation<Void, Never>] = []
    /// Waits for a lock.
    var lockWait: CheckedContinuation<Void, any Error>?
    var isWaitingForLock = false
    /// Does the graph's part again.
    var graphRedo: Task<Void, Never>?
    /// Waits for the graph to follow.
    var graphWait: CheckedContinuation<Bool, Never>?

    var hasWrittenRecords = false
    /// Where the log of changed rows ended when the unit began to use SQLite; nil while Redis does not follow.
    var changesBefore: Int64?
    var redo: [GraphRedo] = []
    var cache = CacheWriteSet()
    /// What Redis held when this unit looked; its lock keeps it so.
    var loaded: [CacheKey: CacheEntry] = [:]
    /// How often `cache` was changed.
    var cacheRevision = 0
    /// Statements and writes so far: what would be lost.
    var work = 0
    /// The open savepoints, the innermost last. Their numbers are never used again within the unit.
    var savepoints: [Int] = []
    var lastSavepoint = 0
    var idempotencyKey: String?

    /// What it reads through without locks; nil at serializable.
    var readers: StoreReaders?
    /// What it sees without locks for all of its life; nil before its first step, and at other levels than snapshot.
    var view: StoreView?
    var isOpeningView = false
    /// Stores of which one of the body's tasks reads something, where each read has a view of its own.
    var viewing: Set<StoreKind> = []

    var timings = Receipt.Timings()
    /// Tells the caller of a failure.
    var fail: ((any Error) -> Void)?
    var task: Task<Void, Never>?
    var deadline: Timers.ID?

    init(id: UnitID, attempt: Int, options: TransactionOptions, began: ContinuousClock.Instant) {
        self.began = began
        self.id = id
        self.attempt = attempt
        self.options = options
    }

    /// What a deadlock's end would cost. Whoever was a victim before comes last, or two that meet again and again would
    /// never be done.
    var worth: Int { attempt * 10_000 + min(work, 9_999) }

    var isRunning: Bool {
        if case .running = state { true } else { false }
    }

    func takeTurns() -> [CheckedContinuation<Void, Never>] {
        defer { turns = [] }
        return turns
    }
}
