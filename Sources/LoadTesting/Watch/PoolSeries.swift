import Measurement
import Stores

/// How long those that got a connection had waited for it.
struct WaitSlot: SeriesSlot, Hashable {
    var acquired = 0
    var waited = Duration.zero

    mutating func add(_ later: WaitSlot) {
        acquired += later.acquired
        waited += later.waited
    }

    /// In milliseconds; nil when nobody got one.
    var mean: Double? { acquired > 0 ? (waited / acquired).milliseconds : nil }
}

/// What pools hold over time, as they are seen now and then; in fixed memory for each pool.
struct PoolSeries: Sendable {
    private struct Seen: Sendable {
        var maximum = 0
        var open = GaugeSeries(width: .milliseconds(500), capacity: 128)
        var inUse = GaugeSeries(width: .milliseconds(500), capacity: 128)
        var waiting = GaugeSeries(width: .milliseconds(500), capacity: 128)
        var waits = SlotSeries<WaitSlot>(width: .milliseconds(500), capacity: 128)
        /// What had been counted when it was looked at before.
        var last: WaitSlot?
    }

    private var seen: [String: Seen] = [:]

    mutating func record(_ stores: [any StorePools], at time: Duration) {
        for pool in stores.flatMap(\.statuses) {
            let status = pool.status
            var own = seen[pool.name, default: Seen()]
            own.maximum = max(own.maximum, status.maximum)
            own.open.record(Double(status.total), at: time)
            own.inUse.record(Double(status.leased), at: time)
            own.waiting.record(Double(status.waiting), at: time)
            let total = WaitSlot(acquired: status.counters.acquired, waited: status.counters.waitTime)
            // What was before the first look is of another time.
            let before = own.last ?? total
            own.waits.update(at: time) {
                $0.add(WaitSlot(acquired: total.acquired - before.acquired, waited: total.waited - before.waited))
            }
            own.last = total
            seen[pool.name] = own
        }
    }

    /// By name; nil when no pool was looked at.
    var result: [RunResult.PoolTimeline]? {
        guard !seen.isEmpty else { return nil }
        return seen.sorted { $0.key < $1.key }.map { name, pool in
            func most(_ series: GaugeSeries) -> [Int?] {
                series.series.slots.map { $0.count > 0 ? Int($0.greatest) : nil }
            }
            return RunResult.PoolTimeline(
                name: name, maximum: pool.maximum, seconds: pool.open.series.width / .seconds(1),
                open: most(pool.open), inUse: most(pool.inUse), waiting: most(pool.waiting),
                waits: pool.waits.slots.map(\.mean))
        }
    }
}
