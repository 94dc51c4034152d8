/// A line through points that a few wild ones don't bend: its slope is the median of the slopes between all two points.
///
/// Theil, Proceedings of the Royal Netherlands Academy of Sciences 1950; the interval is that of Sen, JASA 1968, by the normal approximation of Kendall's
/// statistic with its correction for ties. Time and memory grow with the square of the points: for hundreds, not for thousands.
package struct TheilSen: Sendable, Hashable {
    /// How much y grows for each unit of x.
    package let slope: Double
    /// Where the slope lies; without bounds when there are too few points to say.
    package let interval: ClosedRange<Double>
    /// What y is at x = 0: the line goes through the medians.
    package let intercept: Double

    /// - Parameters:
    ///   - points: finite.
    ///   - confidence: how often the interval holds the true slope, 0 to 1.
    /// - Returns: nil when there are no two points with different x.
    package init?(_ points: [(x: Double, y: Double)], confidence: Double = 0.95) {
        var slopes: [Double] = []
        slopes.reserveCapacity(points.count * points.count / 2)
        for (index, a) in points.enumerated() {
            for b in points[(index + 1)...] where a.x != b.x { slopes.append((b.y - a.y) / (b.x - a.x)) }
        }
        guard !slopes.isEmpty else { return nil }
        slopes.sort()
        slope = slopes.median
        intercept = points.map(\.y).median - slope * points.map(\.x).median

        func term(_ n: Double) -> Double { n * (n - 1) * (2 * n + 5) }
        func ties(_ values: [Double]) -> Double {
            Dictionary(grouping: values) { $0 }.values.reduce(0) { $0 + term(Double($1.count)) }
        }
        let variance = (term(Double(points.count)) - ties(points.map(\.x)) - ties(points.map(\.y))) / 18
        let reach = NormalDistribution.quantile((1 + confidence) / 2) * max(0, variance).squareRoot()
        let count = Double(slopes.count)
        // Counted from 0.
        let low = Int(((count - reach) / 2).rounded(.toNearestOrEven)) - 1
        let high = Int(((count + reach) / 2).rounded(.toNearestOrEven))
        interval =
            low < 0 || high >= slopes.count ? -.infinity ... .infinity : slopes[low]...slopes[high]
    }
}

extension TheilSen {
    /// The slope of what stays when all that comes and goes is gone: of the least point in each window of x.
    ///
    /// Memory goes up and down with checkpoints and caches; a leak lifts the floor that it comes back to. A window has to be longer than such a
    /// cycle.
    ///
    /// - Parameters:
    ///   - points: finite, in any order.
    ///   - window: how much x a window covers; the last one, which may be cut short before its cycle ends, counts only when it is whole.
    ///   - leastWindows: with fewer there is no answer.
    /// - Returns: nil when there are too few windows with points in them.
    package static func cycleFloor(
        _ points: [(x: Double, y: Double)], window: Double, leastWindows: Int = 6, confidence: Double = 0.95
    ) -> TheilSen? {
        guard window > 0, let start = points.lazy.map(\.x).min(), let end = points.lazy.map(\.x).max() else {
            return nil
        }
        var floors: [Double: (x: Double, y: Double)] = [:]
        for point in points {
            let number = ((point.x - start) / window).rounded(.down)
            guard start + (number + 1) * window <= end else { continue }
            if let floor = floors[number], floor.y <= point.y { continue }
            floors[number] = point
        }
        guard floors.count >= max(2, leastWindows) else { return nil }
        return TheilSen(floors.sorted { $0.key < $1.key }.map(\.value), confidence: confidence)
    }
}
