import Synchronization

/// Calls what is due. One alarm is for all: a task that sleeps, for each, costs a short unit more than its statements in
/// SQLite.
///
/// Actions are called away from the lane, which a statement may hold at that moment, and must not block.
final class Timers: Sendable {
    typealias ID = TimerQueue<@Sendable () -> Void>.ID

    private struct State {
        var queue = TimerQueue<@Sendable () -> Void>()
        /// Made for the first timer.
        var alarm: (any CoordinatorAlarm)?
        /// When it rings.
        var rings: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let clock: any CoordinatorClock

    init(_ clock: any CoordinatorClock) {
        self.clock = clock
    }

    deinit {
        state.withLock { $0.alarm?.stop() }
    }

    func schedule(after duration: Duration, _ action: @escaping @Sendable () -> Void) -> ID {
        state.withLock { state in
            let moment = clock.now + duration
            let id = state.queue.add(at: moment, action)
            if state.rings.map({ moment < $0 }) ?? true { setAlarm(&state) }
            return id
        }
    }

    func cancel(_ id: ID?) {
        guard let id else { return }
        state.withLock { $0.queue.cancel(id) }
    }

    /// Sees to it that the alarm rings for the next one. Where it rings for one that was taken back, that stays so.
    private func setAlarm(_ state: inout State) {
        guard let next = state.queue.next(), state.rings.map({ next < $0 }) ?? true else { return }
        let alarm = state.alarm ?? clock.makeAlarm { [weak self] in self?.ring() }
        state.alarm = alarm
        state.rings = next
        alarm.set(next)
    }

    private func ring() {
        let due = state.withLock { state in
            state.rings = nil
            let due = state.queue.takeDue(at: clock.now)
            setAlarm(&state)
            return due
        }
        for action in due { action() }
    }
}
