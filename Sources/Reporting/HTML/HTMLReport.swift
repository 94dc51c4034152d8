import Foundation
import LoadTesting
import Measurement

/// A run as one page that needs nothing else: no script, no request, no style but its own. The verdict comes first, then the targets, then how
/// it went, then how to do it again. It is HTML that XML's parsers read too, which is how its tests see that it is well-formed.
package enum HTMLReport {
    package static func render(_ result: RunResult) -> String {
        HTMLPage(title: title(result), main: .main([header(result)] + sections(result))).html
    }

    /// A run that has no figures.
    package static func render(_ failure: RunFailure) -> String {
        let head = PagePart(
            id: "head",
            """
            <header id="head"><p class="kicker"><b>Trivet</b> <span>\(failure.profile)</span></p>
            <h1 class="verdict" id="verdict"><span class="sign fail">✗</span>\(RunFailure.verdict)</h1>
            <code class="command">\(failure.reason)</code></header>

            """)
        let again = PagePart(
            id: "environment",
            """
            <section id="environment"><h3 id="again">Again</h3><code class="command">\(failure.command)</code></section>

            """)
        return HTMLPage(title: "✗ \(failure.profile): \(RunFailure.verdict)", main: .main([head, again])).html
    }

    static func title(_ result: RunResult) -> String {
        let verdict = Verdict(result)
        return "\(verdict.sign) \(result.profile): \(verdict.text)"
    }

    /// All but the head.
    ///
    /// - Parameter isLive: whether the last scenario still goes on.
    static func sections(_ result: RunResult, isLive: Bool = false) -> [PagePart] {
        [
            TargetsSection(checks: result.checks, baseline: result.baseline).part, latencies(result),
            EnginesSection(figures: result.engineFigures).part, scenarios(result, isLive: isLive),
            CrashSection(crash: result.crash).part,
            EnvironmentSection(result: result).part,
        ].compactMap { $0 }
    }

    static func header(_ result: RunResult) -> PagePart {
        let verdict = Verdict(result)
        let missed = result.checks.filter { $0.verdict == .fail }
        return PagePart(
            id: "head",
            """
            <header id="head" data-title="\(title(result))"><p class="kicker"><b>Trivet</b> <span>\(result.profile)</span> \(result.started.map { started in
                "<time datetime=\"\(started)\">\(PageDate.text(started))</time>" as Markup
            })\(result.commit.map { "<span class=\"mono\">\(String($0.prefix(10)))</span>" as Markup })</p>
            <h1 class="verdict" id="verdict"><span class="sign \(verdict.kind.rawValue)">\(verdict.sign)</span>\
            \(verdict.text)</h1>
            \(missed.isEmpty ? Markup() : Self.list(missed))\
            <dl class="facts">\(facts(result).markup { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>\n" })</dl>
            \(navigation(result))</header>

            """)
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
        return (result.engineFigures == nil ? [("targets met", "\(met) of \(result.checks.count)")] : [])
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

    private static func latencies(_ result: RunResult) -> PagePart? {
        let charts = result.checks.compactMap { check in
            PercentileChart(
                check: check,
                baseline: result.baseline?.checks.first { $0.id == check.id && $0.unit == check.unit }
            ).chart
        }
        guard !charts.isEmpty else { return nil }
        return PagePart(
            id: "latencies",
            open: """
                <section id="latencies" aria-labelledby="latencies-h"><h2 id="latencies-h">Latencies</h2>
                <p class="faint">How long it took, against how many of all operations took at most that long. Each step to the right \
                is a tenth of those before. The dot is what is judged.\(baseline(result))</p>
                <div class="charts">

                """,
            children: charts.enumerated().map { $0.element.part(id: "p\($0.offset)") }, close: "</div></section>\n")
    }

    /// What the second line of each curve is.
    private static func baseline(_ result: RunResult) -> String {
        guard let baseline = result.baseline else { return "" }
        let differences = result.baselineDifferences
        let facts = [baseline.started.map(PageDate.text), baseline.commit.map { "commit \($0.prefix(10))" }]
        return """
             The baseline is \(baseline.name), \(facts.compactMap { $0 }.joined(separator: ", "))\
            \(differences.isEmpty ? "." : ", of \(differences.joined(separator: " and of ")): compare shapes, not figures.")
            """
    }

    private static func scenarios(_ result: RunResult, isLive: Bool) -> PagePart? {
        guard !result.scenarios.isEmpty else { return nil }
        return PagePart(
            id: "scenarios",
            open: """
                <section id="scenarios" aria-labelledby="scenarios-h"><h2 id="scenarios-h">Scenarios</h2>

                """,
            children: result.scenarios.enumerated().map { index, scenario in
                ScenarioSection(
                    scenario: scenario, checks: result.checks, id: "s\(index)", faults: result.faults ?? [],
                    isLive: isLive && index == result.scenarios.count - 1
                ).part
            }, close: "</section>\n")
    }
}
