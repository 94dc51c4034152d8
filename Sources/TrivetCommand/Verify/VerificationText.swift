import Foundation
import Transactions

/// A verification's result for people.
enum VerificationText {
    static func render(_ document: VerificationDocument) -> String {
        let report = document.report
        var lines: [String] = []
        let width = report.parts.map(\.mapping.count).max() ?? 0
        for part in report.parts {
            let sign = part.differences == 0 ? "✓" : "✗"
            let name = part.mapping.padding(toLength: width, withPad: " ", startingAt: 0)
            var counts = ["\(part.rows) rows"]
            if part.graphElements > 0 { counts.append("\(part.graphElements) in the graph") }
            if part.keys > 0 { counts.append("\(part.keys) keys") }
            if part.pending > 0 { counts.append("\(part.pending) not up to date yet") }
            counts.append(part.differences == 1 ? "1 difference" : "\(part.differences) differences")
            lines.append("\(sign) \(name)  \(counts.joined(separator: ", "))")
        }
        lines += report.differences.map { "  \($0)" }
        let rest = report.differenceCount - report.differences.count
        if rest > 0 { lines.append("  and \(rest) more; --list shows more of them") }
        if let waiting = RecoverCommand.waiting(document.backlog) { lines.append(waiting) }
        lines.append(
            document.consistent
                ? "The stores agree." : "The stores do not agree: \(report.differenceCount) differences.")
        return lines.joined(separator: "\n")
    }
}
