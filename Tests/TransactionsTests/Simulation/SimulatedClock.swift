import Synchronization

@testable import Transactions

/// Time that passes when the simulation says so.
///
/// `@unchecked`: used on the simulation's thread only.
final class SimulatedClock: CoordinatorClock, @unchecked Sendable {
    private enum Wake {
        case task(UnsafeContinuation<Void, any Error>)
        case event(() -> Void)
    }

    private struct Timer {
        var moment: Int64
        var id: Int
        var wake: Wake
    }

    private let start = ContinuousClock.now
    /// In nanoseconds.
    private(set) var elapsed: Int64 = 0
    /// The next one last.
    private var timers: [Timer] = []
    private var lastID = 0

    var now: ContinuousClock.Instant { start.advanced(by: .nanoseconds(elapsed)) }

    func sleep(for duration: Duration) async throws {
        lastID += 1
        let id = lastID
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    insert(Timer(moment: elapsed + duration.nanoseconds, id: id, wake: .task(continuation)))
                }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// As work on another thread, which goes on when its task is cancelled.
    func work(for duration: Duration) async throws {
        lastID += 1
        try await withUnsafeThrowingContinuation { continuation in
            insert(Timer(moment: elapsed + duration.nanoseconds, id: lastID, wake: .task(continuation)))
        }
    }

    func makeAlarm(_ ring: @escaping @Sendable () -> Void) -> any CoordinatorAlarm {
        SimulatedAlarm(clock: self, ring: ring)
    }

    /// Calls `event` when the time has come.
    func schedule(after duration: Duration, _ event: @escaping () -> Void) {
        lastID += 1
        insert(Timer(moment: elapsed + duration.nanoseconds, id: lastID, wake: .event(event)))
    }

    /// Whether a task sleeps.
    var hasSleepers: Bool {
        timers.contains { timer in if case .task = timer.wake { true } else { false } }
    }

    private func insert(_ timer: Timer) {
        let index = timers.firstIndex { $0.moment <= timer.moment } ?? timers.endIndex
        timers.insert(timer, at: index)
    }

    private func cancel(_ id: Int) {
        guard let index = timers.firstIndex(where: { $0.id == id }) else { return }
        if case .task(let continuation) = timers.remove(at: index).wake {
            continuation.resume(throwing: CancellationError())
        }
    }

    /// Lets time pass, and wakes what is due.
    func advance(by nanoseconds: Int64) {
        elapsed += nanoseconds
        wake()
    }

    /// Lets time pass until something is due.
    ///
    /// - Returns: false if nothing waits for the time.
    func advanceToNext() -> Bool {
        guard let next = timers.last else { return false }
        elapsed = max(elapsed, next.moment)
        wake()
        return true
    }

    private func wake() {
        while let next = timers.last, next.moment <= elapsed {
            timers.removeLast()
            switch next.wake {
            case .task(let continuation): continuation.resume()
            case .event(let event): event()
            }
        }
    }

    /// Forgets the events, such as those of the servers, so that only tasks are waited for.
    func dropEvents() {
        timers.removeAll { timer in if case .event = timer.wake { true } else { false } }
    }
}

/// A task that sleeps.
private final class SimulatedAlarm: CoordinatorAlarm {
    private let clock: SimulatedClock
    private let ring: @Sendable () -> Void
    private let sleeper = Mutex<Task<Void, Never>?>(nil)

    init(clock: SimulatedClock, ring: @escaping @Sendable () -> Void) {
        self.clock = clock
        self.ring = ring
    }

    func set(_ moment: ContinuousClock.Instant) {
        sleeper.withLock { sleeper in
            sleeper?.cancel()
            // Detached, since it has nothing to do with whose timer it is.
            sleeper = Task.detached { [clock, ring] in
                do { try await clock.sleep(for: moment - clock.now) } catch { return }
                ring()
            }
        }
    }

    func stop() {
        sleeper.withLock { $0?.cancel() }
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
