import Logging
import Measurement
import Stores
import Synchronization

/// The coordinator's logic, on its lane: the one thread on which units run and on which SQLite and the graph are called
/// without a thread hop.
///
/// What the stores are is left to its participants, so that a simulation can drive the same code over stores of its
/// own, with a clock and an executor that a seed controls.
actor CoordinatorCore {
    /// The unit whose body this task runs, so that a unit inside a unit is noticed.
    @TaskLocal static var current: UnitID?

    struct Participants {
        var decision: any DecisionParticipant
        var graph: (any GraphParticipant)?
        var cache: (any CacheParticipant)?
    }

    enum Phase {
        case open
        /// No new units; those that run may end.
        case closing
        case stopped(any Error)
    }

    nonisolated let lane: any SerialExecutor & TaskExecutor
    nonisolated let participants: Participants
    nonisolated let clock: any CoordinatorClock
    nonisolated let configuration: CoordinatorConfiguration
    nonisolated let logger: Logger
    /// What runs on the lane, for those who can't wait for the lane.
    nonisolated let statements = Mutex(RunningStatements())
    /// What is known of Redis.
    nonisolated let cacheState: Mutex<CacheState>
    nonisolated let gate: SnapshotGate
    nonisolated let commits = CommitCount()
    nonisolated let timers: Timers
    /// Whether a checkpoint waits for the last snapshot to end.
    nonisolated let isCheckpointDue = Atomic(false)
    nonisolated let approach = Approach()
    private nonisolated let lastID = Atomic<UInt64>(0)

    var phase = Phase.open
    var units: [UnitID: Unit] = [:]
    /// Why units have ended whose bodies still run.
    var endings: [UnitID: any Error] = [:]
    var locks: LockTable
    /// The sealed units that are committed next.
    var group = UnitGroup()
    /// The stores in which a transaction has begun: that of the group, or of the unit that holds the store.
    var begun: StoreSet = []
    /// When SQLite's transaction began.
    var recordsBegan: ContinuousClock.Instant?
    /// The number of the last decided unit.
    var lastNumber: UInt64
    /// The last number with which rows of SQLite, or the graph, were changed.
    var lastChange: [StoreKind: UInt64] = [:]
    /// The number at which the journal is trimmed next.
    var nextTrim: UInt64
    /// The number at which the graph was last known to be safe behind a checkpoint.
    var checkpointed: UInt64
    var checkpoints: CheckpointPolicy
    /// When one was last tried; before the first, when the coordinator began.
    var lastCheckpoint: ContinuousClock.Instant
    /// The graph's checkpoint, while one is made.
    var checkpoint: Task<Void, any Error>?
    /// Whether the graph's writer is kept from everybody, since the engine has failed.
    var holdsGraph = false
    /// Checkpoints and groups that wait for their lock.
    var loneWaits: [UnitID: CheckedContinuation<Void, any Error>] = [:]
    /// The tables whose rows Redis follows; nil while no synchronizer runs.
    var mappedRows: MappedRows?
    var idleWaits: [CheckedContinuation<Void, Never>] = []
    var random: SplitMix64
    var counters = CoordinatorCounters()

    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// - Parameter position: where the stores stand, as recovery found or left them.
    init(
        lane: any SerialExecutor & TaskExecutor, participants: Participants, clock: any CoordinatorClock,
        configuration: CoordinatorConfiguration, position: StorePosition, seed: UInt64, logger: Logger
    ) {
        self.lane = lane
        self.participants = participants
        self.clock = clock
        self.configuration = configuration
        self.logger = logger
        locks = LockTable(mostOvertaken: configuration.mostOvertaken)
        lastNumber = position.lastNumber
        nextTrim = position.lastNumber + UInt64(configuration.trimInterval)
        checkpointed = position.trimmed
        checkpoints = CheckpointPolicy(configuration.graphCheckpoints, hasLog: true)
        lastCheckpoint = clock.now
        cacheState = Mutex(CacheState(applied: position.cacheApplied))
        timers = Timers(clock)
        gate = SnapshotGate(number: position.lastNumber, timers: timers)
        random = SplitMix64(seed: seed)
    }

    /// For a unit, or for whoever takes locks besides them.
    nonisolated func makeID() -> UnitID {
        UnitID(rawValue: lastID.add(1, ordering: .relaxed).newValue)
    }

    /// The unit, if it may still do something.
    func live(_ id: UnitID) throws -> Unit {
        guard let unit = units[id] else {
            throw endings[id].map(TransactionError.ended(because:)) ?? TransactionError.over
        }
        switch unit.state {
        case .running: return unit
        case .ended(let error): throw TransactionError.ended(because: error)
        case .sealed, .committed: throw TransactionError.over
        }
    }

    /// The unit, for a task of its body.
    func inBody(_ id: UnitID) throws -> Unit {
        let unit = try live(id)
        guard !unit.hasReturned else { throw TransactionError.returned }
        try checkScope(unit)
        return unit
    }

    func checkOpen() throws {
        switch phase {
        case .open: return
        case .closing: throw TransactionError.closing
        case .stopped(let error): throw TransactionError.stopped(error)
        }
    }

    /// Ends everything: what is in the stores can't be told, or can't be right, any more.
    func stop(_ reason: any Error) {
        if case .stopped = phase { return }
        logger.critical("the coordinator has stopped", metadata: ["reason": "\(reason)"])
        phase = .stopped(reason)
        gate.stop(reason)
        if let closer = group.closer {
            // It waits for nobody any more.
            gate.endCommit(closer, at: lastNumber)
        } else {
            failGroup(TransactionError.stopped(reason), isFinal: true)
        }
        for unit in units.values.sorted(by: { $0.id < $1.id }) { abort(unit.id, TransactionError.stopped(reason)) }
        checkpoint?.cancel()
        for wait in cacheState.withLock({ $0.stop() }) { wait.resume(returning: false) }
        confirmAll()
    }
}

