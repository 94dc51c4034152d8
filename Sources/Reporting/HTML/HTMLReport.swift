import Foundation
import LoadTesting
import Measurement

/// A run as one page that needs nothing else: no script, no request, no style but its own. The verdict comes first, then the targets, then how
/// it went, then how to do it again. It is HTML that XML's parsers read too, which is how its tests see that it is well-formed.
package enum HTMLReport {
    package static func render(_ result: RunResult) -> String {
        let verdict = Verdict(result)
        return page(
            "\(verdict.sign) \(result.profile): \(verdict.text)",
            """
            \(header(result, verdict))\(TargetsSection(checks: result.checks).render())\(latencies(result))\
            \(scenarios(result))\(CrashSection(crash: result.crash).render())\(EnvironmentSection(result: result).render())
            """)
    }

    /// A run that has no figures.
    package static func render(_ failure: RunFailure) -> String {
        page(
            "✗ \(failure.profile): \(RunFailure.verdict)",
            """
            <header><p class="kicker"><b>Trivet</b> <span>\(failure.profile)</span></p>
            <h1 class="verdict" id="verdict"><span class="sign fail">✗</span>\(RunFailure.verdict)</h1>
            <code class="command">\(failure.reason)</code></header>
            <section><h3 id="again">Again</h3><code class="command">\(failure.command)</code></section>

            """)
    }

    private static func page(_ title: String, _ body: Markup) -> String {
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"/>
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '\(trusted: StyleSheet.hash)'; \
            img-src data:; base-uri 'none'; form-action 'none'"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="referrer" content="no-referrer"/>
            <meta name="color-scheme" content="light dark"/><link rel="icon" href="data:,"/>
            <title>\(title)</title>
            <style>\(trusted: StyleSheet.text)</style></head>
            <body><main>
            \(body)</main></body></html>

            """
        return page.text
    }

    private static func header(_ result: RunResult, _ verdict: Verdict) -> Markup {
        let missed = result.checks.filter { $0.verdict == .fail }
        return """
            <header><p class="kicker"><b>Trivet</b> <span>\(result.profile)</span> \(result.started.map { started in
                "<time datetime=\"\(started)\">\(Self.date(started))</time>" as Markup
            })</p>
            <h1 class="verdict" id="verdict"><span class="sign \(verdict.kind.rawValue)">\(verdict.sign)</span>\
            \(verdict.text)</h1>
            \(missed.isEmpty ? Markup() : Self.list(missed))\
            <dl class="facts">\(facts(result).markup { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>\n" })</dl>
            \(navigation(result))</header>

            """
    }

    private static func list(_ missed: [CheckResult]) -> Markup {
        """
        <ul class="missed">\(missed.markup { check in
            """
            <li><span class="mono">\(check.id)</span> is <b>\(check.text(check.value))</b>, \
            <span class="faint">to be \(check.limitText)</span></li>

            """
        })</ul>

        """
    }

    private static func facts(_ result: RunResult) -> [(String, String)] {
        let operations = result.scenarios.reduce(0) { $0 + $1.operations }
        let failures = result.scenarios.reduce(0) { $0 + $1.failures }
        let met = result.checks.count { $0.verdict == .pass }
        return [("targets met", "\(met) of \(result.checks.count)")]
            + (result.scenarios.isEmpty
                ? [] : [("operations", Figure.count(operations)), ("failed", Figure.count(failures))])
            + [("took", Figure.length(seconds: result.seconds))]
    }

    private static func navigation(_ result: RunResult) -> Markup {
        guard result.scenarios.count > 1 else { return Markup() }
        return """
            <nav aria-label="Scenarios"><ul>\(result.scenarios.enumerated().markup { scenario in
                """
                <li><a href="#s\(scenario.offset)">\(scenario.element.pass ? "✓" : "✗") \(scenario.element.id)</a></li>
                """
            })</ul></nav>

            """
    }

    /// As a day and a time, without the letters between them.
    private static func date(_ text: String) -> String {
        text.replacingOccurrences(of: "T", with: " ").replacingOccurrences(of: "Z", with: " UTC")
    }

    private static func latencies(_ result: RunResult) -> Markup {
        let charts = result.checks.compactMap { PercentileChart(check: $0).chart }
        guard !charts.isEmpty else { return Markup() }
        return """
            <section id="latencies" aria-labelledby="latencies-h"><h2 id="latencies-h">Latencies</h2>
            <p class="faint">How long it took, against how many of all operations took at most that long. Each step to the right \
            is a tenth of those before. The dot is what is judged.</p>
            <div class="charts">
            \(charts.enumerated().markup { $0.element.render(id: "p\($0.offset)") })</div></section>

            """
    }

    private static func scenarios(_ result: RunResult) -> Markup {
        guard !result.scenarios.isEmpty else { return Markup() }
        return """
            <section id="scenarios" aria-labelledby="scenarios-h"><h2 id="scenarios-h">Scenarios</h2>
            \(result.scenarios.enumerated().markup { scenario in
                ScenarioSection(scenario: scenario.element, checks: result.checks, id: "s\(scenario.offset)").render()
            })</section>

            """
    }
}
