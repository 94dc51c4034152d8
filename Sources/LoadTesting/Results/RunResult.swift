import Foundation
import Measurement

/// The document of a run: what `--json` writes. Its form is fixed by `schema`.
package struct RunResult: Sendable, Codable, Hashable {
    /// What one scenario did in its steady state.
    package struct ScenarioResult: Sendable, Codable, Hashable {
        package var id: String
        package var operations: Int
        package var failures: Int
        package var perSecond: Double
        package var pass: Bool
        /// Different failures with their numbers, most frequent first; at most ten.
        package var failureKinds: [Failure]
        /// With operations that come at a rate: each stream of them; nil for users that wait for their answers.
        package var streams: [StreamResult]?
        /// How it went over time; nil where nothing was watched.
        package var timeline: Timeline?
        /// What failed over time, by what it said; nil where nothing did.
        package var failureTimeline: FailureTimeline?
        /// What the processes held and used: this one, and its redis-server.
        package var processes: [ProcessResult]?
        /// How long operations took over time, by target.
        package var latencies: [LatencyTimeline]?
        /// What the pools held over time.
        package var pools: [PoolTimeline]?
        /// When its steady state began, in seconds from the run's beginning: times of its own count from there.
        package var start: Double?

        package struct Failure: Sendable, Codable, Hashable {
            package var description: String
            package var count: Int
        }
    }

    package var schema = 1
    package var profile: String
    package var seed: UInt64
    package var seconds: Double
    package var engines: EngineVersions
    package var checks: [CheckResult]
    package var scenarios: [ScenarioResult]
    package var passed: Bool
    /// The run was stopped before its end; what stands here is what it had until then.
    package var interrupted: Bool
    /// The command that repeats the run.
    package var command: String
    /// What `trivet crash` did; nil for other runs.
    package var crash: Crash?
    /// What it ran on, and when it began, as ISO 8601 writes it; nil where nobody noted it.
    package var machine: MachineDescription?
    package var started: String?
    /// The version of Trivet that measured, and the commit of what was measured, where that is known.
    package var version: String?
    package var commit: String?
    /// What was broken on purpose, and when.
    package var faults: [FaultWindow]?
    /// An earlier run to draw beside this one.
    package var baseline: Baseline?
    /// The graph's engines beside each other; nil where only one was measured.
    package var engineFigures: [EngineFigure]?

    /// A crash test's own part.
    package struct Crash: Sendable, Codable, Hashable {
        package var figures: CrashFigures
        package var failures: [CrashFailure]
    }
}

extension RunResult {
    /// Of Trivet.
    package static let currentVersion = "0.1.0"

    /// The document of measurements that are no scenarios.
    package init(
        profile: String, seconds: Double, engines: EngineVersions, checks: [CheckResult], interrupted: Bool,
        command: String
    ) {
        self.init(
            profile: profile, seed: 0, seconds: seconds, engines: engines, checks: checks, scenarios: [], passed: false,
            interrupted: interrupted, command: command)
        noteOrigin(commit: nil)
        passed = outcome == .allTargetsMet
    }

    /// Notes on what, with what, and when it was measured, as far as that isn't known yet. For a run that has just ended.
    package mutating func noteOrigin(commit: String?) {
        machine = machine ?? .current
        version = version ?? Self.currentVersion
        self.commit = self.commit ?? commit
        started = started ?? Date(timeIntervalSinceNow: -seconds).ISO8601Format()
    }

    /// What a run's process ends with.
    package enum Outcome: Int32, Sendable {
        case allTargetsMet = 0
        case targetMissed = 1
        case wrongUsage = 2
        case engineMissing = 3
        case inconsistent = 4
        case regressed = 5
        case inconclusive = 7
        case interrupted = 130
    }

    /// Stores that disagree say more than a missed target, that more than too few samples, and those more than nothing.
    package var outcome: Outcome {
        if interrupted { return .interrupted }
        if checks.contains(where: { $0.verdict == .fail && $0.isOfConsistency }) { return .inconsistent }
        if scenarios.contains(where: { !$0.pass }) || checks.contains(where: { $0.verdict == .fail }) {
            return .targetMissed
        }
        if checks.contains(where: { $0.verdict == .inconclusive }) { return .inconclusive }
        return .allTargetsMet
    }
}
