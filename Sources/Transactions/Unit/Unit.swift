import GraphClient
import Stores

/// One attempt of a transaction, as the coordinator sees it. Lives on the lane.
final class Unit {
    enum State {
        case running
        /// It is committed with its group, or run again. It can't be ended alone any more.
        case sealed
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

    /// Stores in whose physical transaction this unit is.
    var open: StoreSet = []
    /// Whether what it did in SQLite can be undone alone.
    var hasSavepoint = false
    /// Whether it shares its commit with nobody.
    let isAlone: Bool
    /// The group whose undecided changes it may have seen.
    var seenGroup: UInt64?
    /// Takes in what becomes of its group, once.
    var settled: ((GroupOutcome) -> Void)?
    /// Stores that are being opened by one of the body's tasks.
    var opening: StoreSet = []
    /// Tasks of the body that wait for their turn to open a store or to wait for a lock.
    var turns: [CheckedContinuation<Void, Never>] = []
    /// Waits for a lock.
    var lockWait: CheckedContinuation<Void, any Error>?
    var isWaitingForLock = false
    var hasWrittenRecords = false
    /// Where the log of changed rows ended when the unit began to use SQLite; nil while Redis does not follow.
    var changesBefore: Int64?
    var redo: [GraphRedo] = []
    /// The writes at the end of `redo` that the graph has not been told of.
    var unsent: [PutOffWrite] = []
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
    /// Whether the innermost savepoint is being taken back or ended.
    var isEndingSavepoint = false
    var idempotencyKey: String?

    /// What it reads through without locks; nil at serializable.
    var readers: StoreReaders?
    /// What it sees without locks for all of its life; nil before its first step, and at other levels than snapshot.
    var view: StoreView?
    var isOpeningView = false
    /// Stores of which one of the body's tasks reads something, where each read has a view of its own.
    var viewing: StoreSet = []

    var timings = Receipt.Timings()
    var sealedAt: ContinuousClock.Instant?
    var decidedAt: ContinuousClock.Instant?
    /// With how many units, itself included, it has shared its commit.
    var groupSize = 1
    /// Tells the caller of a failure.
    var fail: ((any Error) -> Void)?
    var task: Task<Void, Never>?
    var deadline: Timers.ID?

    init(id: UnitID, _ attempt: Attempt, began: ContinuousClock.Instant) {
        self.began = began
        self.id = id
        self.attempt = attempt.number
        options = attempt.options
        isAlone = attempt.isAlone
    }

    /// What a deadlock's end would cost. Whoever was a victim before comes last, or two that meet again and again would
    /// never be done.
    var worth: Int { attempt * 10_000 + min(work, 9_999) }

    var isRunning: Bool {
        if case .running = state { true } else { false }
    }

    /// Whether it must not see what is not decided: it could not be run again, or also reads beside the writers, where that can't be seen, and would find
    /// what it has waited for a lock for undone.
    var needsDecided: Bool { isAlone || options.isolation != .serializable }

    /// Notes when its group began to be committed, and when it was decided.
    func noteDecision(_ began: ContinuousClock.Instant, _ decided: ContinuousClock.Instant, _ size: Int) {
        if let sealedAt { timings.group = began - sealedAt }
        timings.decision = decided - began
        decidedAt = decided
        groupSize = size
    }

    /// Tells it what became of its group; only the first time counts.
    func settle(_ outcome: GroupOutcome) {
        let tell = settled
        settled = nil
        tell?(outcome)
    }

    func takeTurns() -> [CheckedContinuation<Void, Never>] {
        defer { turns = [] }
        return turns
    }
}
