import LoadTesting

/// One scenario: what it did, what failed, and how it went over time.
struct ScenarioSection {
    var scenario: RunResult.ScenarioResult
    var checks: [CheckResult]
    /// Of its elements' ids in the page.
    var id: String

    /// What was broken in the run, in seconds from its beginning.
    var faults: [FaultWindow] = []
    /// Whether it goes on: then there is no verdict yet.
    var isLive = false

    var part: PagePart {
        let charts = charts
        let sign: Markup =
            isLive
            ? "<span class=\"faint\">…</span>"
            : "<span class=\"\(scenario.pass ? "pass" : "fail")\">\(scenario.pass ? "✓" : "✗")</span>"
        return PagePart(
            id: id, open: "<section id=\"\(id)\" aria-labelledby=\"\(id)-h\">",
            children: [
                PagePart(
                    id: "\(id)-head",
                    """
                    <div id="\(id)-head"><h3 id="\(id)-h">\(sign) \(scenario.id)</h3>
                    <p>\(facts)</p>
                    \(faultList)\(streams)\(failures)</div>

                    """)
            ]
                + (charts.isEmpty
                    ? []
                    : [
                        PagePart(
                            id: "\(id)-charts", open: "<div id=\"\(id)-charts\" class=\"charts\">\n", children: charts,
                            close: "</div>\n")
                    ]),
            close: "</section>\n")
    }

    /// Faults as the scenario's own charts have them: from the beginning of its steady state.
    private func spans(until end: Double) -> [FaultSpan] {
        faults.compactMap { FaultSpan($0, from: scenario.start ?? 0, until: end) }
    }

    private var faultList: Markup {
        // As long as any of its charts.
        let end = scenario.perSecond > 0 ? Double(scenario.operations) / scenario.perSecond : .infinity
        let spans = spans(until: end)
        guard !spans.isEmpty else { return Markup() }
        return """
            <ul class="faults">\(FaultSpan.list(spans).markup { span in
                """
                <li><b>\(span.name)</b> <span class="faint">\(span.times)</span></li>

                """
            })</ul>

            """
    }

    private var facts: String {
        """
        \(Figure.count(scenario.operations)) operations, \(Figure.text(scenario.perSecond)) a second; \
        \(scenario.failures == 0 ? "none" : Figure.count(scenario.failures)) failed.
        """
    }

    // MARK: - Failures and streams

    private var failures: Markup {
        let kinds = scenario.failureKinds
        guard let most = kinds.map(\.count).max(), most > 0 else { return Markup() }
        return """
            <ul class="kinds">\(kinds.markup { kind in
                """
                <li><b>\(Figure.count(kind.count)) ×</b><span><code>\(kind.description)</code>\
                <svg viewBox="0 0 400 8" preserveAspectRatio="none" aria-hidden="true"><path class="errors" \
                d="M0 1H\(Double(kind.count) / Double(most) * 400)V7H0Z"/></svg></span></li>

                """
            })</ul>

            """
    }

    private var streams: Markup {
        guard let streams = scenario.streams, !streams.isEmpty else { return Markup() }
        func times(_ percentiles: CheckResult.Percentiles) -> String {
            [percentiles.p50, percentiles.p99, percentiles.max].map { Figure.duration(milliseconds: $0) }
                .joined(separator: " / ")
        }
        return """
            <div class="wide"><table class="streams"><thead><tr><th scope="col">stream</th><th scope="col">to come</th>\
            <th scope="col">due</th><th scope="col">failed</th><th scope="col">dropped</th>\
            <th scope="col">from due<br/>p50 / p99 / max</th><th scope="col">service<br/>p50 / p99 / max</th>\
            <th scope="col">generator late<br/>p50 / p99 / max</th></tr></thead><tbody>
            \(streams.markup { stream in
                """
                <tr><td>\(stream.name)</td><td>\(Figure.text(stream.rate))/s, \(stream.spacing)</td>\
                <td>\(Figure.count(stream.due))</td><td>\(Figure.count(stream.failed))</td>\
                <td>\(Figure.count(stream.dropped))</td><td>\(times(stream.latency))</td>\
                <td>\(times(stream.service))</td><td>\(times(stream.generatorLag))</td></tr>

                """
            })</tbody></table></div>

            """
    }

    // MARK: - Charts

    private var charts: [PagePart] {
        let latencies = (scenario.latencies ?? []).map { timeline in
            LatencyChart(
                timeline: timeline,
                limit: checks.first { $0.id == timeline.id && $0.percentiles != nil }?.target,
                faults: spans(until: Double(timeline.counts.count) * timeline.seconds)
            ).chart
        }
        let all =
            [throughput, failuresOverTime].compactMap { $0 } + latencies
            + (scenario.pools ?? []).filter(\.isUsed).flatMap(pool)
            + (scenario.processes ?? []).flatMap(process)
        return all.enumerated().map { $0.element.part(id: "\(id)-\($0.offset)") }
    }

