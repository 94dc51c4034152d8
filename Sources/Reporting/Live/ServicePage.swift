import LoadTesting

/// A service's stores as a live page: their health first, then what their pools hold, then how operations fare.
package enum ServicePage {
    /// - Parameter title: whose stores they are.
    package static func part(_ timeline: ServiceTimeline, title: String) -> PagePart {
        .main(
            [head(timeline, title: title)]
                + [
                    section("pools", "Pools", pools(timeline)),
                    section("operations", "Operations", operations(timeline)),
                    section("processes", "Processes", processes(timeline)),
                ].compactMap { $0 })
    }

    private static func head(_ timeline: ServiceTimeline, title: String) -> PagePart {
        let (kind, sign, text) = verdict(timeline)
        let used = timeline.pools.values.reduce(0) { $0 + (($1.inUse.last ?? nil) ?? 0) }
        let open = timeline.pools.values.reduce(0) { $0 + (($1.open.last ?? nil) ?? 0) }
        let waiting = timeline.pools.values.reduce(0) { $0 + (($1.waiting.last ?? nil) ?? 0) }
        let rate = timeline.operations.values.reduce(0) { $0 + (($1.perSecond.last ?? nil) ?? 0) }
        var facts = [("connections in use", Figure.count(used)), ("open", Figure.count(open))]
        facts += [("tasks waiting", Figure.count(waiting)), ("never got one", Figure.count(Int(timeline.timeouts)))]
        if !timeline.operations.isEmpty { facts.append(("operations a second", Figure.text(rate))) }
        return PagePart(
            id: "head",
            """
            <header id="head" data-title="\(sign) \(title): \(text)"><p class="kicker"><b>Trivet</b> <span>\(title)</span></p>
            <h1 class="verdict" id="verdict"><span class="sign \(kind)">\(sign)</span>\(text)</h1>
            \(stores(timeline))\(timeline.trouble.map { "<p class=\"fail\">\($0)</p>" as Markup })\
            <dl class="facts">\(facts.markup { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>\n" })</dl></header>

            """)
    }

    private static func verdict(_ timeline: ServiceTimeline) -> (kind: String, sign: String, text: String) {
        if timeline.trouble != nil { return ("fail", "✗", "No answer.") }
        guard timeline.sampleCount > 0 else { return ("inconclusive", "…", "Waiting for the first look.") }
        let down = timeline.stores.filter { $0.state == .down }
        let degraded = timeline.stores.filter { $0.state == .degraded }
        if !down.isEmpty { return ("fail", "✗", "\(names(down)) down.") }
        if !degraded.isEmpty { return ("inconclusive", "!", "\(names(degraded)) degraded.") }
        // Where nobody probes, nothing is claimed.
        guard !timeline.stores.isEmpty else { return ("inconclusive", "·", "Nobody watches the stores' health.") }
        return ("pass", "✓", "All stores are healthy.")
    }

    private static func names(_ stores: [ServiceSample.Store]) -> String {
        stores.map(\.name).joined(separator: ", ") + (stores.count == 1 ? " is" : " are")
    }

    private static func stores(_ timeline: ServiceTimeline) -> Markup {
        guard !timeline.stores.isEmpty else { return Markup() }
        return """
            <ul class="stores">\(timeline.stores.markup { store in
                """
                <li><b>\(store.name)</b> <span class="state \(kind(store.state))">\(sign(store.state)) \(store.state.rawValue)</span> \
                <span class="faint">\(store.reasons.joined(separator: "; "))</span></li>

                """
            })</ul>

            """
    }

    private static func kind(_ state: ServiceSample.Store.State) -> String {
        switch state {
        case .healthy: "pass"
        case .degraded: "inconclusive"
        case .down: "fail"
        }
    }

    private static func sign(_ state: ServiceSample.Store.State) -> String {
        switch state {
        case .healthy: "✓"
        case .degraded: "!"
        case .down: "✗"
        }
    }

    private static func section(_ id: String, _ title: String, _ charts: [Chart]) -> PagePart? {
        guard !charts.isEmpty else { return nil }
        return PagePart(
            id: id,
            open: """
                <section id="\(id)" aria-labelledby="\(id)-h"><h2 id="\(id)-h">\(title)</h2><div class="charts">

                """,
            children: charts.enumerated().map { $0.element.part(id: "\(id)-\($0.offset)") }, close: "</div></section>\n"
        )
    }

    private static func pools(_ timeline: ServiceTimeline) -> [Chart] {
        timeline.pools.sorted { $0.key < $1.key }.flatMap { name, pool in
            PoolCharts(
                pool: RunResult.PoolTimeline(
                    name: name, maximum: pool.maximum, seconds: timeline.seconds, open: pool.open, inUse: pool.inUse,
                    waiting: pool.waiting, waits: pool.waits), endsNow: true
            ).charts
        }
    }

    private static func operations(_ timeline: ServiceTimeline) -> [Chart] {
        timeline.operations.sorted { $0.key < $1.key }.flatMap { name, values -> [Chart] in
            var rate = TimeChart(
                title: "Operations", subject: "of \(name) a second", seconds: timeline.seconds,
                series: [.init(name: "ended", kind: .first, values: values.perSecond, isFilled: true)], endsNow: true,
                summary: "At most \(Figure.text(values.perSecond.compactMap { $0 }.max() ?? 0)) a second.")
            if values.failures.contains(where: { $0 ?? 0 > 0 }) {
                rate.series.append(.init(name: "failed", kind: .second, values: values.failures))
            }
            let latency = TimeChart(
                title: "Latency", subject: name, seconds: timeline.seconds,
                series: [
                    .init(name: "p50", kind: .first, values: values.p50, isFilled: true),
                    .init(name: "p99", kind: .third, values: values.p99),
                ],
                label: { Figure.duration(milliseconds: $0) }, endsNow: true,
                summary: """
                    The 99th percentile was at most \
                    \(Figure.duration(milliseconds: values.p99.compactMap { $0 }.max() ?? 0)), as buckets tell it.
                    """)
            return [rate.chart, latency.chart]
        }
    }

    private static func processes(_ timeline: ServiceTimeline) -> [Chart] {
        timeline.processes.sorted { $0.key < $1.key }.flatMap { name, process -> [Chart] in
            let memory = process.memory.compactMap { $0 }
            return [
                TimeChart(
                    title: "Memory", subject: name, seconds: timeline.seconds,
                    series: [.init(name: "resident", kind: .first, values: process.memory)],
                    isFromZero: (memory.max() ?? 0) > (memory.min() ?? 0) * 2, leastSpan: 2,
                    label: { "\(Figure.text($0, digits: 5)) MB" }, endsNow: true,
                    summary: "At most \(Figure.text(memory.max() ?? 0)) MB."
                ).chart,
                TimeChart(
                    title: "Processors", subject: name, seconds: timeline.seconds,
                    series: [.init(name: "busy", kind: .first, values: process.processors, isFilled: true)],
                    endsNow: true,
                    summary: """
                        At most \(Figure.text(process.processors.compactMap { $0 }.max() ?? 0)) processors were busy.
                        """
                ).chart,
            ]
        }
    }
}
