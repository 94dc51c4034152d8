import Foundation

/// Where values lie along an axis, from 0 to 1, and which of them are written beside it.
protocol Scale: Sendable {
    func position(_ value: Double) -> Double
    var ticks: [Double] { get }
}

/// Equal steps for equal differences, from a round number to a round number.
struct LinearScale: Scale {
    let lower: Double
    let upper: Double
    let ticks: [Double]

    /// - Parameters:
    ///   - range: what has to be on it.
    ///   - count: about how many ticks there are to be.
    ///   - isWhole: with counts, between which there is nothing.
    init(_ range: ClosedRange<Double>, count: Int = 4, isWhole: Bool = false) {
        let span = range.upperBound - range.lowerBound
        var step = Self.niceStep(span > 0 ? span / Double(count) : max(abs(range.upperBound), 1) / Double(count))
        if isWhole { step = max(1, step.rounded(.up)) }
        let first = (range.lowerBound / step).rounded(.down)
        let last = max(first + 1, (range.upperBound / step - 1e-9).rounded(.up))
        ticks = (Int(first)...Int(last)).map { Double($0) * step }
        lower = first * step
        upper = last * step
    }

    func position(_ value: Double) -> Double { (value - lower) / (upper - lower) }

    /// 1, 2 or 5 times a power of ten, at least as large (Heckbert, Nice Numbers for Graph Labels, in Graphics Gems, 1990).
    static func niceStep(_ rough: Double) -> Double {
        guard rough > 0, rough.isFinite else { return 1 }
        let power = pow(10, floor(log10(rough)))
        let part = rough / power
        let nice = [1, 2, 5, 10].first { part <= $0 + 1e-9 } ?? 10
        return nice * power
    }
}

/// Equal steps for equal ratios: where values differ by powers of ten.
struct LogScale: Scale {
    let lower: Double
    let upper: Double
    let ticks: [Double]

    /// - Parameter range: what has to be on it; what is not above 0 stands at the lower end.
    init(_ range: ClosedRange<Double>) {
        let high = max(range.upperBound, 1e-9)
        let low = min(max(range.lowerBound, high / 1e9), high)
        var marks = Self.marks([1, 2, 5], low, high)
        // Few enough to be read.
        if marks.count > 7 { marks = Self.marks([1, 3], low, high) }
        if marks.count > 7 { marks = Self.marks([1], low, high) }
        ticks = marks
        lower = marks.first ?? low
        upper = marks.last ?? high
    }

    /// Those of a series between the last below and the first above.
    private static func marks(_ steps: [Double], _ low: Double, _ high: Double) -> [Double] {
        let decades = Int(floor(log10(low))) - 1...Int(ceil(log10(high))) + 1
        let all = decades.flatMap { decade in steps.map { $0 * pow(10, Double(decade)) } }
        let first = all.lastIndex { $0 <= low * (1 + 1e-9) } ?? 0
        var last = all.firstIndex { $0 >= high * (1 - 1e-9) } ?? all.count - 1
        if last <= first { last = min(first + 1, all.count - 1) }
        return Array(all[first...last])
    }

    func position(_ value: Double) -> Double {
        guard value > lower else { return 0 }
        return log(value / lower) / log(upper / lower)
    }
}

/// Percentiles so that each further nine has as much place as the one before.
struct PercentileScale: Scale {
    let highest: Double

    /// - Parameter highest: below 100, the last percentile that samples tell apart.
    init(highest: Double) {
        self.highest = min(max(highest, 90), 99.9999)
    }

    func position(_ percent: Double) -> Double {
        min(1, log10(100 / (100 - min(percent, highest))) / log10(100 / (100 - highest)))
    }

    var ticks: [Double] { [50, 90, 99, 99.9, 99.99, 99.999].filter { $0 <= highest } }
}

/// Time from the beginning, in seconds, with steps as clocks have them.
struct TimeScale: Scale {
    let end: Double
    let ticks: [Double]
    private let endsNow: Bool

    /// - Parameters:
    ///   - end: more than 0.
    ///   - endsNow: whether times count back from the end.
    init(end: Double, count: Int = 5, endsNow: Bool = false) {
        let end = max(end, 1e-3)
        self.end = end
        self.endsNow = endsNow
        let steps: [Double] = [
            0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
            86_400,
        ]
        let step = steps.first { end / $0 <= Double(count) + 0.5 } ?? LinearScale.niceStep(end / Double(count))
        ticks = (0...Int(end / step + 1e-9)).map { Double($0) * step }
    }

    func position(_ value: Double) -> Double { min(1, max(0, value / end)) }

    /// The unit follows the whole length, so that all of an axis's ticks have the same.
    func label(_ seconds: Double) -> String {
        guard endsNow else { return length(seconds) }
        return end - seconds < end * 1e-6 ? "now" : "−\(length(end - seconds))"
    }

    private func length(_ seconds: Double) -> String {
        switch end {
        case ..<181: "\(Figure.text(seconds)) s"
        case ..<10_801: "\(Figure.text(seconds / 60)) min"
        default: "\(Figure.text(seconds / 3_600)) h"
        }
    }
}
