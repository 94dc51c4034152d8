import Foundation

/// What an export consists of: `manifest.json`, which is written last.
package struct ExportManifest: Sendable, Equatable, Codable {
    /// What makes it known.
    package var format = Self.format
    /// Of the format.
    package var version = Self.version
    package var source: Source
    package var schema: GraphSchema
    package var parts: [ExportedPart]
    /// What of the graph is not in it, in words.
    package var remarks: [String]

    package static let format = "trivet-graph"
    package static let version = 1
    static let fileName = "manifest.json"

    /// What made the graph.
    package struct Source: Sendable, Equatable, Codable {
        /// "kuzu" or "ladybug".
        package var engine: String
        package var version: String
    }

    package var rows: Int { parts.reduce(0) { $0 + $1.rows } }
}

/// A file of rows: JSON Lines, each an array with a value for each of `columns`.
package struct ExportedPart: Sendable, Equatable, Codable {
    package var file: String
    /// For people.
    package var title: String
    package var columns: [String]
    package var rows: Int
    /// The file's length.
    package var bytes: Int
    /// Of the file, as `sha256sum` gives it.
    package var sha256: String
    /// Of the rows in whatever order: the sum of the SHA-256 of each line without its end, modulo 2^256.
    package var content: String
}
