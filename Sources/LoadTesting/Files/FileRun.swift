import Measurement
import Scenarios
import Transactions

/// Runs a scenario's file, on private engines or on a user's own, and judges it by its own targets.
package struct FileRun: Sendable {
    package let file: ScenarioFile
    package let plan: LoadPlan
    /// Whether the short form is run.
    package var isQuick = false
    /// Where the stores keep their data; nil for a temporary folder.
    package var folder: String?
    /// Whether the folder may be taken although Trivet has not made it.
    package var adopts = false
    /// Whether it is run once more when it has missed a target of time: that counts as missed when it is missed again.
    package var confirms = false
    /// The program `trivet`, for a file whose faults kill the process that has the stores open.
    package var tool: String?
    /// A user's own stores instead of private engines.
    package var existing: ExistingStores?
    /// What is noted of where it comes from.
    package var origin = RunOrigin()
    /// Is told of the engines as soon as they are there.
    package var whenOpen: (@Sendable (LiveEngines) -> Void)?

    package init(_ file: ScenarioFile, plan: LoadPlan) {
        self.file = file
        self.plan = plan
    }

    /// The file in a text, as ``read(_:)`` gives it.
    package static func scenario(_ text: String, path: String) throws -> ScenarioFile {
        try ScenarioFile(
            text, path: path, checks: Target.latencies.map(\.id), keyColumns: { try KeyPattern($0).columns })
    }

    /// Reads a file.
    ///
    /// - Throws: `ScenarioFileError` with all that is wrong with it.
    package static func read(_ path: String) throws -> ScenarioFile {
        try ScenarioFile(path: path, checks: Target.latencies.map(\.id), keyColumns: { try KeyPattern($0).columns })
    }

    /// - Parameters:
    ///   - command: what a user types to repeat it.
    ///   - monitor: shows the progress while it runs; its `stop` ends the run with what was measured until then.
    /// - Throws: when the engines can't be started or opened, or the schema and data can't be made; `CancellationError`.
    package func run(command: String, monitor: LoadMonitor) async throws -> RunResult {
        let start = monitor.origin
        var result = origin.blankResult(profile: file.id, seed: plan.seed, command: command)
        monitor.board.begin(result, origin: start, faults: monitor.faults)
        let scenario = FileScenario(file: file, isQuick: isQuick), plan = scenario.plan(plan)
        var outcomes: [ScenarioOutcome] = []
        func look(as name: String) async throws -> ScenarioOutcome {
            try await withEngines(scenario) { engines in
                whenOpen?(engines)
                result.engines = engines.versions
                monitor.board.begin(result, origin: start, faults: monitor.faults)
                monitor.begin(name, plan: plan)
                let stage = Stage(
                    engines: engines, data: SeedData(scale: plan.scale), ids: JourneyIDs(after: 0), plan: plan,
                    monitor: monitor)
                return try await LoadWatch(monitor: monitor, engines: engines).watch(scenario, stage)
            }
        }
        func add(_ outcome: ScenarioOutcome) {
            outcomes.append(outcome)
            monitor.board.add(outcome)
        }
        add(try await look(as: file.id))
        if confirms, !monitor.isStopping, !Confirmation.openTargets(ScenarioRun.judge(outcomes)).isEmpty {
            add(try await look(as: "\(file.id) (again)").asSecondLook)
        }
        result.seconds = ((.now - start) / .milliseconds(1)).rounded() / 1_000
        result.checks = ScenarioRun.judge(outcomes)
        result.scenarios = outcomes.map(\.result)
        result.interrupted = monitor.isStopping
        let windows = monitor.faults.windows
        result.faults = windows.isEmpty ? nil : windows
        result.passed = result.outcome == .allTargetsMet
        return result
    }

    private func withEngines<T: Sendable>(
        _ scenario: FileScenario, _ body: (LiveEngines) async throws -> T
    ) async throws -> T {
        if let existing { return try await LiveEngines.withStores(existing, for: file, seed: plan.seed, body) }
        var options = try scenario.engineOptions(plan, tool: tool)
        options.adopts = adopts
        return try await LiveEngines.withEngines(folder: folder, options: options, body)
    }
}

extension FileScenario {
    /// What the file's faults need of the engines.
    func engineOptions(_ plan: LoadPlan, tool: String?) throws -> LiveEngines.Options {
        var options = LiveEngines.Options()
        options.hasProxy = file.faults.contains { $0.kind.isOfNetwork }
        options.keepsRedis = file.faults.contains { $0.kind.isOfProcess }
        options.seed = plan.seed
        guard file.faults.contains(where: { $0.kind.isOfWorker }) else { return options }
        guard let tool else { throw ImpossibleFault(description: "faults of the worker need the program trivet") }
        options.worker = Worker.Plan(tool: tool, file: file, seed: plan.seed, scale: plan.scale)
        return options
    }
}
