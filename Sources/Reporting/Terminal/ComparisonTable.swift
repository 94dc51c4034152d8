import LoadTesting
import Measurement

/// Two baselines side by side, for people: a row for each metric, then why, then the verdict.
package struct ComparisonTable: Sendable {
    private let style: TerminalStyle

    package init(style: TerminalStyle) {
        self.style = style
    }

    /// The whole text, with a line break at its end.
    package func render(_ comparison: Comparison) -> String {
        var lines = [style.bold("\(comparison.candidate) against \(comparison.baseline)"), ""]
        if !comparison.differences.isEmpty {
            lines += [
                style.yellow("! Forced, although this differs: \(comparison.differences.joined(separator: "; "))")
            ]
            lines += [""]
        }
        lines += table(comparison.metrics)
        let reasons = comparison.metrics.filter { $0.verdict != .unchanged }.map { "\($0.id): \($0.reason)" }
        if !reasons.isEmpty { lines += [""] + reasons.map(style.faint) }
        lines += missing(comparison)
        lines += ["", verdict(comparison)]
        return lines.joined(separator: "\n") + "\n"
    }

    private func table(_ metrics: [MetricComparison]) -> [String] {
        guard !metrics.isEmpty else { return ["They have no metric in common."] }
        let header = ["", "metric", "before", "now", "change", "95 % interval", "tolerated", "p", "samples"]
        let rows = metrics.map { metric in
            [
                sign(metric), metric.id, figure(metric.baseline, metric.unit), figure(metric.candidate, metric.unit),
                metric.ratio.map { Figure.change($0 - 1) } ?? "",
                metric.interval.map { "\(Figure.change($0.low - 1)) – \(Figure.change($0.high - 1))" } ?? "",
                "±\(Figure.text((metric.tolerance * 1_000).rounded() / 10)) %",
                metric.adjustedP.map(Figure.probability) ?? "", "\(metric.baselineSamples), \(metric.candidateSamples)",
            ]
        }
        let lines = TextTable(header: header, rows: rows).lines
        return [style.faint(lines[0])] + zip(metrics, lines.dropFirst()).map { colored($1, $0) }
    }

    private func figure(_ value: Double, _ unit: String) -> String {
        unit.isEmpty ? Figure.text(value) : "\(Figure.text(value)) \(unit)"
    }

    private func sign(_ metric: MetricComparison) -> String {
        switch metric.verdict {
        case .improved: "✓ better"
        case .unchanged: "✓ same"
        case .regressed: metric.isConfirmed == true ? "✗ WORSE" : "? worse"
        case .inconclusive: "? unclear"
        }
    }

    private func colored(_ line: String, _ metric: MetricComparison) -> String {
        switch metric.verdict {
        case .improved: style.green(line)
        case .unchanged: line
        case .regressed: metric.isConfirmed == true ? style.red(line) : style.yellow(line)
        case .inconclusive: style.yellow(line)
        }
    }

    private func missing(_ comparison: Comparison) -> [String] {
        let only = [
            (comparison.baseline, comparison.onlyInBaseline), (comparison.candidate, comparison.onlyInCandidate),
        ]
        let lines = only.filter { !$0.1.isEmpty }.map { "Only in \($0.0): \($0.1.joined(separator: ", "))" }
        return lines.isEmpty ? [] : [""] + lines
    }

    private func verdict(_ comparison: Comparison) -> String {
        let metrics = comparison.metrics
        func count(_ verdict: MetricComparison.Verdict) -> Int { metrics.count { $0.verdict == verdict } }
        switch comparison.outcome {
        case .regressed:
            let worse = metrics.count { $0.verdict == .regressed && $0.isConfirmed == true }
            return style.red(style.bold("✗ \(worse) of \(metrics.count) metrics got worse."))
        case .inconclusive where metrics.isEmpty:
            return style.yellow(style.bold("? Inconclusive: nothing to compare."))
        case .inconclusive where count(.regressed) > 0:
            return style.yellow(
                style.bold(
                    """
                    ? Inconclusive: \(count(.regressed)) of \(metrics.count) metrics seem worse, and no second run says so. \
                    Measure again into \(comparison.candidate), or give the second run with --confirm.
                    """))
        case .inconclusive:
            return style.yellow(
                style.bold(
                    "? Inconclusive: of \(count(.inconclusive)) of \(metrics.count) metrics nothing can be said."))
        default:
            let better = count(.improved)
            return style.green(
                style.bold(
                    "✓ None of \(metrics.count) metrics got worse\(better > 0 ? ", \(better) got better" : "")."))
        }
    }
}

extension Comparison {
    /// What a comparison's process ends with. A regression that no second run has shown is none yet.
    package var outcome: RunResult.Outcome {
        if hasRegressed { return .regressed }
        return verdict == .regressed || verdict == .inconclusive ? .inconclusive : .allTargetsMet
    }
}
