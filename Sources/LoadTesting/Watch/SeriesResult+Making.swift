import Measurement

/// How many slots a series has in a document at most: what a chart as wide as a page can show.
private let mostSlots = 128

extension LatencySeries {
    /// For a run of any length. It is looked at twice in a slot at first, so that none stays empty by chance.
    static var ofRun: LatencySeries { LatencySeries(width: .milliseconds(500), capacity: mostSlots) }
}

extension GaugeSeries {
    /// - Parameter value: what stands for a slot.
    func timeline(_ value: (GaugeSlot) -> Double) -> RunResult.GaugeTimeline? {
        let slots = series.coarse(atMost: mostSlots)
        guard !slots.slots.isEmpty else { return nil }
        return RunResult.GaugeTimeline(
            seconds: slots.width / .seconds(1),
            values: slots.slots.map { $0.count > 0 ? (value($0) * 1_000).rounded() / 1_000 : nil })
    }
}

extension SlotSeries {
    /// Neighbours put together until there are few enough.
    func coarse(atMost most: Int) -> (width: Duration, slots: [Slot]) {
        var (width, slots) = (width, slots)
        while slots.count > most {
            slots = stride(from: 0, to: slots.count, by: 2).map { index in
                var slot = slots[index]
                if index + 1 < slots.count { slot.add(slots[index + 1]) }
                return slot
            }
            width *= 2
        }
        return (width, slots)
    }
}

extension RunResult.LatencyTimeline {
    /// Nil when nothing was measured.
    init?(_ id: String, _ series: LatencySeries) {
        let slots = series.series.slots
        let classes = slots.map(\.histogram.halfOctaves)
        let indices = classes.joined().map(\.index)
        guard let first = indices.min(), let last = indices.max() else { return nil }
        func percentiles(_ percent: Double) -> [Double?] {
            slots.map { $0.count > 0 ? $0.percentile(percent).milliseconds : nil }
        }
        self.init(
            id: id, seconds: series.series.width / .seconds(1), counts: slots.map { Int($0.count) },
            p50: percentiles(50), p95: percentiles(95), p99: percentiles(99), max: percentiles(100),
            bounds: (first...last + 1).map { CompactHistogram.start(ofHalfOctave: $0) / 1_000_000 },
            classes: classes.map { slot in
                var counts = [Int](repeating: 0, count: last - first + 1)
                for (index, count) in slot { counts[index - first] = Int(count) }
                return counts
            })
    }
}

extension CheckResult {
    /// Closer together the rarer they are.
    private static let percents: [Double] = [
        0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 96, 97, 98, 99, 99.25, 99.5, 99.75, 99.9, 99.95, 99.99,
        99.999, 100,
    ]

    /// As far as so many samples tell percentiles apart; nil when there are none.
    static func curve(_ recorder: LatencyRecorder) -> [CurvePoint]? {
        guard recorder.count > 0 else { return nil }
        let finest = 100 - 100 / Double(recorder.count)
        return percents.filter { $0 <= finest || $0 == 100 }.map { percent in
            let value = percent == 100 ? recorder.longest : recorder.percentile(percent)
            return CurvePoint(percent: percent, value: value.milliseconds)
        }
    }
}
