import Foundation
import Measurement

/// A comparison as the document that other programs read.
package enum ComparisonReport {
    /// `verdict` says what the exit status says; `comparison` is all that is known.
    private struct Document: Encodable {
        var schema = 1
        var verdict: String
        var unconfirmed: [String]
        var comparison: Comparison
    }

    /// The document's text, with a line break at its end.
    package static func render(_ comparison: Comparison) throws -> String {
        let verdict =
            switch comparison.outcome {
            case .regressed: "regressed"
            case .inconclusive: "inconclusive"
            default: comparison.verdict.rawValue
            }
        return try JSONReport.render(
            document: Document(verdict: verdict, unconfirmed: comparison.unconfirmed, comparison: comparison))
    }
}
