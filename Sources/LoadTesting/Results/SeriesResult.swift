extension RunResult {
    /// Something that was looked at over time. Slots have the same length; nil stands for one in which nobody looked.
    package struct GaugeTimeline: Sendable, Codable, Hashable {
        /// Of a slot.
        package var seconds: Double
        package var values: [Double?]

        package init(seconds: Double, values: [Double?]) {
            self.seconds = seconds
            self.values = values
        }
    }

    /// What one of a pool's kinds of connections did over time: the most of each that was seen in a slot.
    package struct PoolTimeline: Sendable, Codable, Hashable {
        package var name: String
        /// The most connections that the pool may have.
        package var maximum: Int
        /// Of a slot.
        package var seconds: Double
        package var open, inUse, waiting: [Int?]
        /// How long those that got a connection in a slot had waited for it, on average, in milliseconds; nil where nobody got one.
        package var waits: [Double?]?

        package init(
            name: String, maximum: Int, seconds: Double, open: [Int?], inUse: [Int?], waiting: [Int?],
            waits: [Double?]? = nil
        ) {
            self.name = name
            self.maximum = maximum
            self.seconds = seconds
            self.open = open
            self.inUse = inUse
            self.waiting = waiting
            self.waits = waits
        }
    }

    /// The latencies of a target over time, of operations that succeeded, in milliseconds.
    package struct LatencyTimeline: Sendable, Codable, Hashable {
        /// The target's.
        package var id: String
        /// Of a slot.
        package var seconds: Double
        /// Operations in each slot; percentiles are nil where there were none.
        package var counts: [Int]
        package var p50, p95, p99, max: [Double?]
        /// The lower ends of classes of latencies, ascending; the last end is the end of the last class.
        package var bounds: [Double]
        /// For each slot the operations in each class.
        package var classes: [[Int]]

        package init(
            id: String, seconds: Double, counts: [Int], p50: [Double?], p95: [Double?], p99: [Double?],
            max: [Double?], bounds: [Double], classes: [[Int]]
        ) {
            self.id = id
            self.seconds = seconds
            self.counts = counts
            self.p50 = p50
            self.p95 = p95
            self.p99 = p99
            self.max = max
            self.bounds = bounds
            self.classes = classes
        }
    }
}

extension CheckResult {
    /// A point of a distribution: so many per cent were at most that long, in the check's unit.
    package struct CurvePoint: Sendable, Codable, Hashable {
        package var percent, value: Double

        package init(percent: Double, value: Double) {
            self.percent = percent
            self.value = value
        }
    }
}
