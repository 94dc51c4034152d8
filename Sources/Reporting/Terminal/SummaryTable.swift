import Foundation
import LoadTesting

/// A run's summary for people: a row for each check, then the scenarios, then the verdict.
package struct SummaryTable: Sendable {
    private let style: TerminalStyle

    package init(style: TerminalStyle) {
        self.style = style
    }

    /// The whole summary, with a line break at its end.
    package func render(_ result: RunResult) -> String {
        var lines = [heading(result), ""]
        if !result.checks.isEmpty { lines += table(result.checks) }
        if let figures = result.engineFigures { lines += engines(figures) }
        let notes = result.checks.flatMap(notes)
        if !notes.isEmpty { lines += [""] + notes.map(style.faint) }
        if !result.scenarios.isEmpty { lines += [""] + result.scenarios.flatMap(scenario) }
        // What was not met once more, where a log that is cut off still has it.
        lines += ["", verdict(result)] + result.checks.filter { $0.verdict != .pass }.map(open)
        lines.append(style.faint("again: \(result.command)"))
        return lines.joined(separator: "\n") + "\n"
    }

    private func heading(_ result: RunResult) -> String {
        let engines = result.engines.listed.map { "\($0.name) \($0.version)" }.joined(separator: " · ")
        return style.bold(result.profile) + "  \(engines)  "
            + style.faint((result.scenarios.isEmpty ? "" : "seed \(result.seed) · ") + "\(number(result.seconds)) s")
    }

    // MARK: - Checks

    private func table(_ checks: [CheckResult]) -> [String] {
        let hasPercentiles = checks.contains { $0.percentiles != nil }
        let hasIntervals = checks.contains { $0.interval != nil }
        let header =
            ["", "check", "value", "target"] + (hasPercentiles ? ["p50", "p95", "max"] : [])
            + (hasIntervals ? ["95 % interval"] : []) + ["samples"]
        let rows = checks.map { check in
            [
                "\(check.sign) \(check.word)", check.id, with(check.unit, duration(check.value, in: check)),
                with(check.unit, "\(check.op.rawValue) \(number(check.target))"),
            ] + (hasPercentiles ? percentiles(check) : []) + (hasIntervals ? [interval(check)] : []) + [samples(check)]
        }
        let lines = TextTable(header: header, rows: rows).lines
        return [style.faint(lines[0])] + zip(checks, lines.dropFirst()).map { colored($1, $0.verdict) }
    }

    private func percentiles(_ check: CheckResult) -> [String] {
        [check.percentiles?.p50, check.percentiles?.p95, check.percentiles?.max].map { value in
            value.map { duration($0, in: check) } ?? ""
        }
    }

    /// What never ended stands in a distribution as the longest that it knows.
    private func duration(_ value: Double, in check: CheckResult) -> String {
        guard check.endless != nil, let longest = check.percentiles?.max, value >= longest * 0.999 else {
            return number(value)
        }
        return "∞"
    }

    private func open(_ check: CheckResult) -> String {
        let line = "  \(check.sign) \(check.id): \(check.text(check.value)), to be \(check.limitText)"
        return colored(line, check.verdict)
    }

    private func notes(_ check: CheckResult) -> [String] {
        let limit = check.limitedBy.map { "\(check.id): limited by \($0)" }
        let resolution = check.resolution.map {
            "\(check.id): no sample is too short, 99 of 100 are too long by at most \(with(check.unit, number($0)))"
        }
        return [limit, resolution, check.firstLookText].compactMap { $0 }
    }

    private func interval(_ check: CheckResult) -> String {
        check.interval.map { "\(number($0.low)) – \(number($0.high))" } ?? ""
    }

    private func with(_ unit: String, _ number: String) -> String { unit.isEmpty ? number : "\(number) \(unit)" }

    private func samples(_ check: CheckResult) -> String {
        let never = check.endless.map { ", \($0) never" } ?? ""
        return check.beyond == 0 ? "\(check.samples)" : "\(check.samples) (\(check.beyond) beyond\(never))"
    }

    private func colored(_ line: String, _ verdict: CheckResult.Verdict) -> String {
        switch verdict {
        case .pass: line
        case .fail: style.red(line)
        case .inconclusive: style.yellow(line)
        }
    }

    // MARK: - Engines

    private func engines(_ figures: [EngineFigure]) -> [String] {
        let lines = TextTable(header: EngineFigure.header, rows: figures.map(\.cells)).lines
        return [style.faint(lines[0])] + lines.dropFirst()
    }

    // MARK: - Scenarios and verdict

    private func scenario(_ scenario: RunResult.ScenarioResult) -> [String] {
        let line = """
            \(scenario.pass ? "✓" : "✗") \(scenario.id): \(scenario.operations) operations, \(number(scenario.perSecond))/s, \
            \(scenario.failures) failures
            """
        let kinds = scenario.failureKinds.map { "    \($0.count) × \($0.description)" }
        return [scenario.pass ? line : style.red(line)] + (scenario.streams ?? []).map(stream)
            + (scenario.processes ?? []).map(process).map(style.faint) + kinds.map(style.red)
    }

    private func process(_ process: RunResult.ProcessResult) -> String {
        let memory = process.memory
        let growth = process.growth.map { ", growing by \(number($0.perMinute)) MB a minute" } ?? ""
        return """
                \(process.name): \(number(memory.first)) → \(number(memory.last)) MB, at most \(number(memory.most)) MB\(growth); \
            \(number(process.processors)) processors
            """
    }

    private func stream(_ stream: RunResult.StreamResult) -> String {
        func times(_ percentiles: CheckResult.Percentiles) -> String {
            [percentiles.p50, percentiles.p99, percentiles.max].map(number).joined(separator: " / ")
        }
        return """
                \(stream.name): \(stream.due) due at \(number(stream.rate))/s, \(stream.failed) failed, \
            \(stream.dropped) dropped; p50 / p99 / max from due \(times(stream.latency)) ms, service \
            \(times(stream.service)) ms, generator late by \(times(stream.generatorLag)) ms
            """
    }

    private func verdict(_ result: RunResult) -> String {
        let verdict = Verdict(result)
        if result.interrupted { return style.yellow(style.bold("! \(verdict.text)")) }
        let text = style.bold("\(verdict.sign) \(verdict.text)")
        return switch verdict.kind {
        case .pass: style.green(text)
        case .fail: style.red(text)
        case .inconclusive: style.yellow(text)
        }
    }

    private func number(_ value: Double) -> String { Figure.text(value) }
}
