import GRDB
import Measurement
import Synchronization

/// One tracker of lag for all who change rows and the one who looks at their keys.
final class LagMeter: Sendable {
    private struct State {
        var tracker = LagTracker()
        /// What the scoreboard has not taken yet.
        var unjudged: [LagTracker.Seen] = []
    }

    /// Moments count from here.
    let origin = ContinuousClock.now
    private let state = Mutex(State())
    /// Lags as they are seen, for the document's timeline.
    private let meter: OperationMeter

    init(_ meter: OperationMeter) {
        self.meter = meter
    }

    /// The time since it was made.
    var now: Duration { .now - origin }

    /// Keys with changes that nobody has seen yet.
    var unseenKeys: [String] { state.withLock { $0.tracker.unseenKeys } }

    /// Measures a change from here on: the last thing that a transaction does before its COMMIT.
    ///
    /// - Parameter operation: the number of the operation that makes it.
    func expect(_ key: String, version: Int, by operation: Int, isCounted: Bool, in database: Database) {
        database.afterNextTransaction(
            onCommit: { _ in
                let moment = self.now
                self.change { $0.commit(key, version: version, at: moment) }
            },
            onRollback: { _ in self.change { $0.withdraw(key, version: version) } })
        let moment = now
        change { $0.announce(key, version: version, by: operation, isCounted: isCounted, at: moment) }
    }

    func see(_ key: String, _ sighting: LagTracker.Sighting) {
        change { $0.see(key, sighting) }
    }

    /// Each may end lags.
    private func change(_ body: (inout LagTracker) -> Void) {
        let seen = state.withLock { state in
            body(&state.tracker)
            let seen = state.tracker.takeFresh()
            state.unjudged += seen
            return seen
        }
        for one in seen where one.lag != .endless { meter.record(one.lag) }
    }

    func forgetSightings() {
        change { $0.forgetSightings() }
    }

    /// What has been seen since the call before.
    func takeSeen() -> [LagTracker.Seen] {
        state.withLock { state in
            defer { state.unjudged = [] }
            return state.unjudged
        }
    }

    /// Waits until all has been seen, at most so long, and gives up what was not.
    func finish(within limit: Duration) async throws -> LagTracker {
        let deadline = ContinuousClock.now + limit
        while !unseenKeys.isEmpty, .now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        change { $0.giveUp() }
        return state.withLock { $0.tracker }
    }
}
