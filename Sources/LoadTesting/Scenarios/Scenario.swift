import Measurement

/// Something that is done to the live stores, and judged.
protocol Scenario: Sendable {
    /// Its name on the command line.
    var id: String { get }
    /// What it does, in a sentence.
    var summary: String { get }
    /// Whether its latencies must not grow while it runs.
    var judgesDrift: Bool { get }
    /// Whether it breaks something on purpose.
    var breaksStores: Bool { get }

    /// Runs it, in its short form or in full, as the plan says.
    ///
    /// - Throws: when it can't go on; what fails within it is counted instead.
    func run(_ stage: Stage) async throws -> ScenarioOutcome
}

extension Scenario {
    var judgesDrift: Bool { false }
    var breaksStores: Bool { false }
}

/// A scenario that a file can't carry.
protocol ProgrammedScenario: Scenario {
    static var id: String { get }
    static var summary: String { get }
}

extension ProgrammedScenario {
    var id: String { Self.id }
    var summary: String { Self.summary }
}

/// What a scenario has to work with.
struct Stage: Sendable {
    var engines: LiveEngines
    let data: SeedData
    /// Numbers for users that sign up.
    let ids: JourneyIDs
    let plan: LoadPlan
    let monitor: LoadMonitor

    /// Runs users in a closed load.
    func load(_ scenario: some UserScenario) async throws -> LoadRecorder {
        try await ClosedLoad(plan: plan, monitor: monitor).run(scenario)
    }

    /// What the monitor has counted.
    func outcome(
        _ id: String, recorder: LoadRecorder? = nil, figures: [CheckResult] = []
    ) -> ScenarioOutcome {
        ScenarioOutcome(
            result: RunResult.ScenarioResult(
                id: id, operations: monitor.operations, failures: monitor.failures, perSecond: monitor.rate,
                pass: monitor.failureKinds.isEmpty, failureKinds: monitor.failureKinds),
            latencies: recorder?.latencies ?? [:], transactions: recorder?.transactions ?? Attempts(), figures: figures)
    }
}

/// What a scenario found.
struct ScenarioOutcome: Sendable {
    var result: RunResult.ScenarioResult
    /// Latencies, which are merged with those of the run's other scenarios.
    var latencies: [Target: LatencyRecorder] = [:]
    /// Whether the load generator itself was late, so that latencies say nothing of the stores.
    var isSaturated = false
    /// Whether it was run to confirm what the scenario had missed.
    var isSecondLook = false
    /// Coordinated transactions, added to those of the run's other scenarios.
    var transactions = Attempts()
    /// Figures that are judged by themselves.
    var figures: [CheckResult] = []
    /// Memory that it took and didn't give back, if it was long enough to tell.
    var memoryGrowth: CheckResult?
    /// What it has compared between the stores, added to what is compared after the run.
    var agreement: StoreAgreement?
}

/// How often something was tried, and how often it succeeded.
struct Attempts: Sendable, Hashable {
    var asked = 0
    var succeeded = 0

    static func += (sum: inout Attempts, more: Attempts) {
        sum.asked += more.asked
        sum.succeeded += more.succeeded
    }
}
