import LoadTesting

/// How long operations took over time: a heat map of how many took how long, with percentiles as lines above it.
struct LatencyChart {
    var timeline: RunResult.LatencyTimeline
    /// The target's limit in milliseconds.
    var limit: Double?
    /// What was broken meanwhile.
    var faults: [FaultSpan] = []

    private static let shades = 6

    var chart: Chart {
        let frame = ChartFrame()
        let bounds = timeline.bounds
        let least = bounds.first ?? 0.001, greatest = max(bounds.last ?? 1, least)
        // A limit that is far away would press everything else to the ground.
        let isLimitNear = limit.map { $0 <= greatest * 30 && $0 >= least } ?? false
        let scale = LogScale(least...(isLimitNear ? max(greatest, limit ?? 0) : greatest))
        let time = TimeScale(end: Double(max(1, timeline.counts.count)) * timeline.seconds)
        let shade = FaultShade(faults, frame: frame, time: time)
        // The map has no holes: what is broken is hatched over it.
        var drawing = shade.ground + cells(frame, scale, time) + shade.hatching
        drawing += frame.horizontalGrid(scale) { Figure.duration(milliseconds: $0) }
        drawing += frame.verticalTicks(time, time.label)
        let lines: [([Double?], LineKind)] = [(timeline.p99, .third), (timeline.p95, .second), (timeline.p50, .first)]
        for (values, kind) in lines {
            let points = values.bridged.enumerated().map { index, value in
                value.map {
                    (
                        x: frame.x(time.position((Double(index) + 0.5) * timeline.seconds)),
                        y: frame.y(scale.position($0))
                    )
                }
            }
            drawing += frame.line(points, kind)
        }
        if let limit, isLimitNear {
            drawing += frame.limit(scale.position(limit), "p99 limit \(Figure.duration(milliseconds: limit))")
        }
        drawing += shade.names
        return Chart(
            title: "Latency", subject: timeline.id, summary: summary + shade.summary, drawing: drawing, frame: frame,
            legend: [
                .line("p50", .first), .line("p95", .second), .line("p99", .third),
                LegendEntry(name: "few – many", sample: Self.scale),
            ] + shade.legend,
            header: ["from", "operations", "p50", "p95", "p99", "longest"], rows: rows(time))
    }

    /// All shades side by side.
    private static var scale: Markup {
        (1...shades).markup { #"<path class="heat s\#($0)" d="M\#(Double($0 - 1) * 3.6) 1h3.6v8h-3.6z"/>"# }
    }

    /// Cells of the same shade in one path, neighbours in one box: a map of any length stays small.
    private func cells(_ frame: ChartFrame, _ scale: LogScale, _ time: TimeScale) -> Markup {
        var paths = [String](repeating: "", count: Self.shades + 1)
        for row in timeline.bounds.indices.dropLast() {
            let top = frame.y(scale.position(timeline.bounds[row + 1]))
            let height = frame.y(scale.position(timeline.bounds[row])) - top
            var start = 0
            while start < timeline.classes.count {
                let shade = shade(start, row)
                var end = start + 1
                while end < timeline.classes.count, self.shade(end, row) == shade { end += 1 }
                if shade > 0 {
                    let left = frame.x(time.position(Double(start) * timeline.seconds))
                    let width = frame.x(time.position(Double(end) * timeline.seconds)) - left
                    let corner = "M\(Coordinate.text(left)) \(Coordinate.text(top))"
                    paths[shade] +=
                        "\(corner)h\(Coordinate.text(width))v\(Coordinate.text(height))h\(Coordinate.text(-width))z"
                }
                start = end
            }
        }
        return paths.enumerated().filter { !$0.element.isEmpty }.markup {
            #"<path class="heat s\#($0.offset)" d="\#($0.element)"/>"#
        } + "\n"
    }

    /// By the part of its slot's operations that a cell has: seldom ones have to be seen too, so each shade stands for some three times as
    /// many as the one before.
    private func shade(_ slot: Int, _ row: Int) -> Int {
        guard row < timeline.classes[slot].count else { return 0 }
        let count = timeline.classes[slot][row], all = timeline.counts[slot]
        guard count > 0, all > 0 else { return 0 }
        let part = Double(count) / Double(all)
        let limits = [0.003, 0.01, 0.03, 0.1, 0.3]
        return 1 + (limits.firstIndex { part < $0 } ?? limits.count)
    }

    private var summary: String {
        let p99 = timeline.p99.compactMap { $0 }
        guard let least = p99.min(), let most = p99.max() else { return "No operation succeeded." }
        let operations = Figure.count(timeline.counts.reduce(0, +))
        return """
            Of \(operations) operations, the 99th percentile was between \(Figure.duration(milliseconds: least)) and \
            \(Figure.duration(milliseconds: most)) over time.
            """
    }

    private func rows(_ time: TimeScale) -> [[String]] {
        timeline.counts.indices.map { index in
            [time.label(Double(index) * timeline.seconds), Figure.count(timeline.counts[index])]
                + [timeline.p50, timeline.p95, timeline.p99, timeline.max].map { values in
                    guard index < values.count, let value = values[index] else { return "" }
                    return Figure.duration(milliseconds: value)
                }
        }
    }
}
