/// A drawing with all that makes it readable: by eyes, by a screen reader, and as figures.
struct Chart {
    /// What it shows, and of what.
    var title: String
    var subject = ""
    /// What a look at it would tell, in a sentence.
    var summary: String
    /// The drawing, in the frame's coordinates.
    var drawing: Markup
    var frame = ChartFrame()
    var legend: [LegendEntry] = []
    /// The figures behind it.
    var header: [String]
    var rows: [[String]]

    /// - Parameter id: of this figure in its page.
    func part(id: String) -> PagePart { PagePart(id: id, render(id: id)) }

    /// - Parameter id: of this figure in its page.
    func render(id: String) -> Markup {
        """
        <figure id="\(id)"><figcaption><b>\(title)</b> \(subject)</figcaption>
        <svg viewBox="0 0 \(frame.width) \(frame.height)" role="img" aria-labelledby="\(id)-t \(id)-d">\
        <title id="\(id)-t">\(title)\(subject.isEmpty ? "" : ": \(subject)")</title><desc id="\(id)-d">\(summary)</desc>
        \(drawing)</svg>
        \(legend.isEmpty ? Markup() : legendMarkup)\
        <details><summary>Figures<span class="hidden"> of \(title) \(subject)</span></summary>\
        \(DataTable(header: header, rows: rows).render())</details></figure>

        """
    }

    private var legendMarkup: Markup {
        """
        <ul class="legend" aria-hidden="true">\(legend.markup { entry in
            """
            <li><svg viewBox="0 0 22 10" width="22" height="10">\(entry.sample)</svg>\(entry.name)</li>
            """
        })</ul>

        """
    }
}

/// What a kind of line or area stands for.
struct LegendEntry {
    var name: String
    /// In a box of 22 by 10.
    var sample: Markup

    static func line(_ name: String, _ kind: LineKind) -> LegendEntry {
        LegendEntry(name: name, sample: #"<path class="line \#(kind.rawValue)" d="M0 5H22"/>"#)
    }
}

/// How lines are told apart: by dashes and by colour.
enum LineKind: String {
    case first, second, third, limit
}

/// Where a chart's parts are. All charts are as wide, so that their type is of one size; a page lays them out in columns.
struct ChartFrame: Sendable {
    var width = 400.0
    var height = 210.0
    var left = 52.0
    var right = 392.0
    var top = 10.0
    var bottom = 182.0

    func x(_ position: Double) -> Double { left + position * (right - left) }
    func y(_ position: Double) -> Double { bottom - position * (bottom - top) }

    /// Lines across, with what they stand for.
    func horizontalGrid(_ scale: some Scale, _ label: (Double) -> String) -> Markup {
        scale.ticks.markup { tick in
            let y = y(scale.position(tick))
            return """
                <path class="grid" d="M\(left) \(y)H\(right)"/>\
                <text class="tick end" x="\(left - 6)" y="\(y + 4)">\(label(tick))</text>
                """
        } + "\n"
    }

    /// Marks below, with what they stand for. A label that would touch the one before is left out.
    func verticalTicks(_ scale: some Scale, isGrid: Bool = false, _ label: (Double) -> String) -> Markup {
        var free = -Double.infinity
        return scale.ticks.markup { tick in
            let x = x(scale.position(tick))
            let text = label(tick)
            let half = Double(text.count) * 3.4
            let center = min(max(x, left - 20 + half), width - half)
            let mark: Markup = """
                <path class="\(isGrid ? "grid" : "axis")" d="M\(x) \(isGrid ? top : bottom)V\(bottom + 4)"/>
                """
            guard center - half > free else { return mark }
            free = center + half + 4
            return mark + #"<text class="tick mid" x="\#(center)" y="\#(bottom + 18)">\#(text)</text>"#
        } + #"<path class="axis" d="M\#(left) \#(bottom)H\#(right)"/>"# + "\n"
    }

    /// A line through points; nil breaks it. One point alone becomes a dot.
    func line(_ points: [(x: Double, y: Double)?], _ kind: LineKind) -> Markup {
        var path = ""
        var dots = Markup()
        for run in points.split(whereSeparator: { $0 == nil }) {
            let points = run.compactMap { $0 }
            if points.count == 1, let point = points.first {
                dots += #"<circle class="dot \#(kind.rawValue)" cx="\#(point.x)" cy="\#(point.y)" r="2.5"/>"#
            }
            for (index, point) in points.enumerated() {
                path += "\(index == 0 ? "M" : "L")\(Coordinate.text(point.x)) \(Coordinate.text(point.y))"
            }
        }
        guard !path.isEmpty else { return dots }
        return #"<path class="line \#(kind.rawValue)" d="\#(path)"/>"# + dots + "\n"
    }

    /// A limit across the chart, with its name; nothing when it lies outside.
    /// - Parameter isNamedAtLeft: where lines rise to the right.
    func limit(_ position: Double, _ name: String, isNamedAtLeft: Bool = false) -> Markup {
        guard (0...1).contains(position) else { return Markup() }
        let y = y(position)
        // Above its line, unless there is no place.
        let text = y < top + 14 ? y + 13 : y - 4
        return """
            <path class="line limit" d="M\(left) \(y)H\(right)"/>\
            <text class="note\(isNamedAtLeft ? "" : " end")" x="\(isNamedAtLeft ? left + 4 : right)" y="\(text)">\(name)</text>

            """
    }
}

/// Figures in rows, for those who want them exactly or can't see the drawing.
struct DataTable {
    var header: [String]
    var rows: [[String]]

    func render() -> Markup {
        """
        <div class="scroll" tabindex="0" role="region" aria-label="Figures"><table><thead><tr>\
        \(header.markup { "<th scope=\"col\">\($0)</th>" })</tr></thead><tbody>
        \(rows.markup { row in
            """
            <tr>\(row.markup { "<td>\($0)</td>" })</tr>

            """
        })</tbody></table></div>
        """
    }
}
