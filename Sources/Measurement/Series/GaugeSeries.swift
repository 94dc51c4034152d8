/// A value that was looked at several times in one slot of time.
package struct GaugeSlot: SeriesSlot {
    /// How often it was looked at.
    package var count = 0
    /// The least, the greatest and the last that was seen; nothing when it wasn't looked at.
    package var least = Double.nan
    package var greatest = Double.nan
    package var last = Double.nan
    private var sum = 0.0

    package init() {}

    package mutating func record(_ value: Double) {
        count += 1
        // The minimum of a number and NaN is the number.
        least = .minimum(least, value)
        greatest = .maximum(greatest, value)
        last = value
        sum += value
    }

    package mutating func add(_ later: GaugeSlot) {
        count += later.count
        least = .minimum(least, later.least)
        greatest = .maximum(greatest, later.greatest)
        if later.count > 0 { last = later.last }
        sum += later.sum
    }

    /// NaN when it wasn't looked at.
    package var mean: Double { sum / Double(count) }
}

/// A value over time, such as the memory of a process.
package struct GaugeSeries: Sendable {
    package private(set) var series: SlotSeries<GaugeSlot>

    package init(width: Duration = .milliseconds(100), capacity: Int = 256) {
        series = SlotSeries(width: width, capacity: capacity)
    }

    package mutating func record(_ value: Double, at time: Duration) {
        series.update(at: time) { $0.record(value) }
    }

    /// The least value of each slot that has one, at the slot's beginning in seconds: what a trend is looked for in.
    package func lows(from start: Duration = .zero) -> [(x: Double, y: Double)] {
        series.slots.indices.compactMap { index in
            let time = series.start(of: index)
            let slot = series.slots[index]
            return slot.count > 0 && time >= start ? (x: time / .seconds(1), y: slot.least) : nil
        }
    }
}
