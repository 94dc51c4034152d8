import Threads

/// The coordinator's time, and how it waits. A protocol of its own, since the standard library's clocks leave the
/// caller's executor, and a simulation must not.
protocol CoordinatorClock: Sendable {
    var now: ContinuousClock.Instant { get }
    /// Returns after the time has passed.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
    /// Makes an alarm that calls `ring`, which does not block.
    func makeAlarm(_ ring: @escaping @Sendable () -> Void) -> any CoordinatorAlarm
}

/// Rings once at a moment, which may be changed before.
protocol CoordinatorAlarm: Sendable {
    func set(_ moment: ContinuousClock.Instant)
    /// Never rings again.
    func stop()
}

extension Alarm: CoordinatorAlarm {}

/// Real time.
struct RealClock: CoordinatorClock {
    var now: ContinuousClock.Instant { .now }

    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }

    func makeAlarm(_ ring: @escaping @Sendable () -> Void) -> any CoordinatorAlarm {
        Alarm(name: "trivet-timers", ring)
    }
}
