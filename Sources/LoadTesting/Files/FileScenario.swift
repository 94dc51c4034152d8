import Measurement
import Scenarios

/// A scenario that a file describes.
struct FileScenario: Scenario {
    let file: ScenarioFile
    /// Whether the short form is run.
    var isQuick = false
    /// Whether its latencies must not grow while it runs, which no target of a file says.
    var judgesDrift = false

    var id: String { file.id }
    var summary: String { file.summary }
    var breaksStores: Bool { !file.faults.isEmpty }

    /// The stages of this run.
    func timeline(_ plan: LoadPlan) -> LoadTimeline {
        var stages = isQuick ? file.load.quick : file.load.stages
        if case .users(let users, _) = file.load.model, let wanted = plan.requestedUsers {
            let factor = Double(wanted) / Double(users)
            for index in stages.indices {
                stages[index].from = (stages[index].from * factor).rounded(.up)
                stages[index].to = (stages[index].to * factor).rounded(.up)
            }
        }
        let timeline = LoadTimeline(stages)
        return plan.requestedSteady.map { timeline.stretched(toCounted: $0) } ?? timeline
    }

    /// The plan of the load engine that the stages come to.
    func plan(_ base: LoadPlan) -> LoadPlan {
        var plan = base
        let timeline = timeline(base)
        plan.warmUp = timeline.warmUp
        plan.steady = timeline.counted
        switch file.load.model {
        case .users:
            plan.users = Int(timeline.stages.map { max($0.from, $0.to) }.max() ?? 0)
            plan.rate = nil
        case .rate(let model):
            plan.users = base.requestedUsers ?? model.places
            plan.rate = model.rate
        }
        return plan
    }

    /// The file's faults, as far along in the run as they are in the stages of the file.
    func faults(_ plan: LoadPlan) -> [FaultDefinition] {
        let own = LoadTimeline(file.load.stages).counted, now = timeline(plan).counted
        guard own > .zero, own != now else { return file.faults }
        let factor = now / own
        return file.faults.map { fault in
            var fault = fault
            fault.start = .seconds(fault.start / .seconds(1) * factor)
            fault.length = .seconds(fault.length / .seconds(1) * factor)
            return fault
        }
    }

    /// A load whose file says nothing of what may fail has to succeed, but for what faults do to it.
    var targets: [TargetDefinition] {
        let speaksOfFailures = file.targets.contains { target in
            switch target.expression.metric {
            case .success, .failures: true
            default: false
            }
        }
        guard !speaksOfFailures else { return file.targets }
        let scope: TargetDefinition.Scope = file.faults.isEmpty ? .run : .condition(.steady)
        return file.targets + [TargetDefinition(expression: .mostlySucceeds, scope: scope)]
    }

    func run(_ stage: Stage) async throws -> ScenarioOutcome {
        let monitor = stage.monitor
        let preparation = FilePreparation(
            file: file, scale: stage.plan.scale, seed: stage.plan.seed, engines: stage.engines)
        if let worker = stage.engines.worker {
            try await worker.prepare { monitor.prepare($0) }
        } else {
            try await preparation.prepare { monitor.prepare($0) }
        }
        let operations = try Self.operations(file, counts: try preparation.counts)
        return try await FollowedTables.following(file, stage) { followed in
            try await StepRunner.withRunner(for: file, on: stage.engines, followed: followed) { runner in
                try await run(stage, operations, runner)
            }
        }
    }

    private func run(_ stage: Stage, _ operations: [FileOperation], _ runner: StepRunner) async throws
        -> ScenarioOutcome
    {
        let monitor = stage.monitor, timeline = timeline(stage.plan), followed = runner.followed
        let scoreboard = Scoreboard(
            file, targets: targets, timeline: timeline, origin: .now, lags: followed?.meter)
        let load = FileLoad(
            file: file, operations: operations, plan: stage.plan, monitor: monitor, runner: runner,
            scoreboard: scoreboard)
        let faults = FaultRunner(
            faults: faults(stage.plan), scenario: file.id, engines: stage.engines, monitor: monitor,
            scoreboard: scoreboard)
        let record = try await faults.during { try await load.run() }
        let following = try await followed?.finish(stage, compares: !monitor.isStopping)
        // What was seen late, or never.
        scoreboard.tick()
        if let reason = scoreboard.abortReason { monitor.countFinding(reason) }
        let troubles = faults.findings + (stage.engines.worker?.failures ?? []) + (following?.findings ?? [])
        for trouble in troubles { monitor.countFinding(trouble) }
        var findings = monitor.isStopping ? [] : await checkFindings(runner)
        if let difference = following?.difference {
            findings.append("Redis doesn't hold what SQLite does: \(difference)")
        }
        for finding in findings { monitor.countFinding(finding) }
        return outcome(stage, scoreboard, record, findings, troubles, following)
    }

    private func checkFindings(_ runner: StepRunner) async -> [String] {
        if let worker = runner.engines.worker { return await worker.check() }
        return await FileChecks(file: file, runner: runner).findings()
    }

