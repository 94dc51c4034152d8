extension Collection<Double> {
    /// The middle value, or the mean of the two in the middle; NaN when there is none.
    public var median: Double {
        guard !isEmpty else { return .nan }
        let sorted = sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// How far a value usually is from the median: the median of the distances, times 1.4826, which makes it the standard deviation
    /// of values that are distributed normally (Hampel, JASA 1974). Half of the values may be anything without much effect. NaN when there
    /// is none.
    package var medianDeviation: Double {
        let middle = median
        return 1.482_602_218_505_602 * map { abs($0 - middle) }.median
    }
}
