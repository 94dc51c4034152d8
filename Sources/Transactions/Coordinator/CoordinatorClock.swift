/// The coordinator's time, and how it waits. A protocol of its own, since the standard library's clocks leave the
/// caller's executor, and a simulation must not.
protocol CoordinatorClock: Sendable {
    var now: ContinuousClock.Instant { get }
    /// Returns after the time has passed.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
    /// Calls `action` after the time has passed, away from the lane: a statement may hold it at that moment.
    ///
    /// - Returns: a task to be cancelled when nothing is to be called any more; nil where statements take no time.
    func alarm(after duration: Duration, _ action: @escaping @Sendable () -> Void) -> Task<Void, Never>?
}

extension CoordinatorClock {
    func alarm(after duration: Duration, _ action: @escaping @Sendable () -> Void) -> Task<Void, Never>? { nil }
}

/// Real time.
struct RealClock: CoordinatorClock {
    var now: ContinuousClock.Instant { .now }

    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }

    func alarm(after duration: Duration, _ action: @escaping @Sendable () -> Void) -> Task<Void, Never>? {
        Task.detached {
            do { try await Task.sleep(for: duration) } catch { return }
            action()
        }
    }
}
