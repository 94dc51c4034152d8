import Measurement
import Synchronization

/// A run while it goes on, as the document that it is becoming: for those who look on.
package final class RunBoard: Sendable {
    private struct State {
        var blank: RunResult?
        var origin = ContinuousClock.now
        var faults: FaultLog?
        var outcomes: [ScenarioOutcome] = []
        var current: (@Sendable () -> ScenarioOutcome)?
    }

    private let state = Mutex(State())

    init() {}

    /// - Parameter blank: what is known before anything is measured.
    func begin(_ blank: RunResult, origin: ContinuousClock.Instant, faults: FaultLog) {
        state.withLock { state in
            state.blank = blank
            state.origin = origin
            state.faults = faults
        }
    }

    /// A scenario begins: what it has come to, whenever somebody asks.
    func show(_ current: @escaping @Sendable () -> ScenarioOutcome) {
        state.withLock { $0.current = current }
    }

    /// A scenario has ended.
    func add(_ outcome: ScenarioOutcome) {
        state.withLock { state in
            state.outcomes.append(outcome)
            state.current = nil
        }
    }

    /// What the run would come to if it ended now; nil before it began. What is only known in the end is missing: whether the stores agree, and how
    /// many transactions succeeded.
    package var result: RunResult? {
        // Outside of the lock: to look takes a while.
        let state = state.withLock { $0 }
        guard var result = state.blank else { return nil }
        let outcomes = state.outcomes + (state.current.map { [$0()] } ?? [])
        result.seconds = ((.now - state.origin) / .milliseconds(1)).rounded() / 1_000
        result.checks = ScenarioRun.judge(outcomes)
        result.scenarios = outcomes.map(\.result)
        let faults = state.faults?.windows ?? []
        result.faults = faults.isEmpty ? nil : faults
        return result
    }
}