    private var throughput: Chart? {
        guard let timeline = scenario.timeline, scenario.perSecond > 0 else { return nil }
        let rates = Rates(timeline, duration: Double(scenario.operations) / scenario.perSecond)
        guard rates.operations.count > 1 else { return nil }
        let wanted = (scenario.streams ?? []).reduce(0) { $0 + $1.rate }
        var chart = TimeChart(
            title: "Operations", subject: "a second", seconds: rates.seconds,
            series: [.init(name: "ended", kind: .first, values: rates.operations, isFilled: true)],
            limit: wanted > 0 ? (wanted, "to come \(Figure.text(wanted))/s") : nil,
            faults: spans(until: Double(rates.operations.count) * rates.seconds),
            summary: """
                \(Figure.text(scenario.perSecond)) operations a second on average, between \
                \(Figure.text(rates.operations.min() ?? 0)) and \(Figure.text(rates.operations.max() ?? 0)).
                """)
        if scenario.failures > 0 {
            chart.series.append(.init(name: "failed", kind: .second, values: rates.failures))
        }
        return chart.chart
    }

    /// The two most frequent classes, and all others together.
    private var failuresOverTime: Chart? {
        guard let timeline = scenario.failureTimeline, let first = timeline.classes.first else { return nil }
        let slots = first.counts.count
        let shown = timeline.classes.count > 3 ? 2 : timeline.classes.count
        var classes = Array(timeline.classes.prefix(shown))
        let rest = timeline.classes.dropFirst(shown)
        if !rest.isEmpty {
            let counts = (0..<slots).map { slot in rest.reduce(0) { $0 + $1.counts[slot] } }
            classes.append(RunResult.FailureTimeline.Class(name: "\(rest.count) other kinds", counts: counts))
        }
        let kinds: [LineKind] = [.first, .second, .third]
        return TimeChart(
            title: "Failures", subject: "a second", seconds: timeline.seconds,
            series: zip(classes, kinds).map { one, kind in
                TimeChart.Series(
                    name: one.name, kind: kind, values: one.counts.map { Double($0) / timeline.seconds })
            },
            faults: spans(until: Double(slots) * timeline.seconds),
            summary: classes.map { "\(Figure.count($0.total)) × \($0.name)" }.joined(separator: "; ") + "."
        ).chart
    }

    private func pool(_ pool: RunResult.PoolTimeline) -> [Chart] {
        PoolCharts(pool: pool, faults: spans(until: Double(pool.open.count) * pool.seconds)).charts
    }

    private func process(_ process: RunResult.ProcessResult) -> [Chart] {
        var charts: [Chart] = []
        if let memory = process.memoryTimeline {
            var chart = TimeChart(
                title: "Memory", subject: process.name, seconds: memory.seconds,
                series: [.init(name: "resident", kind: .first, values: memory.values)],
                isFromZero: process.memory.most > process.memory.least * 2, leastSpan: 2,
                label: { "\(Figure.text($0, digits: 5)) MB" },
                faults: spans(until: Double(memory.values.count) * memory.seconds),
                summary: """
                    From \(Figure.text(process.memory.first)) to \(Figure.text(process.memory.last)) MB, at most \
                    \(Figure.text(process.memory.most)) MB.
                    """)
            if let growth = process.growth {
                let minutes = Double(memory.values.count) * memory.seconds / 60
                let slope = "slope \(Figure.signed(growth.perMinute)) MB/min"
                chart.trend = (
                    slope, process.memory.least, process.memory.least + growth.perMinute * minutes
                )
                chart.summary += """
                     What stays grows by \(Figure.signed(growth.perMinute)) MB a minute, with 95 % confidence between \
                    \(Figure.signed(growth.interval.low)) and \(Figure.signed(growth.interval.high)).
                    """
            }
            charts.append(chart.chart)
        }
        if let processors = process.processorTimeline {
            charts.append(
                TimeChart(
                    title: "Processors", subject: process.name, seconds: processors.seconds,
                    series: [.init(name: "busy", kind: .first, values: processors.values, isFilled: true)],
                    faults: spans(until: Double(processors.values.count) * processors.seconds),
                    summary: "\(Figure.text(process.processors)) processors were busy on average."
                ).chart)
        }
        return charts
    }
}

extension RunResult.PoolTimeline {
    /// Whether there is anything to see.
    fileprivate var isUsed: Bool { (inUse + waiting).contains { ($0 ?? 0) > 0 } }
}

extension Figure {
    fileprivate static func signed(_ value: Double) -> String {
        "\(value < 0 ? "−" : "+")\(text(abs(value)))"
    }
}

/// Operations a second, in slots that are long enough to count them in.
struct Rates {
    var seconds: Double
    var operations: [Double]
    var failures: [Double]

    /// - Parameter duration: of all slots together; the last may be shorter than the others.
    init(_ timeline: RunResult.Timeline, duration: Double) {
        // Operations are counted four times a second: with two counts in a slot, a late one matters less.
        let most = 120
        let factor = max(
            Int((0.5 / timeline.seconds).rounded(.up)), (timeline.operations.count + most - 1) / most, 1)
        seconds = timeline.seconds * Double(factor)
        var (operations, failures): ([Double], [Double]) = ([], [])
        for start in stride(from: 0, to: timeline.operations.count, by: factor) {
            let slots = start..<min(start + factor, timeline.operations.count)
            let length = min(seconds, duration - Double(start) * timeline.seconds)
            // A piece at the end says little.
            guard length >= seconds / 2 || operations.isEmpty else { break }
            operations.append(Double(timeline.operations[slots].reduce(0, +)) / max(length, timeline.seconds))
            failures.append(Double(timeline.failures[slots].reduce(0, +)) / max(length, timeline.seconds))
        }
        self.operations = operations
        self.failures = failures
    }
}
