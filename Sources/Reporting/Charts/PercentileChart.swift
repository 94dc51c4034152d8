import LoadTesting

/// A latency's distribution from end to end: how long, against how many of a hundred took at most that long.
struct PercentileChart {
    var check: CheckResult
    /// The same of an earlier run, in the same unit.
    var baseline: RunResult.Baseline.Check?

    /// Nil without a distribution.
    var chart: Chart? {
        guard let curve = check.curve, curve.count > 1 else { return nil }
        let frame = ChartFrame()
        let milliseconds = check.unit == "s" ? 1_000.0 : 1
        let values = curve.map { max($0.value * milliseconds, 1e-6) }
        let earlier = (baseline?.curve ?? []).map { (percent: $0.percent, value: max($0.value * milliseconds, 1e-6)) }
        let limit = check.target * milliseconds
        let all = values + earlier.map(\.value)
        let scale = LogScale((all.min() ?? 1)...max(all.max() ?? 1, limit))
        let highest = curve.dropLast().last?.percent ?? 99
        let percents = PercentileScale(highest: highest)
        func point(_ percent: Double, _ value: Double) -> (x: Double, y: Double) {
            (x: frame.x(percents.position(percent)), y: frame.y(scale.position(value)))
        }
        let points = zip(curve, values).map { point($0.percent, $1) }
        var drawing = frame.horizontalGrid(scale) { Figure.duration(milliseconds: $0) }
        drawing += frame.verticalTicks(percents, isGrid: true) { "p\(Figure.text($0, digits: 5))" }
        drawing += frame.limit(
            scale.position(limit), "limit \(Figure.duration(milliseconds: limit))", isNamedAtLeft: true)
        // Below the run's own; beyond what this run tells apart there is no place for it.
        if earlier.count > 1 {
            drawing += frame.line(
                earlier.filter { $0.percent <= percents.highest }.map { point($0.percent, $0.value) }, .second)
        }
        drawing += frame.line(points, .first)
        // What is judged.
        if check.verdict != .inconclusive, percents.highest >= 99 {
            let x = frame.x(percents.position(99)), y = frame.y(scale.position(check.value * milliseconds))
            drawing += #"<circle class="judged \#(check.verdict.rawValue)" cx="\#(x)" cy="\#(y)" r="4.5"/>"#
        }
        return Chart(
            title: check.id, subject: "\(Figure.count(check.samples)) samples", summary: summary(milliseconds),
            drawing: drawing, frame: frame,
            legend: earlier.count > 1 ? [.line("this run", .first), .line("baseline", .second)] : [],
            header: ["per cent", "at most"] + (earlier.count > 1 ? ["baseline"] : []),
            rows: zip(curve, values).map { own, value in
                let before = earlier.first { $0.percent == own.percent }.map { Figure.duration(milliseconds: $0.value) }
                return ["\(Figure.text(own.percent, digits: 5)) %", Figure.duration(milliseconds: value)]
                    + (earlier.count > 1 ? [before ?? ""] : [])
            })
    }

    private func summary(_ milliseconds: Double) -> String {
        guard let percentiles = check.percentiles else { return "" }
        func text(_ value: Double) -> String { Figure.duration(milliseconds: value * milliseconds) }
        return """
            Half took at most \(text(percentiles.p50)), 99 of 100 at most \(text(percentiles.p99)), the longest \
            \(text(percentiles.max)); the limit is \(text(check.target)).\
            \(baseline.map { " The baseline's 99 of 100 took at most \(text($0.value))." } ?? "")
            """
    }
}

extension Figure {
    /// Up to so many significant digits, where three would lose nines.
    static func text(_ value: Double, digits: Int) -> String {
        let whole = (value * 1_000).rounded() / 1_000
        return whole == whole.rounded() ? String(Int(whole)) : "\(whole)".prefix(digits + 1).description
    }
}