extension TransactionError {
    static let closing = TransactionError(
        .stopped, "the coordinator is closing", remedy: "Stop work before the coordinator is closed.")
}

/// The statement that runs on the lane, and the units whose statements are not to run any more.
struct RunningStatements: Sendable {
    /// The unit whose statement runs, while it runs.
    var current: UnitID?
    /// By unit that has not ended, and also by one that has not begun: whether it is to.
    var isDoomed: [UnitID: Bool] = [:]
    /// Why, which is what the caller is told, whatever the stopped statement says.
    var causes: [UnitID: any Error] = [:]

    mutating func forget(_ id: UnitID) {
        isDoomed[id] = nil
        causes[id] = nil
    }
}

/// Where the stores stand when the coordinator begins its work.
struct StorePosition: Hashable, Sendable {
    var lastNumber: UInt64 = 0
    var trimmed: UInt64 = 0
    var cacheApplied: UInt64 = 0
}

/// What has happened since the coordinator was opened.
public struct CoordinatorCounters: Sendable, Hashable, Codable {
    /// Transactions that were committed.
    public var committed = 0
    /// Commits of SQLite that they shared: one for each group of transactions.
    public var groups = 0
    /// Attempts that were rolled back.
    public var rolledBack = 0
    /// Of `rolledBack`: victims of deadlocks.
    public var deadlocks = 0
    /// Of `rolledBack`: transactions at snapshot that came after another one's change.
    public var conflicts = 0
    /// Attempts after a first one.
    public var retries = 0
    /// Of `retries`: for no reason of the transaction's own, since its group was not committed, or others waited for it.
    public var repeatedForOthers = 0
    /// Times that the graph's commit failed after the decision and was done again.
    public var graphRedone = 0
    /// Times that changes were sent to Redis again.
    public var cacheResent = 0
    /// Keys that Redis refuses to change.
    public var quarantined = 0
    /// Snapshots opened.
    public var snapshots = 0
    /// Checkpoints of the graph.
    public var checkpoints = 0
}
