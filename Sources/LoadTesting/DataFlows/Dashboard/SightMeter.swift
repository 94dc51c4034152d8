import Measurement
import Synchronization

/// One tracker of sights for all who act and the one who looks at the dashboard.
final class SightMeter: Sendable {
    /// Moments count from here.
    let origin: ContinuousClock.Instant
    private let state = Mutex(SightTracker())
    /// Latencies as they are seen, for the document's timeline.
    private let meter: OperationMeter

    init(origin: ContinuousClock.Instant, _ meter: OperationMeter) {
        self.origin = origin
        self.meter = meter
    }

    var shown: Int { state.withLock { $0.shown } }

    func change(_ body: (inout SightTracker) -> Void) {
        let fresh = state.withLock { tracker in
            body(&tracker)
            return tracker.takeFresh()
        }
        for latency in fresh { meter.record(latency) }
    }

    /// Waits until all has been seen, at most so long, and gives up what was not.
    func finish(within limit: Duration) async throws -> SightTracker {
        let deadline = ContinuousClock.now + limit
        while state.withLock({ $0.unseen }) > 0, .now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        return state.withLock { tracker in
            tracker.giveUp()
            return tracker
        }
    }
}
