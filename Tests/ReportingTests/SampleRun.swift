import Foundation
import Measurement

@testable import LoadTesting

/// Runs for the renderings, made by the same code that makes those of live engines, from seeded durations.
enum SampleRun {
    /// Text from outside that tries to be something else.
    static let hostile = """
        </title></svg><script>alert("x")</script><img src='http://x.example/?a=1&b=2' onerror=alert(1)> ]]> | `a` @all \u{0}\u{8}\u{FFFE} \
        # [b](javascript:c)
        second line
        """

    static func result(
        seconds: Double = 5, failing: Bool = false, interrupted: Bool = false, name: String = "quick"
    ) -> RunResult {
        var generator = SplitMix64(seed: 7)
        var recorder = LatencyRecorder(), series = LatencySeries.ofRun
        var operations = OperationSeries(), memory = GaugeSeries(), processors = GaugeSeries()
        for index in 0..<2_000 {
            let time = Duration.seconds(seconds * Double(index) / 2_000)
            let slow = Int.random(in: 0..<50, using: &generator) == 0 ? 40.0 : 1
            let duration = Duration.microseconds(Int(Double.random(in: 300..<3_000, using: &generator) * slow))
            recorder.record(duration)
            series.record(duration, at: time)
            operations.advance(operations: index, failures: failing ? index / 10 : 0, at: time)
            memory.record(100 + Double(index) / 100, at: time)
            processors.record(Double.random(in: 0..<2, using: &generator), at: time)
        }
        var latency = CheckResult(failing ? slowTarget : .redisOperation, recorder)
        if failing { latency.firstLook = CheckResult.FirstLook(value: 77, samples: 2_000, beyond: 40) }
        let checks = [
            latency, CheckResult(.poolReuse, succeeded: 1_990, of: 2_000),
            CheckResult(.graphConnections, value: 50, samples: 1),
            CheckResult(.memoryGrowth, value: 12.5, interval: 10...15, samples: 60),
        ]
        let growth = RunResult.ProcessResult.Growth(perMinute: 1.5, interval: .init(low: 1.2, high: 1.9))
        let process = RunResult.ProcessResult(
            name: "trivet", memory: .init(first: 100, last: 120, least: 100, most: 120), growth: growth,
            processors: 1.1, threads: 12, memoryTimeline: memory.timeline(\.mean),
            processorTimeline: processors.timeline(\.mean), voluntarySwitches: 5, involuntarySwitches: 2)
        var scenario = RunResult.ScenarioResult(
            id: name == "quick" ? "user-journey" : name, operations: 2_000, failures: failing ? 200 : 0,
            perSecond: 2_000 / seconds, pass: !failing,
            failureKinds: failing ? [.init(description: hostile, count: 150), .init(description: "b", count: 50)] : [])
        scenario.timeline = operations.result
        scenario.processes = [process]
        scenario.latencies = [RunResult.LatencyTimeline(latency.id, series)].compactMap { $0 }
        scenario.pools = [pool(named: name)]
        scenario.streams = [stream(named: name, recorder)]
        scenario.start = 10
        if failing {
            scenario.failureTimeline = RunResult.FailureTimeline(
                seconds: seconds / 4,
                classes: [
                    .init(name: name, counts: [0, 90, 0, 10]), .init(name: "b", counts: [0, 50, 0, 0]),
                    .init(name: "c", counts: [30, 0, 0, 0]), .init(name: "others", counts: [20, 0, 0, 0]),
                ])
        }
        var result = RunResult(
            profile: name, seed: .max, seconds: seconds, engines: .init(sqlite: "3.40.1", kuzu: "0.11.3", redis: name),
            checks: checks, scenarios: [scenario], passed: false, interrupted: interrupted,
            command: "trivet run \(name) --seed 42")
        result.machine = MachineDescription(cores: 2, processor: name, memory: 8 << 30, system: "Debian")
        result.started = "2026-01-02T03:04:05Z"
        result.version = "1.2.3"
        result.commit = String(repeating: "0123456789", count: 4)
        result.baseline = RunResult.Baseline(result, name: name)
        // One begins before the scenario's charts, one lies within, one doesn't end, one is elsewhere.
        result.faults = [
            FaultWindow(id: "a", kind: "freeze", store: "redis", start: 9, end: 10 + seconds * 0.1),
            FaultWindow(id: "b", kind: name, store: "sqlite", start: 10 + seconds * 0.4, end: 10 + seconds * 0.5),
            FaultWindow(id: "c", kind: "slow disk", store: nil, start: 10 + seconds * 0.9, end: nil),
            FaultWindow(id: "d", kind: "kill", store: "redis", start: 1, end: 2),
        ]
        result.passed = result.outcome == .allTargetsMet
        return result
    }

    private static let slowTarget = Target(
        id: "redis.operation", summary: "", comparison: .below, limit: 0.5, unit: "ms")

    private static func pool(named name: String) -> RunResult.PoolTimeline {
        RunResult.PoolTimeline(
            name: name, maximum: 10, seconds: 0.5, open: [2, nil, 10, 10], inUse: [0, nil, 10, 9],
            waiting: [0, nil, 4, 0], waits: [0, nil, 12.5, 0.3])
    }

    private static func stream(named name: String, _ recorder: LatencyRecorder) -> RunResult.StreamResult {
        let percentiles = CheckResult.Percentiles(recorder)
        return RunResult.StreamResult(
            name: name, rate: 400, spacing: "poisson", due: 2_000, succeeded: 2_000, failed: 0, dropped: 0,
            latency: percentiles, service: percentiles, generatorLag: percentiles)
    }
}
