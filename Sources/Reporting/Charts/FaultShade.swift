import LoadTesting

/// A fault as a chart shows it.
struct FaultSpan: Hashable {
    /// What was broken.
    var name: String
    /// In seconds from the chart's beginning, within it.
    var start, end: Double
    /// Whether it began before the chart, and went on after it.
    var isCutAtStart, isCutAtEnd: Bool

    /// Nil for one that lies outside.
    ///
    /// - Parameters:
    ///   - beginning: of the chart, as the window counts.
    ///   - length: of the chart.
    init?(_ window: FaultWindow, from beginning: Double, until length: Double) {
        let from = window.start - beginning, to = (window.end ?? .infinity) - beginning
        guard to > 0, from < length else { return nil }
        name = window.store.map { "\($0) \(window.kind)" } ?? window.kind
        start = max(0, from)
        end = min(length, to)
        isCutAtStart = from < 0
        isCutAtEnd = to > length
    }

    /// In words.
    var times: String {
        let from = isCutAtStart ? "from the beginning" : "from \(Figure.length(seconds: start))"
        return isCutAtEnd ? "\(from) to the end" : "\(from) to \(Figure.length(seconds: end))"
    }

    /// Each with its times; of more than anybody reads, how many there were of each.
    static func list(_ spans: [FaultSpan]) -> [(name: String, times: String)] {
        guard spans.count > 24 else { return spans.map { ($0.name, $0.times) } }
        let counts = spans.reduce(into: [:]) { $0[$1.name, default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { name, count in
            (name, count == 1 ? "once" : "\(Figure.count(count)) times")
        }
    }
}

/// The times of faults on a chart: a ground of their own, hatched, so that it is seen without colour and in print.
struct FaultShade {
    private let spans: [FaultSpan]
    private let frame: ChartFrame
    private let time: TimeScale

    init(_ spans: [FaultSpan], frame: ChartFrame, time: TimeScale) {
        self.spans = spans
        self.frame = frame
        self.time = time
    }

    private func box(_ span: FaultSpan) -> (left: Double, right: Double) {
        let left = frame.x(time.position(span.start))
        // A moment has to be seen too.
        return (left, max(frame.x(time.position(span.end)), left + 1.5))
    }

    /// Goes below everything.
    var ground: Markup {
        spans.markup { span in
            let (left, right) = box(span)
            return #"<path class="fault" d="M\#(left) \#(frame.top)H\#(right)V\#(frame.bottom)H\#(left)Z"/>"#
        }
    }

    /// Edges and slanting lines.
    var hatching: Markup {
        let path = spans.map { span -> String in
            let (left, right) = box(span)
            let edges = "M\(Coordinate.text(left)) \(Coordinate.text(frame.top))V\(Coordinate.text(frame.bottom))"
            return edges + Self.slants(left, right, frame.top, frame.bottom)
        }.joined()
        return path.isEmpty ? Markup() : #"<path class="hatch" d="\#(path)"/>"# + "\n"
    }

    /// Lines that rise to the right, cut at a box's sides.
    private static func slants(_ left: Double, _ right: Double, _ top: Double, _ bottom: Double) -> String {
        let height = bottom - top
        return stride(from: left - height + 7, to: right, by: 7).map { foot in
            // x - foot = bottom - y along a line.
            let x1 = max(left, foot), x2 = min(right, foot + height)
            guard x2 > x1 else { return "" }
            let y1 = bottom - (x1 - foot), y2 = bottom - (x2 - foot)
            return "M\(Coordinate.text(x1)) \(Coordinate.text(y1))L\(Coordinate.text(x2)) \(Coordinate.text(y2))"
        }.joined()
    }

    /// Goes above everything: each fault's name, where there is place for it. Near the ground, since limits are named at the top.
    var names: Markup {
        var free = -Double.infinity
        return spans.markup { span in
            let width = Double(span.name.count) * 6.4
            let left = min(box(span).left + 3, frame.right - width)
            guard left > free else { return Markup() }
            free = left + width + 4
            return #"<text class="note" x="\#(left)" y="\#(frame.bottom - 5)">\#(span.name)</text>"#
        }
    }

    var legend: [LegendEntry] {
        guard !spans.isEmpty else { return [] }
        return [
            LegendEntry(
                name: "broken on purpose",
                sample: """
                    <path class="fault" d="M0 0H22V10H0Z"/>\
                    <path class="hatch" d="\(trusted: Self.slants(0, 22, 0, 10))"/>
                    """)
        ]
    }

    var summary: String {
        let texts = FaultSpan.list(spans).map { "\($0.name) \($0.times)" }
        return texts.isEmpty ? "" : " Broken on purpose: \(texts.joined(separator: "; "))."
    }
}
