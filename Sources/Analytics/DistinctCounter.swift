/// How many different values there were: exactly while they are few, and within a sketch's error from there on. A plain value.
package struct DistinctCounter: Sendable, Hashable {
    private let limit: Int
    /// While there is no sketch.
    private var few: Set<Int> = []
    private var sketch: HyperLogLog?

    /// - Parameter limit: the most that are counted exactly.
    package init(exactUpTo limit: Int = 1_024) {
        self.limit = limit
    }

    package mutating func insert(_ value: Int) {
        if sketch != nil {
            sketch?.insert(value)
        } else {
            few.insert(value)
            sketchIfMany()
        }
    }

    package mutating func merge(_ other: DistinctCounter) {
        if let more = other.sketch {
            var sum = sketch ?? Self.sketch(few)
            sum.merge(more)
            sketch = sum
            few = []
        } else {
            for value in other.few { insert(value) }
        }
    }

    package var count: Int { sketch.map { Int($0.estimate.rounded()) } ?? few.count }

    /// The relative standard error of `count`; 0 while it is exact.
    package var standardError: Double { sketch?.standardError ?? 0 }

    private mutating func sketchIfMany() {
        guard few.count > limit else { return }
        sketch = Self.sketch(few)
        few = []
    }

    private static func sketch(_ values: Set<Int>) -> HyperLogLog {
        var sketch = HyperLogLog()
        for value in values { sketch.insert(value) }
        return sketch
    }
}
