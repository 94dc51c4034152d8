import Synchronization

/// Probes one store within a time limit, and never twice at a time.
final class StoreProbe: Sendable {
    private let store: any StorePools
    private let limit: Duration
    /// When the probe began that was given up and has not ended.
    private let leftBehind = Mutex<ContinuousClock.Instant?>(nil)

    init(_ store: any StorePools, limit: Duration) {
        self.store = store
        self.limit = limit
    }

    /// How the probe ended, and the pools as they were just then: before a probe that waits in them was given up.
    func run() async -> (HealthMachine.Probe, [NamedPoolStatus]) {
        if let since = leftBehind.withLock({ $0 }) {
            // It was cancelled and goes on all the same. Another one would only wait behind it.
            let age = ContinuousClock.now - since
            return (.unanswered(after: age), store.statuses)
        }
        let start = ContinuousClock.now
        let race = Race()
        let probe = Task { [self] in
            let result: HealthMachine.Probe
            do {
                try await store.probe()
                result = .worked(took: ContinuousClock.now - start)
            } catch {
                result = .failed("\(error)")
            }
            race.finish((result, store.statuses))
            // After that: only a timer that was first leaves anything behind.
            leftBehind.withLock { $0 = nil }
        }
        let timer = Task { [self] in
            try await Task.sleep(for: limit)
            race.finish((.unanswered(after: limit), store.statuses)) { leftBehind.withLock { $0 = start } }
        }
        let outcome = await withTaskCancellationHandler {
            await race.outcome()
        } onCancel: {
            race.finish((.unanswered(after: ContinuousClock.now - start), []))
        }
        timer.cancel()
        probe.cancel()
        return outcome
    }
}

/// The first of several outcomes; the others are dropped.
private final class Race: Sendable {
    typealias Outcome = (HealthMachine.Probe, [NamedPoolStatus])

    private enum State: Sendable {
        case open
        case waiting(CheckedContinuation<Outcome, Never>)
        case decided(Outcome)
        case over
    }

    private let state = Mutex(State.open)

    /// - Parameter ifFirst: runs before anyone knows of the outcome.
    func finish(_ outcome: Outcome, ifFirst: () -> Void = {}) {
        let waiter = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            switch state {
            case .open:
                state = .decided(outcome)
                ifFirst()
                return nil
            case .waiting(let continuation):
                state = .over
                ifFirst()
                return continuation
            case .decided, .over:
                return nil
            }
        }
        waiter?.resume(returning: outcome)
    }

    func outcome() async -> Outcome {
        await withCheckedContinuation { continuation in
            let decided = state.withLock { state -> Outcome? in
                guard case .decided(let outcome) = state else {
                    state = .waiting(continuation)
                    return nil
                }
                state = .over
                return outcome
            }
            if let decided { continuation.resume(returning: decided) }
        }
    }
}
