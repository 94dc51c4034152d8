/// When the cluster is asked for its topology: from time to time, and soon when something hints at a change, but never twice at a
/// time and never in quick succession. A plain value.
struct RefreshSchedule: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Without any hint; 10 % more or less each time.
    let interval: Duration
    /// Between the end of one refresh and the next; grows while refreshes fail.
    let gap: BackOff

    /// When the next one may begin.
    private(set) var due: Instant
    private(set) var isRunning = false
    private(set) var failures = 0
    private var earliest: Instant
    private var isDemandedMeanwhile = false
    private var isMovedForward = false

    init(interval: Duration, gap: BackOff, now: Instant) {
        self.interval = interval
        self.gap = gap
        self.due = now
        self.earliest = now
    }

    /// Something does not fit the map that we have.
    mutating func demand(now: Instant) {
        if self.isRunning {
            // What the running one hears may be older than this hint.
            self.isDemandedMeanwhile = true
            return
        }
        let wanted = max(now, self.earliest)
        guard wanted < self.due else { return }
        self.due = wanted
        self.isMovedForward = true
    }

    /// True, once, after a demand that whoever sleeps until `due` has to hear of.
    mutating func takeWakeUp() -> Bool {
        defer { self.isMovedForward = false }
        return self.isMovedForward
    }

    /// True if a refresh is to be made now. Then ``end(now:succeeded:jitter:)`` follows.
    mutating func begin(now: Instant) -> Bool {
        guard !self.isRunning, now >= self.due else { return false }
        self.isRunning = true
        self.isDemandedMeanwhile = false
        return true
    }

    mutating func end(now: Instant, succeeded: Bool, jitter: inout JitterGenerator) {
        guard self.isRunning else { return }
        self.isRunning = false
        self.failures = succeeded ? 0 : self.failures + 1
        self.earliest = now + self.gap.delay(afterFailures: max(1, self.failures), &jitter)
        if succeeded, !self.isDemandedMeanwhile {
            self.due = max(self.earliest, now + self.interval * Double.random(in: 0.9...1.1, using: &jitter))
        } else {
            self.due = self.earliest
        }
    }
}
