import Foundation
import LoadTesting

/// A run as the document that other programs read.
package enum JSONReport {
    /// The document's text, with a line break at its end.
    package static func render(_ result: RunResult) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(result), as: UTF8.self) + "\n"
    }
}
