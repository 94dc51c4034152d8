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

    private let repetitions: Int
    private let progress: @Sendable (String) -> Void
    private let results = Mutex<[CheckResult]>([])

    /// - Parameters:
    ///   - repetitions: how often each pair is measured.
    ///   - progress: is told what is being measured.
    init(repetitions: Int, progress: @escaping @Sendable (String) -> Void) {
        self.repetitions = repetitions
        self.progress = progress
    }

    /// What has been judged so far.
    var checks: [CheckResult] { results.withLock { $0 } }

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
        var pairs: [(subject: Double, reference: Double)] = []
        for turn in 0...repetitions {
            try Task.checkCancellation()
            progress("\(target.id)  \(turn)/\(repetitions)")
            let times: (Double, Double)
            if turn.isMultiple(of: 2) {
                let first = try await reference()
                times = (try await subject(), first)
            } else {
                let first = try await subject()
                times = (first, try await reference())
            }
            if turn > 0 { pairs.append(sense == .time ? times : (times.1, times.0)) }
        }
        add(CheckResult(target, RatioEstimate(pairs), samples: pairs.count, limitedBy: limit()))
    }

    /// Measures a figure that is compared with nothing.
    func measure(
        _ target: Target, limitedBy limit: String, repetitions: Int? = nil, _ subject: () async throws -> Double
    ) async throws {
        let repetitions = repetitions ?? self.repetitions
        var values: [Double] = []
        for turn in 0..<repetitions {
            try Task.checkCancellation()
            progress("\(target.id)  \(turn)/\(repetitions)")
            values.append(try await subject())
        }
        add(CheckResult(target, RatioEstimate(values: values), samples: values.count, limitedBy: limit))
    }

    /// Judges a latency by its 99th percentile.
    func judge(_ target: Target, _ recorder: LatencyRecorder, limitedBy limit: String) {
        add(CheckResult(target, recorder, limitedBy: limit))
    }

    func prepare(_ note: String) {
        progress("preparing: \(note)")
    }

    private func add(_ check: CheckResult) {
        results.withLock { $0.append(check) }
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
