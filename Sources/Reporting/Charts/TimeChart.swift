/// Values over time: lines that share an axis.
struct TimeChart {
    struct Series {
        var name: String
        var kind: LineKind
        var values: [Double?]
        /// Whether the ground below the line is filled.
        var isFilled = false
    }

    var title: String
    var subject = ""
    /// Of a slot.
    var seconds: Double
    var series: [Series]
    /// A value that is to be reached, or not to be passed.
    var limit: (value: Double, name: String)?
    /// A straight line, such as a slope, by its two ends.
    var trend: (name: String, first: Double, last: Double)?
    var isWhole = false
    /// Whether 0 is on the axis; otherwise it begins near the least value.
    var isFromZero = true
    /// What the axis spans at least, so that the last digit's trembling is no drama.
    var leastSpan = 0.0
    var label: (Double) -> String = Figure.tick
    /// What was broken meanwhile.
    var faults: [FaultSpan] = []
    /// Whether the last slot is now, and times count back from it. Then only the last figures stand in the table: the whole is sent
    /// again and again.
    var endsNow = false
    var summary: String

    var chart: Chart {
        let frame = ChartFrame()
        let known = series.flatMap { $0.values.compactMap { $0 } }
        let all = known + [limit?.value, trend?.first, trend?.last].compactMap { $0 }
        let lowest = isFromZero ? min(0, all.min() ?? 0) : all.min() ?? 0
        let scale = LinearScale(lowest...max(all.max() ?? 1, lowest + leastSpan), isWhole: isWhole)
        let count = series.map(\.values.count).max() ?? 0
        let time = TimeScale(end: Double(max(1, count)) * seconds, endsNow: endsNow)
        func points(_ values: [Double?]) -> [(x: Double, y: Double)?] {
            values.bridged.enumerated().map { index, value in
                value.map {
                    (x: frame.x(time.position((Double(index) + 0.5) * seconds)), y: frame.y(scale.position($0)))
                }
            }
        }
        let shade = FaultShade(faults, frame: frame, time: time)
        let lines = series.map { points($0.values) }
        var drawing = shade.ground
        for (one, line) in zip(series, lines) where one.isFilled {
            drawing += Self.fill(line, down: frame.y(scale.position(max(0, scale.lower))), one.kind)
        }
        drawing += shade.hatching + frame.horizontalGrid(scale, label) + frame.verticalTicks(time, time.label)
        for (one, line) in zip(series, lines) { drawing += frame.line(line, one.kind) }
        if let trend {
            let ends = [(x: frame.left, y: trend.first), (x: frame.right, y: trend.last)]
            drawing += frame.line(ends.map { (x: $0.x, y: frame.y(scale.position($0.y))) }, .third)
        }
        if let limit { drawing += frame.limit(scale.position(limit.value), limit.name) }
        var legend = series.count > 1 || trend != nil ? series.map { LegendEntry.line($0.name, $0.kind) } : []
        if let trend { legend.append(.line(trend.name, .third)) }
        legend += shade.legend
        drawing += shade.names
        return Chart(
            title: title, subject: subject, summary: summary + shade.summary, drawing: drawing, frame: frame,
            legend: legend,
            header: ["from"] + series.map(\.name),
            rows: (endsNow ? max(0, count - Self.lastFigures)..<count : 0..<count).map { index in
                [time.label(Double(index) * seconds)]
                    + series.map { one in
                        guard index < one.values.count, let value = one.values[index] else { return "" }
                        return label(value)
                    }
            })
    }

    private static let lastFigures = 60

    private static func fill(_ points: [(x: Double, y: Double)?], down: Double, _ kind: LineKind) -> Markup {
        points.split(whereSeparator: { $0 == nil }).markup { run in
            let points = run.compactMap { $0 }
            guard let first = points.first, let last = points.last, points.count > 1 else { return Markup() }
            let path = points.map { "L\(Coordinate.text($0.x)) \(Coordinate.text($0.y))" }.joined()
            return #"<path class="fill \#(kind.rawValue)" d="M\#(first.x) \#(down)\#(path)L\#(last.x) \#(down)Z"/>"#
        }
    }
}

extension [Double?] {
    /// A slot or two in which nobody came to look is no reason to break a line.
    var bridged: [Double?] {
        var values = self
        var last: Int?
        for index in indices {
            guard let value = values[index] else { continue }
            if let last, index - last > 1, index - last <= 3, let before = values[last] {
                for gap in last + 1..<index {
                    values[gap] = before + (value - before) * Double(gap - last) / Double(index - last)
                }
            }
            last = index
        }
        return values
    }
}
