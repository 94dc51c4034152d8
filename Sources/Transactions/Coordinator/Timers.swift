import Synchronization

/// Calls what is due. One task sleeps for all: one for each timer costs a short unit more than its statements in SQLite.
///
/// Actions are called away from the lane, which a statement may hold at that moment, and must not block.
final class Timers: Sendable {
    typealias ID = TimerQueue<@Sendable () -> Void>.ID

    private struct State {
        var queue = TimerQueue<@Sendable () -> Void>()
        var sleeper: Task<Void, Never>?
        /// When the sleeper wakes.
        var wakes: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let clock: any CoordinatorClock

    init(_ clock: any CoordinatorClock) {
        self.clock = clock
    }

    deinit {
        state.withLock { $0.sleeper?.cancel() }
    }

    func schedule(after duration: Duration, _ action: @escaping @Sendable () -> Void) -> ID {
        state.withLock { state in
            let moment = clock.now + duration
            let id = state.queue.add(at: moment, action)
            if state.wakes.map({ moment < $0 }) ?? true { sleep(&state) }
            return id
        }
    }

    func cancel(_ id: ID?) {
        guard let id else { return }
        state.withLock { $0.queue.cancel(id) }
    }

    /// Sees to it that somebody wakes for the next one. Whoever sleeps for one that was taken back goes on sleeping.
    private func sleep(_ state: inout State) {
        guard let next = state.queue.next(), state.wakes.map({ next < $0 }) ?? true else { return }
        state.sleeper?.cancel()
        state.wakes = next
        // Detached, since it has nothing to do with whose timer it is.
        state.sleeper = Task.detached { [weak self, clock] in
            do { try await clock.sleep(for: next - clock.now) } catch { return }
            self?.wake(next)
        }
    }

    private func wake(_ moment: ContinuousClock.Instant) {
        let due = state.withLock { state in
            // Another one sleeps for an earlier timer since.
            guard state.wakes == moment else { return [] as [@Sendable () -> Void] }
            state.wakes = nil
            state.sleeper = nil
            let due = state.queue.takeDue(at: clock.now)
            sleep(&state)
            return due
        }
        for action in due { action() }
    }
}