    static func operations(_ file: ScenarioFile, counts: [String: Int]) throws -> [FileOperation] {
        // Shared by all operations, so that a sequence never gives the same number twice.
        let shared = try file.values.map { try ValueSource($0, counts: counts, table: { try RowTable($0) }) }
        return try file.operations.enumerated().map { number, definition in
            let own = try definition.values.map { try ValueSource($0, counts: counts, table: { try RowTable($0) }) }
            return FileOperation(definition, number: number, scenario: file.id, sources: ValueSources(shared + own))
        }
    }

    // MARK: The outcome

    private func outcome(
        _ stage: Stage, _ scoreboard: Scoreboard, _ record: OpenRecord?, _ findings: [String], _ troubles: [String],
        _ following: FollowedTables.Outcome?
    ) -> ScenarioOutcome {
        let mostLag = if case .rate(let model) = file.load.model { model.mostLag } else { Duration.endless }
        let lag = record?.lag.percentile(99) ?? .zero
        let isSaturated = lag > mostLag
        if isSaturated {
            stage.monitor.countFinding(
                "the load generator itself was late (\(lag.milliseconds) ms at the 99th percentile): its figures say nothing of the stores"
            )
        }
        var outcome = stage.outcome(file.id)
        outcome.isSaturated = isSaturated
        outcome.figures = scoreboard.tallies.compactMap { CheckResult($0, scenario: file.id, isSaturated: isSaturated) }
        outcome.figures += recoveryFigures(scoreboard)
        if let figure = following?.figure {
            outcome.figures.append(isSaturated ? figure.doubted(.generatorSaturated) : figure)
        }
        outcome.agreement = following?.agreement
        // That Redis follows is a check, too.
        let checks = file.checks.count + (file.mappings.isEmpty ? 0 : 1)
        if checks > 0, !stage.monitor.isStopping {
            outcome.figures.append(
                CheckResult(
                    Target(
                        id: "\(file.id).consistency", summary: "checks of the stores that hold", comparison: .atLeast,
                        limit: 100, unit: "%"),
                    value: Double(checks - findings.count) / Double(checks) * 100, samples: checks))
        }
        outcome.result.pass =
            findings.isEmpty && scoreboard.abortReason == nil && troubles.isEmpty
            && !outcome.figures.contains { $0.verdict == .fail }
        outcome.result.streams = record.map { [$0.result] }
        // Latencies of operations that stand for a built-in check are judged with those of other scenarios.
        for (operation, definition) in zip(file.operations, file.operations.map(\.check)) where definition != nil {
            guard let target = operation.check.flatMap(Target.named), let samples = samples(of: target, stage, record)
            else {
                continue
            }
            outcome.latencies[target] = samples
        }
        for (count, operation) in zip(scoreboard.counts, file.operations)
        where operation.check == Target.crossCoordination.id {
            outcome.transactions += Attempts(asked: count.succeeded + count.failed, succeeded: count.succeeded)
        }
        return outcome
    }

    private func samples(of target: Target, _ stage: Stage, _ record: OpenRecord?) -> LatencyRecorder? {
        if let record { return record.samples[target] }
        let latency = stage.monitor.meter(of: target).latency
        return latency.count > 0 ? latency : nil
    }

    private func recoveryFigures(_ scoreboard: Scoreboard) -> [CheckResult] {
        guard !scoreboard.recoveries.isEmpty else { return [] }
        return targets.filter { $0.expression.metric == .recovery }.map { target in
            CheckResult(target, scenario: file.id, scoreboard.recoveries, until: scoreboard.timeline.length)
        }
    }
}

extension Target.Comparison {
    init(_ comparison: TargetComparison) {
        switch comparison {
        case .below: self = .below
        case .atMost: self = .atMost
        case .above: self = .above
        case .atLeast: self = .atLeast
        case .equal: self = .equal
        }
    }
}

extension CheckResult {
    /// The judgement of a file's target; nil for recovery, which faults tell.
    init?(_ tally: TargetTally, scenario: String, isSaturated: Bool) {
        let definition = tally.definition, expression = definition.expression
        if expression.metric == .recovery { return nil }
        let verdict = tally.verdict
        let target = Target(
            id: "\(scenario): \(definition.text)", summary: definition.text, comparison: .init(expression.comparison),
            limit: expression.limit, unit: expression.unit)
        self.init(target, value: ((verdict.value ?? 0) * 10_000).rounded() / 10_000, samples: verdict.samples)
        if definition.window != nil { beyond = verdict.missedWindows }
        switch verdict.holds {
        case nil: self.verdict = .inconclusive
        case true?: self.verdict = .pass
        case false?: self.verdict = .fail
        }
        if definition.window == nil, let durations = tally.figures.durations, durations.count > 0 {
            percentiles = Percentiles(durations)
            curve = Self.curve(durations)
            beyond = durations.count(above: .milliseconds(expression.limit))
            if case .cacheLag = expression.metric {
                let never = durations.count(above: .seconds(3_599))
                endless = never > 0 ? never : nil
            }
        }
        if case .success = expression.metric, definition.window == nil, verdict.samples > 0 {
            lowerBound = SuccessRate(tally.figures.succeeded, of: tally.figures.ended).interval.lowerBound * 100
            beyond = tally.figures.ended - tally.figures.succeeded
        }
        pass = self.verdict == .pass
        if isSaturated { self = doubted(.generatorSaturated) }
    }
}
