import LoadTesting

/// What a crash test did, and each broken round with all that helps to look into it.
struct CrashSection {
    var crash: RunResult.Crash?

    var part: PagePart? { crash.map { PagePart(id: "crash", render($0)) } }

    private func render(_ crash: RunResult.Crash) -> Markup {
        let figures = crash.figures, units = figures.units
        let facts: [(String, Int)] = [
            ("rounds", figures.rounds), ("processes", figures.processes), ("not killed in time", figures.unreached),
            ("units acknowledged", units.acknowledged), ("cut short and done", units.inDoubtDone),
            ("cut short and undone", units.inDoubtUndone), ("repeated", units.repeated), ("failed", units.failed),
            ("done again in the graph", figures.graphReplayed), ("done again in Redis", figures.cacheReplayed),
            ("Redis killed", figures.redisKilled), ("Redis emptied", figures.redisEmptied),
        ]
        let kills = figures.kills.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return """
            <section id="crash" aria-labelledby="crash-h"><h2 id="crash-h">Kills and recoveries</h2>
            <dl class="facts">\(facts.markup { "<div><dt>\($0.0)</dt><dd>\(Figure.count($0.1))</dd></div>\n" })</dl>
            \(kills.isEmpty ? Markup() : Self.kills(kills))\(crash.failures.markup(Self.failure))</section>

            """
    }

    private static func kills(_ kills: [(key: String, value: Int)]) -> Markup {
        let most = Double(kills.first?.value ?? 1)
        return """
            <ul class="kinds">\(kills.markup { kill in
                """
                <li><b>\(Figure.count(kill.value)) ×</b><span><code>\(kill.key)</code>\
                <svg viewBox="0 0 400 8" preserveAspectRatio="none" aria-hidden="true"><path class="fill first" \
                d="M0 1H\(Double(kill.value) / most * 400)V7H0Z"/></svg></span></li>

                """
            })</ul>

            """
    }

    private static func failure(_ failure: CrashFailure) -> Markup {
        let lines =
            [failure.plan] + failure.violations.map { "✗ \($0)" }
            + ["told:"] + failure.told.map { "  \($0)" } + ["found:"] + failure.found.map { "  \($0)" }
            + ["stores: \(failure.folder)", "again:  \(failure.command)"]
        return """
            <section><h3><span class="fail">✗</span> Round \(failure.round), seed \(failure.seed)</h3>
            <code class="command">\(lines.joined(separator: "\n"))</code></section>

            """
    }
}
