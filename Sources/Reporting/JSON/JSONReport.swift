import Foundation
import LoadTesting

/// A run as the document that other programs read.
package enum JSONReport {
    /// The document's text, with a line break at its end.
    package static func render(_ result: RunResult) throws -> String { try render(document: result) }

    /// All documents look alike: keys in order, so that two can be compared line by line.
    static func render(document: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }
}
