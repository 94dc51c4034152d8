import LocalEngines
import Measurement
import Stores
import Synchronization

/// Looks at a scenario from the outside while it runs: how many operations end, and what this process and its redis-server hold and use.
///
/// Looking takes some hundred microseconds four times a second.
struct LoadWatch: Sendable {
    static let interval: Duration = .milliseconds(250)

    let monitor: LoadMonitor
    let engines: LiveEngines

    private struct Seen: Sendable {
        var operations = OperationSeries()
        var failures = FailureSeries()
        var own = ProcessSeries(name: "trivet")
        var redis = ProcessSeries(name: "redis-server")
        var worker = ProcessSeries(name: "worker")
        var latencies: [Target: LatencySeries] = [:]
        var pools = PoolSeries()
    }

    private final class Notes: Sendable {
        let seen = Mutex(Seen())
    }

    /// Runs a scenario and adds to its outcome what was seen in its steady state.
    ///
    /// - Throws: what the scenario throws.
    func watch(_ scenario: any Scenario, _ stage: Stage) async throws -> ScenarioOutcome {
        let notes = Notes()
        monitor.board.show {
            var outcome = stage.outcome(scenario.id)
            outcome.latencies = monitor.meters.mapValues(\.latency).filter { $0.value.count > 0 }
            add(notes.seen.withLock { $0 }, of: scenario, stage.plan, to: &outcome)
            if scenario.judgesDrift { addDrift(notes.seen.withLock { $0 }, to: &outcome) }
            return outcome
        }
        return try await withThrowingTaskGroup(of: ScenarioOutcome?.self) { group in
            group.addTask { try await scenario.run(stage) }
            group.addTask {
                while !Task.isCancelled {
                    if monitor.phase == .steady { notes.seen.withLock { look(&$0) } }
                    try? await Task.sleep(for: Self.interval)
                }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                guard var outcome = result else { continue }
                add(notes.seen.withLock { $0 }, of: scenario, stage.plan, to: &outcome)
                if scenario.judgesDrift { addDrift(notes.seen.withLock { $0 }, to: &outcome) }
                return outcome
            }
            throw CancellationError()
        }
    }

    private func look(_ seen: inout Seen) {
        let time = monitor.steadyDuration
        seen.operations.advance(operations: monitor.operations, failures: monitor.failures, at: time)
        seen.failures.advance(monitor.failureCounts, at: time)
        var all = CompactHistogram()
        for (target, meter) in monitor.meters {
            let reading = meter.reading()
            all.add(reading.histogram)
            seen.latencies[target, default: .ofRun].advance(to: reading, at: time)
        }
        monitor.show(latencies: all)
        seen.pools.record(engines.stores.all, at: time)
        let pools = engines.stores.all.map { store -> LoadMonitor.PoolUse in
            let all = store.statuses.map(\.status)
            return LoadMonitor.PoolUse(
                store: store.kind.rawValue, inUse: all.reduce(0) { $0 + $1.leased },
                waiting: all.reduce(0) { $0 + $1.waiting })
        }
        monitor.show(pools)
        if let sample = try? ProcessSample.current() { seen.own.record(sample, at: time) }
        if let process = engines.worker?.processID, let sample = try? ProcessSample(of: process) {
            seen.worker.record(sample, at: time)
        }
        guard let process = engines.privateServer?.processID, let sample = try? ProcessSample(of: process) else {
            return
        }
        seen.redis.record(sample, at: time)
    }

    private func add(_ seen: Seen, of scenario: any Scenario, _ plan: LoadPlan, to outcome: inout ScenarioOutcome) {
        let processes =
            [seen.own] + (engines.worker == nil ? [] : [seen.worker])
            + (engines.privateServer == nil ? [] : [seen.redis])
        outcome.result.timeline = seen.operations.result
        outcome.result.failureTimeline = seen.failures.result
        outcome.result.processes = processes.compactMap(\.result)
        outcome.result.latencies = seen.latencies.sorted { $0.key.id < $1.key.id }
            .compactMap { RunResult.LatencyTimeline($0.key.id, $0.value) }
        outcome.result.pools = seen.pools.result
        outcome.result.start = monitor.steadyStart
        // What comes as fast as it can fills caches and buffers as fast as it can, up to their bounds.
        // What is broken takes memory while it is.
        guard plan.rate != nil, !scenario.breaksStores else { return }
        outcome.memoryGrowth = .memoryGrowth(of: processes, over: monitor.steadyDuration)
    }

    private func addDrift(_ seen: Seen, to outcome: inout ScenarioOutcome) {
        guard let drift = CheckResult.latencyDrift(of: seen.latencies) else { return }
        outcome.figures.append(drift)
        if drift.verdict == .fail { outcome.result.pass = false }
    }
}
