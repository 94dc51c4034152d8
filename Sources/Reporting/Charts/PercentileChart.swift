import LoadTesting

/// A latency's distribution from end to end: how long, against how many of a hundred took at most that long.
struct PercentileChart {
    var check: CheckResult

    /// Nil without a distribution.
    var chart: Chart? {
        guard let curve = check.curve, curve.count > 1 else { return nil }
        let frame = ChartFrame()
        let milliseconds = check.unit == "s" ? 1_000.0 : 1
        let values = curve.map { max($0.value * milliseconds, 1e-6) }
        let limit = check.target * milliseconds
        let least = values.min() ?? 1
        let scale = LogScale(least...max(values.max() ?? 1, limit))
        let highest = curve.dropLast().last?.percent ?? 99
        let percents = PercentileScale(highest: highest)
        let points = zip(curve, values).map { point, value in
            (x: frame.x(percents.position(point.percent)), y: frame.y(scale.position(value)))
        }
        var drawing = frame.horizontalGrid(scale) { Figure.duration(milliseconds: $0) }
        drawing += frame.verticalTicks(percents, isGrid: true) { "p\(Figure.text($0, digits: 5))" }
        drawing += frame.limit(
            scale.position(limit), "limit \(Figure.duration(milliseconds: limit))", isNamedAtLeft: true)
        drawing += frame.line(points, .first)
        // What is judged.
        if check.verdict != .inconclusive, percents.highest >= 99 {
            let x = frame.x(percents.position(99)), y = frame.y(scale.position(check.value * milliseconds))
            drawing += #"<circle class="judged \#(check.verdict.rawValue)" cx="\#(x)" cy="\#(y)" r="4.5"/>"#
        }
        return Chart(
            title: check.id, subject: "\(Figure.count(check.samples)) samples", summary: summary(milliseconds),
            drawing: drawing, frame: frame, header: ["per cent", "at most"],
            rows: zip(curve, values).map {
                ["\(Figure.text($0.percent, digits: 5)) %", Figure.duration(milliseconds: $1)]
            })
    }

    private func summary(_ milliseconds: Double) -> String {
        guard let percentiles = check.percentiles else { return "" }
        func text(_ value: Double) -> String { Figure.duration(milliseconds: value * milliseconds) }
        return """
            Half took at most \(text(percentiles.p50)), 99 of 100 at most \(text(percentiles.p99)), the longest \
            \(text(percentiles.max)); the limit is \(text(check.target)).
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
