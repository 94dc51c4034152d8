import Measurement

/// A scenario that users act out, each one step after the other.
protocol UserScenario: Sendable {
    associatedtype User: Sendable

    /// What this scenario can judge.
    static var targets: [Target] { get }

    /// Opens what a user needs, for the length of `body`.
    func withUser(_ number: Int, _ body: (User) async throws -> Void) async throws

    /// The user's steps, once through. Each is counted by `step`; a failed one ends the round.
    func round(of user: User, recorder: LoadRecorder, step: StepCounter, using generator: inout SplitMix64) async throws
}

/// Counts steps as operations, and their errors as failures by kind.
struct StepCounter: Sendable {
    let monitor: LoadMonitor

    /// Runs a step. Its error is counted and thrown on; cancellation is no failure.
    @discardableResult
    func callAsFunction<T>(_ name: String, _ body: () async throws -> T) async throws -> T {
        let isCounted = monitor.phase == .steady
        do {
            let result = try await body()
            if isCounted { monitor.countOperation() }
            return result
        } catch {
            if isCounted, !(error is CancellationError) { monitor.countFailure("\(name): \(error)") }
            throw error
        }
    }
}

/// Users that act at the same time, each as fast as its answers come.
struct ClosedLoad: Sendable {
    let plan: LoadPlan
    let monitor: LoadMonitor

    /// Runs the scenario through its phases.
    /// - Returns: what was measured in the steady state, also when the task was cancelled before its end.
    func run<S: UserScenario>(_ scenario: S) async throws -> LoadRecorder {
        let recorder = LoadRecorder(monitor: monitor, targets: S.targets)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let generator = SplitMix64(seed: plan.seed)
            for number in 0..<plan.users {
                group.addTask { try await self.act(scenario, number, generator.split(number), recorder) }
            }
            group.addTask { await self.conduct(recorder) }
            do {
                try await group.waitForAll()
            } catch {
                // A user that can't even begin ends the run: the others would go on against a target that is gone.
                monitor.enter(.finished)
                throw error
            }
        }
        return recorder
    }

    /// Leads the users through the phases. Looks at the clock in short turns, so that `stop` and cancellation work
    /// soon.
    private func conduct(_ recorder: LoadRecorder) async {
        defer { monitor.enter(.finished) }
        let start = ContinuousClock.now
        monitor.enter(.warmUp)
        while !monitor.isStopping {
            do {
                try await Task.sleep(for: .milliseconds(50))
            } catch {
                return
            }
            if monitor.phase == .warmUp, .now - start >= plan.warmUp { monitor.enter(.steady) }
            let isLongEnough = monitor.phase == .steady && monitor.steadyDuration >= plan.steady
            if isLongEnough, recorder.hasSamples(CheckResult.leastSamples) || monitor.steadyDuration >= plan.steady * 3
            {
                return
            }
        }
    }

    private func act(
        _ scenario: some UserScenario, _ number: Int, _ generator: SplitMix64, _ recorder: LoadRecorder
    ) async throws {
        var generator = generator
        let step = StepCounter(monitor: monitor)
        do {
            try await scenario.withUser(number) { user in
                var failuresInARow = 0
                while monitor.phase != .finished, !Task.isCancelled {
                    do {
                        try await scenario.round(of: user, recorder: recorder, step: step, using: &generator)
                        failuresInARow = 0
                    } catch is CancellationError {
                        return
                    } catch {
                        // The step counted it. A store that is gone must not be asked at full speed.
                        failuresInARow += 1
                        if failuresInARow > 3 { try? await Task.sleep(for: .milliseconds(20)) }
                    }
                }
            }
        } catch is CancellationError {
            // What was measured until then counts.
        }
    }
}
