/// A history that can't be read, and where.
package struct EDNError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    /// Both counted from 1; the column in bytes.
    package let line: Int
    package let column: Int

    package var description: String {
        "line \(line), column \(column): \(message)"
    }
}
