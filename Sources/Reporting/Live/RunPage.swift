import LoadTesting

/// A run as a live page: while it goes on where it is, and what it would come to; in the end its report.
package enum RunPage {
    /// - Parameters:
    ///   - result: what it has come to; nil before anything is known.
    ///   - progress: nil when the run is over.
    package static func part(_ result: RunResult?, _ progress: RunProgress?) -> PagePart {
        guard let result else { return .main([waiting]) }
        guard let progress else { return .main([HTMLReport.header(result)] + HTMLReport.sections(result)) }
        let isLive = progress.phase != .preparing
        return .main([head(result, progress)] + HTMLReport.sections(result, isLive: isLive))
    }

    /// A run that came to no figures.
    package static func part(_ failure: RunFailure) -> PagePart {
        .main([
            PagePart(
                id: "head",
                """
                <header id="head" data-title="✗ \(failure.profile): \(RunFailure.verdict)"><p class="kicker"><b>Trivet</b> \
                <span>\(failure.profile)</span></p>
                <h1 class="verdict" id="verdict"><span class="sign fail">✗</span>\(RunFailure.verdict)</h1>
                <code class="command">\(failure.reason)</code></header>

                """)
        ])
    }

    /// - Parameter lastEvent: what is in the page already.
    package static func html(_ main: PagePart, lastEvent: UInt64) -> (html: String, policy: String) {
        let page = HTMLPage(title: "Trivet", main: main, lastEvent: lastEvent)
        return (page.html, page.header)
    }

    private static let waiting = PagePart(
        id: "head",
        """
        <header id="head" data-title="Trivet"><p class="kicker"><b>Trivet</b></p>
        <h1 class="verdict" id="verdict">Starting</h1></header>

        """)

    private static func head(_ result: RunResult, _ progress: RunProgress) -> PagePart {
        let phase = progress.phase == .preparing ? "preparing" : progress.phase.name
        let scenario = progress.scenario.isEmpty ? result.profile : progress.scenario
        return PagePart(
            id: "head",
            """
            <header id="head" data-title="… \(result.profile): \(progress.title)"><p class="kicker"><b>Trivet</b> \
            <span>\(result.profile)</span>\(result.started.map { started in
                " <time datetime=\"\(started)\">\(PageDate.text(started))</time>" as Markup
            })</p>
            <h1 class="verdict" id="verdict">\(scenario) <span class="phase">\(phase)</span></h1>
            \(bar(progress))\(broken(progress))\
            <dl class="facts">\(facts(result, progress).markup { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>\n" })</dl>
            </header>

            """)
    }

    private static func bar(_ progress: RunProgress) -> Markup {
        guard let part = progress.part else { return "<p class=\"faint\">\(progress.note)</p>" }
        let text = "\(Int(progress.done)) of \(Figure.length(seconds: progress.total)) of the steady state"
        return """
            <svg class="progress" viewBox="0 0 1000 8" preserveAspectRatio="none" role="img" aria-label="\(text)">\
            <path class="track" d="M0 0H1000V8H0Z"/><path class="done" d="M0 0H\(part * 1_000)V8H0Z"/></svg>

            """
    }

    private static func broken(_ progress: RunProgress) -> Markup {
        progress.broken.isEmpty
            ? Markup()
            : """
            <p class="inconclusive"><b>! broken on purpose:</b> \(progress.broken.joined(separator: ", "))</p>

            """
    }

    private static func facts(_ result: RunResult, _ progress: RunProgress) -> [(String, String)] {
        let rate = progress.done > 0 ? Double(progress.operations) / progress.done : 0
        let met = result.checks.count { $0.verdict == .pass }
        let rates =
            progress.wanted.map { [("a second, of \(Figure.text($0)) to come", Figure.text(rate))] }
            ?? [("a second", Figure.text(rate)), ("users", Figure.count(progress.users))]
        return [("steady", "\(Int(progress.done)) of \(Figure.length(seconds: progress.total))")]
            + [("operations", Figure.count(progress.operations))] + rates
            + [("failed", Figure.count(progress.failures))]
            + [("targets met so far", "\(met) of \(result.checks.count)")]
    }
}
