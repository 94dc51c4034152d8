import Measurement
import Synchronization

/// What the users of a run share while it goes on: the phase, and counts for the progress and for knowing when to stop.
package final class LoadMonitor: Sendable {
    private struct State {
        var failures: [String: Int] = [:]
        var note = ""
        var scenario = ""
        var plan = LoadPlan()
        var latencies: (p50: Duration, p99: Duration)?
        var pools: [PoolUse] = []
        /// What had been counted before the scenario.
        var earlier = (operations: 0, failures: 0)
    }

    private let phaseNumber = Atomic<Int>(LoadPhase.preparing.rawValue)
    private let operationCount = EventCounter()
    private let failureCount = EventCounter()
    private let stopRequest = Atomic<Bool>(false)
    private let state = Mutex(State())
    /// When the steady state began and ended.
    private let meterTable = Mutex<[Target: OperationMeter]>([:])
    private let steadyTime = Mutex<(start: ContinuousClock.Instant?, end: ContinuousClock.Instant?)>((nil, nil))

    /// The run's beginning: what happens within it is told in seconds from here.
    package let origin: ContinuousClock.Instant
    /// What is broken on purpose.
    package let faults: FaultLog
    /// The run as it stands, for those who look on.
    package let board = RunBoard()

    package init() {
        origin = .now
        faults = FaultLog(origin: origin)
    }

    package var phase: LoadPhase { LoadPhase(rawValue: phaseNumber.load(ordering: .acquiring)) ?? .finished }
    /// Operations that ended in the steady state.
    package var operations: Int { operationCount.count - state.withLock { $0.earlier.operations } }
    /// Those of them that failed.
    package var failures: Int { failureCount.count - state.withLock { $0.earlier.failures } }
    /// What is being prepared.
    package var note: String { state.withLock { $0.note } }

    /// The scenario that runs.
    package var scenario: String { state.withLock { $0.scenario } }
    /// Its plan.
    package var plan: LoadPlan { state.withLock { $0.plan } }

    /// What the scenario's users record into: for one who looks on.
    var meters: [Target: OperationMeter] { meterTable.withLock { $0 } }

    /// The middle and the 99th percentile of all operations that succeeded so far; nil when there are none.
    package var latencies: (p50: Duration, p99: Duration)? { state.withLock { $0.latencies } }

    /// Told now and then by the one who looks at the meters.
    func show(latencies: CompactHistogram) {
        guard latencies.count > 0 else { return }
        state.withLock { $0.latencies = (latencies.percentile(50), latencies.percentile(99)) }
    }

    /// A store's connections at a moment.
    package struct PoolUse: Sendable, Hashable {
        package var store: String
        package var inUse: Int
        /// Who waits for one.
        package var waiting: Int

        package init(store: String, inUse: Int, waiting: Int) {
            self.store = store
            self.inUse = inUse
            self.waiting = waiting
        }
    }

    /// Of each store, as it was seen last; none where nobody looked, or the stores are another process's.
    package var pools: [PoolUse] { state.withLock { $0.pools } }

    /// Told now and then by the one who looks at the pools.
    package func show(_ pools: [PoolUse]) { state.withLock { $0.pools = pools } }

    /// What is broken now, such as `redis freeze`.
    package var currentFaults: [String] {
        faults.windows.filter { $0.end == nil }.map { [$0.store, $0.kind].compactMap { $0 }.joined(separator: " ") }
    }

    func show(_ meters: [Target: OperationMeter]) {
        meterTable.withLock { $0.merge(meters) { _, new in new } }
    }

    /// The meter of a target, made when it is first asked for.
    func meter(of target: Target) -> OperationMeter {
        meterTable.withLock { meters in
            if let meter = meters[target] { return meter }
            let meter = OperationMeter(target.operation)
            meters[target] = meter
            return meter
        }
    }

    /// Begins a scenario, with all counts at nothing.
    func begin(_ scenario: String, plan: LoadPlan) {
        state.withLock { state in
            state = State()
            state.scenario = scenario
            state.plan = plan
            state.earlier = (operationCount.count, failureCount.count)
        }
        meterTable.withLock { $0 = [:] }
        steadyTime.withLock { $0 = (nil, nil) }
        phaseNumber.store(LoadPhase.preparing.rawValue, ordering: .releasing)
    }

    /// How long the steady state has lasted.
    package var steadyDuration: Duration {
        steadyTime.withLock { time in
            guard let start = time.start else { return .zero }
            return (time.end ?? .now) - start
        }
    }

    /// When the steady state began, in seconds from the run's beginning; nil before it did.
    var steadyStart: Double? {
        steadyTime.withLock { $0.start }.map { (($0 - origin) / .milliseconds(1)).rounded() / 1_000 }
    }

    /// Ends the run soon, in good order: users end their step, and what was measured until then counts.
    package func stop() {
        stopRequest.store(true, ordering: .releasing)
    }

    /// Whether `stop` was called.
    package var isStopping: Bool { stopRequest.load(ordering: .acquiring) }

    package func prepare(_ note: String) {
        state.withLock { $0.note = note }
    }

    func enter(_ phase: LoadPhase) {
        steadyTime.withLock { time in
            if phase == .steady { time.start = .now }
            if phase == .finished, time.start != nil, time.end == nil { time.end = .now }
        }
        phaseNumber.store(phase.rawValue, ordering: .releasing)
    }

    func countOperation() {
        operationCount.add()
    }

    /// Operations a second in the steady state.
    var rate: Double {
        let seconds = steadyDuration / .seconds(1)
        return seconds > 0 ? (Double(operations) / seconds * 10).rounded() / 10 : 0
    }

    func countFailure(_ description: String) {
        operationCount.add()
        failureCount.add()
        countFinding(description)
    }

    /// Something that speaks against the run and is no operation.
    func countFinding(_ description: String) {
        state.withLock { state in
            // Texts with ever new ids in them must not fill the memory.
            let key = state.failures.count < 100 ? description : "other failures"
            state.failures[key, default: 0] += 1
        }
    }

    /// All failures by their descriptions.
    var failureCounts: [String: Int] { state.withLock { $0.failures } }

    var failureKinds: [RunResult.ScenarioResult.Failure] {
        let kinds = state.withLock { $0.failures }
        return kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10)
            .map { RunResult.ScenarioResult.Failure(description: $0.key, count: $0.value) }
    }
}
