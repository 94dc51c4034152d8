import Failpoints
import Foundation
import LoadTesting

/// What a crash test did, for people: figures, kills by place, and each broken round with all that helps to look into
/// it.
package struct CrashTable: Sendable {
    private let style: TerminalStyle

    package init(style: TerminalStyle) {
        self.style = style
    }

    /// The whole text, with a line break at its end.
    package func render(_ result: CrashResult) -> String {
        var lines = figures(result.figures)
        lines += [""] + kills(result.figures)
        for failure in result.failures { lines += [""] + explain(failure) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func figures(_ figures: CrashFigures) -> [String] {
        let units = figures.units
        return [
            "\(figures.rounds) rounds, \(figures.processes) processes, \(figures.unreached) of them not killed in time",
            """
            units: \(units.acknowledged) acknowledged, \(units.inDoubtDone) cut short and done, \
            \(units.inDoubtUndone) cut short and undone, \(units.failed) failed, \(units.repeated) repeated
            """,
            """
            recovery: \(figures.graphReplayed) units done again in the graph, \(figures.cacheReplayed) in Redis; Redis killed \
            \(figures.redisKilled) times, emptied \(figures.redisEmptied) times, graph put back \(figures.graphsPutBack) times
            """,
        ]
    }

    private func kills(_ figures: CrashFigures) -> [String] {
        // In the order of the protocol.
        let names = Failpoint.allCases.map(\.rawValue)
        let others = figures.kills.keys.filter { !names.contains($0) }.sorted()
        let all = names + others
        let width = all.map(\.count).max() ?? 0
        return [style.faint("killed at")]
            + all.map { name in
                let count = "\(figures.kills[name] ?? 0)"
                return name + String(repeating: " ", count: width + 8 - name.count - count.count) + count
            }
    }

    /// What a broken round was, line by line.
    package func explain(_ failure: CrashFailure) -> [String] {
        var lines = [style.red(style.bold("✗ Round \(failure.round), seed \(failure.seed)")), "  \(failure.plan)"]
        lines += failure.violations.prefix(30).map { style.red("  \($0)") }
        let rest = failure.violations.count - 30
        if rest > 0 { lines.append("  and \(rest) more") }
        lines.append("  told:")
        lines += failure.told.map { "    \($0)" }
        lines.append("  found:")
        lines += failure.found.map { "    \($0)" }
        lines.append("  stores: \(failure.folder)")
        lines.append("  again:  \(failure.command)")
        return lines
    }
}
