import Measurement
import Scenarios

/// The load of a file, through its stages.
struct FileLoad: Sendable {
    let file: ScenarioFile
    let operations: [FileOperation]
    let plan: LoadPlan
    let monitor: LoadMonitor
    let runner: StepRunner
    let scoreboard: Scoreboard

    private var mix: OperationMix { OperationMix(file.operations.map(\.weight)) }

    /// - Returns: what was measured of a load with a rate; nil for users.
    func run() async throws -> OpenRecord? {
        switch file.load.model {
        case .rate(let model): return try await open(model)
        case .users(_, let think):
            try await closed(think)
            return nil
        }
    }

    // MARK: Operations that are due

    private func open(_ model: LoadDefinition.OpenModel) async throws -> OpenRecord? {
        let mix = mix, kinds = SplitMix64(seed: plan.seed).split(-2)
        // The same number is always the same operation, also of one that never begins.
        @Sendable func kind(_ number: Int) -> Int {
            var generator = kinds.split(number)
            return mix.next(using: &generator)
        }
        let counted = max(timelineRate, 0.001)
        let stream = OpenStream(
            name: file.id, rate: counted, curve: scoreboard.timeline.curve, spacing: model.spacing,
            patience: model.patience
        ) { operation, generator in
            let own = operations[kind(operation.number)]
            try await own.perform(runner, isCounted: operation.isCounted, using: &generator)
            return own.target
        } observe: { operation, timing, succeeded in
            let outcome: OperationEvent.Outcome =
                if let timing {
                    succeeded ? .succeeded(latency: timing.latency, service: timing.service) : .failed
                } else {
                    .dropped
                }
            scoreboard.add(kind(operation.number), due: operation.due, outcome, lag: timing?.lag)
        }
        let load = OpenLoad(
            plan: plan, monitor: monitor, origin: scoreboard.origin, isOver: { scoreboard.abortReason != nil })
        return try await load.run([stream], leastSamples: 0).first
    }

    /// Operations a second, on average of what is counted.
    private var timelineRate: Double {
        let counted = LevelCurve(scoreboard.timeline.stages.filter { $0.kind != .warmUp })
        return counted.length > .zero ? counted.area / (counted.length / .seconds(1)) : 0
    }

    // MARK: Users

    private func closed(_ think: Duration) async throws {
        let most = Int(scoreboard.timeline.stages.map { max($0.from, $0.to) }.max() ?? 0)
        let generator = SplitMix64(seed: plan.seed)
        monitor.enter(.warmUp)
        defer { monitor.enter(.finished) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<most { group.addTask { await act(number, think, generator.split(number)) } }
            group.addTask { await conduct() }
            try await group.waitForAll()
        }
        try Task.checkCancellation()
    }

    /// Looks at the clock in short turns, so that `stop` and cancellation work soon.
    private func conduct() async {
        let end = scoreboard.timeline.length, warmUp = scoreboard.timeline.warmUp
        while isGoingOn, scoreboard.now < end {
            if monitor.phase == .warmUp, scoreboard.now >= warmUp { monitor.enter(.steady) }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                break
            }
        }
        monitor.enter(.finished)
    }

    private var isGoingOn: Bool {
        !monitor.isStopping && scoreboard.abortReason == nil && monitor.phase != .finished && !Task.isCancelled
    }

    private func act(_ number: Int, _ think: Duration, _ generator: SplitMix64) async {
        var generator = generator
        let mix = mix, curve = scoreboard.timeline.curve
        var failuresInARow = 0
        while isGoingOn {
            let start = scoreboard.now
            guard curve.level(at: start) > Double(number) else {
                // Not needed now, or not yet.
                try? await Task.sleep(for: .milliseconds(10))
                continue
            }
            let kind = mix.next(using: &generator)
            // As the scoreboard counts, so that all figures are of the same operations.
            let isCounted = start >= scoreboard.timeline.warmUp
            let clock = ContinuousClock.now
            do {
                try await operations[kind].perform(runner, isCounted: isCounted, using: &generator)
                let time = ContinuousClock.now - clock
                scoreboard.add(kind, due: start, .succeeded(latency: time, service: time))
                if isCounted {
                    monitor.countOperation()
                    monitor.meter(of: operations[kind].target).record(time)
                }
                failuresInARow = 0
            } catch is CancellationError where Task.isCancelled {
                return
            } catch {
                scoreboard.add(kind, due: start, .failed)
                if isCounted { monitor.countFailure("\(error)") }
                // A store that is gone must not be asked at full speed.
                failuresInARow += 1
                if failuresInARow > 3 { try? await Task.sleep(for: .milliseconds(20)) }
            }
            if think > .zero { try? await Task.sleep(for: think) }
        }
    }
}
