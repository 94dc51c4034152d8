/// The coordinator's time, and how it waits. A protocol of its own, since the standard library's clocks leave the
/// caller's executor, and a simulation must not.
protocol CoordinatorClock: Sendable {
    var now: ContinuousClock.Instant { get }
    /// Returns after the time has passed.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// Real time.
struct RealClock: CoordinatorClock {
    var now: ContinuousClock.Instant { .now }

    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
