import GRDB
import Measurement
import Synchronization

/// One tracker of lag for all who change rows and the one who looks at their keys.
final class LagMeter: Sendable {
    private let origin = ContinuousClock.now
    private let tracker = Mutex(LagTracker())
    /// Lags as they are seen, for the document's timeline.
    private let meter: OperationMeter

    init(_ meter: OperationMeter = OperationMeter(Target.cacheLag.operation)) {
        self.meter = meter
    }

    /// The time since it was made.
    var now: Duration { .now - origin }

    /// Keys with changes that nobody has seen yet.
    var unseenKeys: [Int] { tracker.withLock { $0.unseenKeys } }

    /// Measures a change from here on: the last thing that a transaction does before its COMMIT.
    func expect(_ key: Int, version: Int, isCounted: Bool, in database: Database) {
        database.afterNextTransaction(
            onCommit: { _ in
                let moment = self.now
                self.change { $0.commit(key, version: version, at: moment) }
            },
            onRollback: { _ in self.tracker.withLock { $0.withdraw(key, version: version) } })
        let moment = now
        tracker.withLock { $0.announce(key, version: version, isCounted: isCounted, at: moment) }
    }

    func see(_ key: Int, _ sighting: LagTracker.Sighting) {
        change { $0.see(key, sighting) }
    }

    /// Each may end lags.
    private func change(_ body: (inout LagTracker) -> Void) {
        let lags = tracker.withLock { tracker in
            body(&tracker)
            return tracker.takeFresh()
        }
        for lag in lags { meter.record(lag) }
    }

    func forgetSightings() {
        tracker.withLock { $0.forgetSightings() }
    }

    /// Waits until all has been seen, at most so long, and gives up what was not.
    func finish(within limit: Duration) async throws -> LagTracker {
        let deadline = ContinuousClock.now + limit
        while !unseenKeys.isEmpty, .now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        return tracker.withLock { tracker in
            tracker.giveUp()
            return tracker
        }
    }
}
