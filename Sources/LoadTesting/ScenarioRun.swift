import Foundation
import GraphClient
import Measurement
import Threads

/// Runs scenarios on live engines and judges them.
package struct ScenarioRun: Sendable {
    package let plan: LoadPlan
    /// Where the stores keep their data; nil for a temporary folder.
    package let folder: String?
    /// Whether the folder may be taken although Trivet has not made it.
    package var adopts = false
    /// Whether scenarios that have missed a target of time are run once more: it counts as missed when it is missed again.
    package var confirms = false
    /// The program `trivet`, for scenarios whose faults kill the process that has the stores open.
    package var tool: String?
    /// What is noted of where it comes from.
    package var origin = RunOrigin()
    /// Is told of the engines as soon as they are there.
    package var whenOpen: (@Sendable (LiveEngines) -> Void)?

    package init(plan: LoadPlan, folder: String? = nil) {
        self.plan = plan
        self.folder = folder
    }

    /// Runs a profile, or one scenario.
    ///
    /// - Parameters:
    ///   - monitor: shows the progress while it runs; its `stop` ends the run with what was measured until then.
    ///   - command: what a user types to repeat it.
    /// - Throws: when the engines can't be started or opened, and `CancellationError`.
    package func run(profile: String, command: String, monitor: LoadMonitor) async throws -> RunResult {
        let start = monitor.origin
        var blank = origin.blankResult(profile: profile, seed: plan.seed, command: command)
        monitor.board.begin(blank, origin: start, faults: monitor.faults)
        var options = LiveEngines.Options()
        options.adopts = adopts
        return try await LiveEngines.withEngines(folder: folder, options: options) { engines in
            whenOpen?(engines)
            blank.engines = engines.versions
            monitor.board.begin(blank, origin: start, faults: monitor.faults)
            let data = SeedData(scale: plan.scale)
            let last = try await data.prepare(engines, seed: plan.seed) { monitor.prepare($0) }
            // What a build before it, or the seed data, has left in the system's memory is not written while it is measured.
            try await onThread("trivet-sync") { sync() }
            let ids = JourneyIDs(after: last)
            var outcomes: [ScenarioOutcome] = []
            func run(_ entry: ScenarioCatalog.Entry, isSecondLook: Bool = false) async throws {
                let stage = Stage(
                    engines: engines, data: data, ids: ids,
                    plan: ScenarioCatalog.plan(entry, profile: profile, base: plan), monitor: monitor)
                monitor.begin(isSecondLook ? "\(entry.id) (again)" : entry.id, plan: stage.plan)
                let outcome = try await perform(entry.scenario(in: profile), stage)
                outcomes.append(isSecondLook ? outcome.asSecondLook : outcome)
                monitor.board.add(outcomes[outcomes.count - 1])
            }
            let entries = ScenarioCatalog.entries(profile) ?? []
            for entry in entries where !monitor.isStopping { try await run(entry) }
            if confirms {
                let open = Confirmation.openTargets(Self.judge(outcomes))
                for (entry, outcome) in zip(entries, outcomes) where outcome.measures(open) && !monitor.isStopping {
                    try await run(entry, isSecondLook: true)
                }
            }
            let isInterrupted = monitor.isStopping
            let agreement = isInterrupted ? nil : try await Self.consistency(engines, &outcomes)
            let checks = Self.judge(outcomes) + [agreement].compactMap { $0 }
            var result = blank
            result.seconds = ((.now - start) / .milliseconds(1)).rounded() / 1_000
            result.checks = checks
            result.scenarios = outcomes.map(\.result)
            result.interrupted = isInterrupted
            let faults = monitor.faults.windows
            result.faults = faults.isEmpty ? nil : faults
            result.passed = result.outcome == .allTargetsMet
            return result
        }
    }

    /// Runs a scenario on the run's engines, or where it breaks something on purpose on its own ones, which are nobody else's and in no folder that is kept.
    private func perform(_ scenario: any Scenario, _ stage: Stage) async throws -> ScenarioOutcome {
        if let breaking = scenario as? FileScenario, breaking.breaksStores {
            let options = try breaking.engineOptions(stage.plan, tool: tool)
            return try await LiveEngines.withEngines(folder: nil, options: options) { engines in
                var stage = stage
                stage.engines = engines
                return try await LoadWatch(monitor: stage.monitor, engines: engines).watch(scenario, stage)
            }
        }
        try await settle(stage.engines)
        return try await LoadWatch(monitor: stage.monitor, engines: stage.engines).watch(scenario, stage)
    }

    /// A checkpoint stops the graph for a moment, and the next one would be due for what earlier scenarios have written.
    private func settle(_ engines: LiveEngines) async throws {
        do {
            try await engines.coordinator.checkpointGraph()
        } catch GraphError.checkpointUndone {
            // The log stays, and is taken in later.
        }
    }

    /// Latencies of all scenarios together, and each one's other figures; with what second looks say of them.
    static func judge(_ outcomes: [ScenarioOutcome]) -> [CheckResult] {
        Confirmation.merge(
            judgeOnce(outcomes.filter { !$0.isSecondLook }), judgeOnce(outcomes.filter(\.isSecondLook)))
    }

    private static func judgeOnce(_ outcomes: [ScenarioOutcome]) -> [CheckResult] {
        var latencies: [Target: LatencyRecorder] = [:]
        for outcome in outcomes {
            latencies.merge(outcome.latencies) { sum, more in
                var sum = sum
                sum.add(more)
                return sum
            }
        }
        let doubted = Set(outcomes.filter(\.isSaturated).flatMap(\.latencies.keys))
        var checks = latencies.map { target, samples in
            let check = CheckResult(target, samples)
            return doubted.contains(target) ? check.doubted(.generatorSaturated) : check
        }
        checks += outcomes.flatMap(\.figures)
        // Of the scenarios that are long enough to tell, the one that takes most.
        if let growth = outcomes.compactMap(\.memoryGrowth).max(by: { $0.value < $1.value }) { checks.append(growth) }
        let transactions = outcomes.reduce(into: Attempts()) { $0 += $1.transactions }
        if transactions.asked > 0 {
            checks.append(CheckResult(.crossSuccess, succeeded: transactions.succeeded, of: transactions.asked))
        }
        return checks.sorted { $0.id < $1.id }
    }

    /// After everything: whether the stores hold the same.
    private static func consistency(
        _ engines: LiveEngines, _ outcomes: inout [ScenarioOutcome]
    ) async throws -> CheckResult {
        var agreement = try await StoreAgreement.check(engines)
        if let difference = agreement.difference, let last = outcomes.indices.last {
            outcomes[last].result.pass = false
            outcomes[last].result.failureKinds.append(.init(description: difference, count: 1))
        }
        // What scenarios have compared themselves, they have judged.
        for own in outcomes.compactMap(\.agreement) {
            agreement.compared += own.compared
            agreement.same += own.same
        }
        var check = CheckResult(
            .crossConsistency, value: Double(agreement.same) / Double(max(1, agreement.compared)) * 100,
            samples: agreement.compared)
        check.beyond = agreement.compared - agreement.same
        return check
    }
}
