/// What operations did in one slot of time.
package struct LatencySlot: SeriesSlot, Hashable {
    /// How many succeeded.
    package var count: UInt64 { histogram.count }
    /// How many failed.
    package var errors: UInt64 = 0
    /// The durations of those that succeeded, together.
    package var sum = Duration.zero
    /// The longest of them.
    package var longest = Duration.zero
    /// All of them.
    package var histogram = CompactHistogram()

    package init() {}

    package mutating func add(_ later: LatencySlot) {
        errors += later.errors
        sum += later.sum
        longest = max(longest, later.longest)
        histogram.add(later.histogram)
    }

    /// The duration that `percent` did not exceed, 0 to 100; never above the longest. Zero when there are none.
    package func percentile(_ percent: Double) -> Duration {
        percent >= 100 ? longest : min(histogram.percentile(percent), longest)
    }
}

/// How operations fared over time.
package struct LatencySeries: Sendable {
    package private(set) var series: SlotSeries<LatencySlot>
    private var last = OperationMeter.Reading()
    private var lastTime = Duration.zero

    package init(width: Duration = .milliseconds(100), capacity: Int = 256) {
        series = SlotSeries(width: width, capacity: capacity)
    }

    /// An operation that succeeded at a moment.
    package mutating func record(_ duration: Duration, at time: Duration) {
        series.update(at: time) { slot in
            slot.histogram.record(duration)
            slot.sum += max(.zero, duration)
            slot.longest = max(slot.longest, duration)
        }
    }

    /// An operation that failed at a moment.
    package mutating func recordError(at time: Duration) {
        series.update(at: time) { $0.errors += 1 }
    }

    /// What a meter has counted since the reading before, as of the middle of the time between the two.
    ///
    /// The first reading counts from 0, at which the meter has to be empty.
    package mutating func advance(to reading: OperationMeter.Reading, at time: Duration) {
        let (before, start) = (last, lastTime)
        (last, lastTime) = (reading, time)
        series.update(at: start + (time - start) / 2) { slot in
            let new = reading.histogram.since(before.histogram)
            slot.histogram.add(new)
            slot.errors += UInt64(max(0, reading.failures - before.failures))
            slot.sum += max(.zero, reading.total - before.total)
            // A thread that has counted a duration may not have come to say that it is the longest.
            slot.longest = max(slot.longest, reading.recentLongest, new.longestAtLeast)
        }
    }
}
