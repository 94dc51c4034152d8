/// How the coordinator waits. A protocol of its own, since the standard library's clocks leave the caller's executor,
/// and a simulation must not.
protocol CoordinatorClock: Sendable {
    /// Returns after the time has passed.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// Real time.
struct RealClock: CoordinatorClock {
    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
