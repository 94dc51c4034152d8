import LoadTesting

/// A run for a pull request or a job's summary, in GitHub's Markdown: the verdict, what was missed, and the rest folded away.
package enum MarkdownReport {
    /// The document's text, with a line break at its end.
    package static func render(_ result: RunResult) -> String {
        let verdict = Verdict(result)
        var lines = ["### \(emoji(verdict.kind)) \(MarkdownText.plain("\(result.profile): \(verdict.text)"))", ""]
        let open = result.checks.filter { $0.verdict != .pass }
        if !open.isEmpty { lines += table(open, result.baseline) + [""] }
        let met = result.checks.filter { $0.verdict == .pass }
        if !met.isEmpty {
            lines += fold("\(met.count) \(met.count == 1 ? "target" : "targets") met", table(met, result.baseline))
        }
        let first = result.checks.compactMap(\.firstLookText)
        if !first.isEmpty { lines += first.map { "- \(MarkdownText.plain($0))" } + [""] }
        if let figures = result.engineFigures { lines += engines(figures) + [""] }
        if !result.scenarios.isEmpty { lines += result.scenarios.flatMap(scenario) + [""] }
        if let faults = result.faults, !faults.isEmpty { lines += [broken(faults), ""] }
        lines += [footer(result), "", "Again: \(MarkdownText.code(result.command))"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// A run that has no figures.
    package static func render(_ failure: RunFailure) -> String {
        """
        ### ❌ \(MarkdownText.plain("\(failure.profile): \(RunFailure.verdict)"))

        \(MarkdownText.code(failure.reason))

        Again: \(MarkdownText.code(failure.command))

        """
    }

    private static func emoji(_ kind: Verdict.Kind) -> String {
        switch kind {
        case .pass: "✅"
        case .fail: "❌"
        case .inconclusive: "⚠️"
        }
    }

    private static func table(_ checks: [CheckResult], _ baseline: RunResult.Baseline?) -> [String] {
        let hasBaseline = baseline != nil
        return [
            "| | target | value |\(hasBaseline ? " baseline |" : "") limit | distance | p50 | samples |",
            "| --- | --- | ---: |\(hasBaseline ? " ---: |" : "") ---: | --- | ---: | ---: |",
        ]
            + checks.map { check in
                let before = baseline?.checks.first { $0.id == check.id && $0.unit == check.unit }
                let cells =
                    ["\(check.sign) \(check.word)", check.id, check.text(check.value)]
                    + (hasBaseline ? [before.map { check.text($0.value) } ?? ""] : [])
                    + [
                        check.limitText, check.margin, check.percentiles.map { check.text($0.p50) } ?? "",
                        Figure.count(check.samples),
                    ]
                return row(cells)
            }
    }

    private static func engines(_ figures: [EngineFigure]) -> [String] {
        [row(EngineFigure.header), "| --- | --- | ---: | ---: | ---: | ---: |"] + figures.map { row($0.cells) }
    }

    private static func row(_ cells: [String]) -> String {
        "| " + cells.map(MarkdownText.plain).joined(separator: " | ") + " |"
    }

    private static func scenario(_ scenario: RunResult.ScenarioResult) -> [String] {
        let line = MarkdownText.plain(
            """
            \(scenario.pass ? "✓" : "✗") \(scenario.id): \(Figure.count(scenario.operations)) operations, \
            \(Figure.text(scenario.perSecond))/s, \(Figure.count(scenario.failures)) failed
            """)
        return ["- \(line)"]
            + scenario.failureKinds.prefix(5).map { "  - \($0.count) × \(MarkdownText.code($0.description))" }
    }

    /// Kinds with their numbers, so that many make no long list.
    private static func broken(_ faults: [FaultWindow]) -> String {
        let names = faults.map { fault in fault.store.map { "\($0) \(fault.kind)" } ?? fault.kind }
        let counts = names.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        let texts = counts.sorted { $0.key < $1.key }.map { $1 == 1 ? $0 : "\($1) × \($0)" }
        return MarkdownText.plain("Broken on purpose: \(texts.joined(separator: ", ")).")
    }

    private static func fold(_ title: String, _ lines: [String]) -> [String] {
        ["<details><summary>\(Markup.escape(title))</summary>", ""] + lines + ["", "</details>", ""]
    }

    private static func footer(_ result: RunResult) -> String {
        let machine = result.machine.map { " · \($0.processor), \($0.cores) cores · \($0.system)" } ?? ""
        let engines = result.engines.listed.map { "\($0.name) \($0.version)" }.joined(separator: " · ")
        let seed = result.scenarios.isEmpty ? "" : " · seed \(result.seed)"
        return MarkdownText.plain("\(engines)\(machine)\(seed) · \(Figure.length(seconds: result.seconds))")
    }
}

/// Text that stays text in Markdown: it can neither break a table nor become a link, a heading, HTML or somebody's name.
enum MarkdownText {
    /// In a line or a table's cell.
    static func plain(_ text: String) -> String {
        var escaped = ""
        for character in text.split(whereSeparator: \.isNewline).joined(separator: " ") {
            switch character {
            // What GFM lets a backslash take the meaning from, as far as it has one within a line.
            case "\\", "`", "*", "_", "[", "]", "|", "~", "#": escaped += "\\\(character)"
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            // A name after it would be told.
            case "@": escaped += "@\u{2060}"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// As code: between more backticks than there are in it.
    static func code(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let longest = line.split(whereSeparator: { $0 != "`" }).map(\.count).max() ?? 0
        let fence = String(repeating: "`", count: longest + 1)
        let isTouching = line.isEmpty || line.first == "`" || line.last == "`" || line.first == " " || line.last == " "
        return isTouching ? "\(fence) \(line) \(fence)" : fence + line + fence
    }
}
