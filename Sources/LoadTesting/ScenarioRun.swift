import Measurement

/// Runs scenarios on live engines and judges them.
package struct ScenarioRun: Sendable {
    /// The scenarios that this version has, by name.
    package static let scenarioNames = [UserJourney.id]

    package let plan: LoadPlan
    /// Where the stores keep their data; nil for a temporary folder.
    package let folder: String?

    package init(plan: LoadPlan, folder: String? = nil) {
        self.plan = plan
        self.folder = folder
    }

    /// Runs the user journey.
    ///
    /// - Parameters:
    ///   - monitor: shows the progress while it runs; its `stop` ends the run with what was measured until then.
    ///   - command: what a user types to repeat it.
    /// - Throws: when the engines can't be started or opened, and `CancellationError`.
    package func run(profile: String, command: String, monitor: LoadMonitor) async throws -> RunResult {
        let start = ContinuousClock.now
        return try await LiveEngines.withEngines(folder: folder) { engines in
            let data = SeedData(scale: plan.scale)
            let last = try await data.prepare(engines, seed: plan.seed) { monitor.prepare($0) }
            let journey = UserJourney(engines: engines, data: data, ids: JourneyIDs(after: last))
            let recorder = try await ClosedLoad(plan: plan, monitor: monitor).run(journey)
            let isInterrupted = monitor.isStopping
            let agreement = isInterrupted ? nil : try await StoreAgreement.check(engines)
            if let agreement { monitor.countFinding(agreement) }
            let checks = UserJourney.targets.map { CheckResult($0, recorder.latencies[$0] ?? LatencyRecorder()) }
            let scenario = RunResult.ScenarioResult(
                id: UserJourney.id, operations: monitor.operations, failures: monitor.failures,
                perSecond: Self.rate(monitor), pass: monitor.failures == 0 && agreement == nil,
                failureKinds: monitor.failureKinds)
            var result = RunResult(
                profile: profile, seed: plan.seed, seconds: ((.now - start) / .milliseconds(1)).rounded() / 1_000,
                engines: engines.versions, checks: checks, scenarios: [scenario], passed: false,
                interrupted: isInterrupted, command: command)
            result.passed = result.outcome == .allTargetsMet
            return result
        }
    }

    private static func rate(_ monitor: LoadMonitor) -> Double {
        let seconds = monitor.steadyDuration / .seconds(1)
        return seconds > 0 ? (Double(monitor.operations) / seconds * 10).rounded() / 10 : 0
    }
}
