import LoadTesting
import Measurement
import Synchronization

/// Measures side by side, in turns, and collects what came of it.
final class Benchmarker: Sendable {
    /// What a ratio says.
    enum Sense {
        /// Less is better: the subject's time by the reference's.
        case time
        /// More is better: the subject's speed by the reference's.
        case speed
    }

    private struct Results {
        var checks: [CheckResult] = []
        var metrics: [Baseline.Metric] = []
    }

    private let repetitions: Int
    private let progress: @Sendable (String) -> Void
    private let results = Mutex(Results())

    /// - Parameters:
    ///   - repetitions: how often each pair is measured.
    ///   - progress: is told what is being measured.
    init(repetitions: Int, progress: @escaping @Sendable (String) -> Void) {
        self.repetitions = repetitions
        self.progress = progress
    }

    /// What has been judged so far.
    var checks: [CheckResult] { results.withLock { $0.checks } }
    /// Every repetition of it, for a baseline.
    var metrics: [Baseline.Metric] { results.withLock { $0.metrics } }

    /// Measures two things in turns; each is first in every second turn, and the first turn only warms up.
    ///
    /// - Parameters:
    ///   - limit: what limits the subject, for those who read the result; asked when all is measured.
    ///   - subject: returns the seconds that it took for a piece of work.
    ///   - reference: returns the seconds that it took for as much.
    func compare(
        _ target: Target, _ sense: Sense, limitedBy limit: @autoclosure () -> String,
        subject: () async throws -> Double,
        reference: () async throws -> Double
    ) async throws {
        let ratios = try await turns(target) { turn in
            let (ours, theirs): (Double, Double)
            if turn.isMultiple(of: 2) {
                theirs = try await reference()
                ours = try await subject()
            } else {
                ours = try await subject()
                theirs = try await reference()
            }
            return sense == .time ? ours / theirs : theirs / ours
        }
        add(target, ratios, limitedBy: limit())
    }

    /// Measures a figure that is compared with nothing, or comes as a ratio; the first turn only warms up.
    func measure(
        _ target: Target, limitedBy limit: @autoclosure () -> String, _ subject: () async throws -> Double
    ) async throws {
        let values = try await turns(target) { _ in try await subject() }
        add(target, values, limitedBy: limit())
    }

    /// Measures what two things lose against each other, as per cent: the part of the reference's speed that the subject doesn't reach. In a
    /// baseline it is kept as the ratio of times, since of values around 0 nothing can be said.
    ///
    /// - Parameter ratio: returns the subject's time by the reference's.
    func measureLoss(
        _ target: Target, limitedBy limit: @autoclosure () -> String, ratio: (_ turn: Int) async throws -> Double
    ) async throws {
        let ratios = try await turns(target, ratio)
        let losses = ratios.map { (1 - 1 / $0) * 100 }
        add(
            CheckResult(target, RatioEstimate(values: losses), samples: losses.count, limitedBy: limit()),
            Baseline.Metric(id: target.id, unit: "×", better: .lower, samples: ratios))
    }

    /// Judges a latency by its 99th percentile, over all repetitions.
    ///
    /// - Parameter subject: returns a repetition's latencies.
    func judge(
        _ target: Target, limitedBy limit: String, _ subject: () async throws -> LatencyRecorder
    ) async throws {
        var all = LatencyRecorder()
        let percentiles = try await turns(target) { turn in
            let recorder = try await subject()
            if turn > 0 { all.add(recorder) }
            return recorder.percentile(99) / .milliseconds(1)
        }
        add(
            CheckResult(target, all, limitedBy: limit),
            Baseline.Metric(id: target.id, unit: target.unit, better: .lower, samples: percentiles))
    }

    func prepare(_ note: String) {
        progress("preparing: \(note)")
    }

    private func turns(_ target: Target, _ body: (_ turn: Int) async throws -> Double) async throws -> [Double] {
        var values: [Double] = []
        for turn in 0...repetitions {
            try Task.checkCancellation()
            progress("\(target.id)  \(turn)/\(repetitions)")
            let value = try await body(turn)
            if turn > 0 { values.append(value) }
        }
        return values
    }

    private func add(_ target: Target, _ values: [Double], limitedBy limit: String) {
        add(
            CheckResult(target, RatioEstimate(values: values), samples: values.count, limitedBy: limit),
            Baseline.Metric(id: target.id, unit: target.unit, better: target.better, samples: values))
    }

    private func add(_ check: CheckResult, _ metric: Baseline.Metric) {
        results.withLock { results in
            results.checks.append(check)
            results.metrics.append(metric)
        }
    }
}

extension Target {
    /// Which of two values is the better one.
    var better: Baseline.Metric.Better {
        switch comparison {
        case .below, .atMost: .lower
        case .atLeast, .above, .equal: .higher
        }
    }
}

/// Seconds that `body` takes.
func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await body()
    return (ContinuousClock.now - start) / .seconds(1)
}

/// Runs `body` in so many tasks at the same time.
func inParallel(_ tasks: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<tasks { group.addTask { try await body(number) } }
        try await group.waitForAll()
    }
}
