import Measurement
import Scenarios
import Synchronization

/// What all users of a file's load tell, and what its targets make of it.
final class Scoreboard: Sendable {
    private struct State {
        var tallies: [TargetTally]
        var recovery: RecoveryTracker
        /// What ended well and what did not after the warm-up, by operations.
        var counts: [(succeeded: Int, failed: Int)]
        /// How things stood from each of these moments on, ascending.
        var conditions: [(from: Duration, condition: LoadCondition)] = [(.zero, .steady)]
        var activeFaults: Set<Int> = []
        var passed = Duration.zero
        var abortReason: String?
    }

    let timeline: LoadTimeline
    private let state: Mutex<State>
    /// Of the tables that Redis follows; nil for none.
    private let lags: LagMeter?
    /// Moments count from here: the beginning of the load.
    let origin: ContinuousClock.Instant

    init(
        _ file: ScenarioFile, targets: [TargetDefinition], timeline: LoadTimeline, origin: ContinuousClock.Instant,
        lags: LagMeter? = nil
    ) {
        self.lags = lags
        self.timeline = timeline
        self.origin = origin
        let names = file.operations.map(\.name)
        state = Mutex(
            State(
                tallies: targets.map { TargetTally($0, operations: names, stages: timeline.stages) },
                recovery: RecoveryTracker(file.recovered, operations: names),
                counts: names.map { _ in (0, 0) }))
    }

    var now: Duration { .now - origin }

    /// Why the run should end before its time; nil when it should not.
    var abortReason: String? { state.withLock { $0.abortReason } }

    // MARK: Operations

    /// An operation has ended, or was dropped.
    ///
    /// - Parameter due: when it was due, or began where nothing is due.
    func add(_ operation: Int, due: Duration, _ outcome: OperationEvent.Outcome, lag: Duration? = nil) {
        let moment = now, stage = timeline.stage(at: due)
        state.withLock { state in
            let condition = Self.condition(from: due, to: moment, state.conditions)
            let event = OperationEvent(
                operation: operation, stage: stage, condition: condition, outcome: outcome, lag: lag)
            for index in state.tallies.indices { state.tallies[index].add(event) }
            state.recovery.add(event, at: max(moment, .zero))
            guard due >= timeline.warmUp else { return }
            if case .succeeded = outcome {
                state.counts[operation].succeeded += 1
            } else {
                state.counts[operation].failed += 1
            }
        }
    }

    /// An operation that a fault came upon is one of the fault's, whenever it was due.
    private static func condition(
        from due: Duration, to end: Duration, _ conditions: [(from: Duration, condition: LoadCondition)]
    ) -> LoadCondition {
        let first = conditions.lastIndex { $0.from <= due } ?? 0
        let met = conditions[first...].prefix { $0.from <= max(due, end) }.map(\.condition)
        return met.contains(.fault) ? .fault : met.contains(.recovery) ? .recovery : .steady
    }

    /// Changes of rows were seen in Redis, or given up.
    private func see() {
        guard let lags else { return }
        let offset = lags.origin - origin
        for seen in lags.takeSeen() {
            let due = seen.announced + offset
            // What is never seen is under way until now.
            let end = seen.lag == .endless ? now : due + seen.lag, stage = timeline.stage(at: due)
            state.withLock { state in
                let event = OperationEvent(
                    operation: seen.operation, stage: stage,
                    condition: Self.condition(from: due, to: end, state.conditions), outcome: .seen(seen.lag))
                for index in state.tallies.indices { state.tallies[index].add(event) }
                state.recovery.add(event, at: now)
            }
        }
    }

    // MARK: Time

    /// Time has passed until now. To be called several times a second.
    func tick() {
        see()
        let now = min(now, timeline.length)
        state.withLock { state in
            let time = now - state.passed
            guard time > .zero else { return }
            let stage = timeline.stage(at: state.passed)
            let condition = state.conditions.last?.condition ?? .steady
            state.passed = now
            for index in state.tallies.indices
            where state.tallies[index].pass(time, stage: stage, condition: condition) && state.abortReason == nil {
                state.abortReason = "ended early: \(state.tallies[index].definition.text) is missed"
            }
            state.recovery.advance(to: now)
            settle(&state, at: now)
        }
    }

    func begin(fault: Int) {
        state.withLock { state in
            state.activeFaults.insert(fault)
            settle(&state, at: now)
        }
    }

    func heal(fault: Int) {
        let moment = now
        state.withLock { state in
            state.activeFaults.remove(fault)
            state.recovery.heal(fault, at: moment)
            settle(&state, at: moment)
        }
    }

    private func settle(_ state: inout State, at moment: Duration) {
        let condition: LoadCondition =
            !state.activeFaults.isEmpty ? .fault : state.recovery.isRecovering ? .recovery : .steady
        if condition != state.conditions.last?.condition { state.conditions.append((moment, condition)) }
    }

    // MARK: Afterwards

    var tallies: [TargetTally] { state.withLock { $0.tallies } }
    var recoveries: [RecoveryTracker.Recovery] { state.withLock { $0.recovery.recoveries } }
    var counts: [(succeeded: Int, failed: Int)] { state.withLock { $0.counts } }
}
