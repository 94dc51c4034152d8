/// A file for a history that can't be read or written.
package struct HistoryFileError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Problem: Sendable, Hashable {
        case io(String, String)
        case notAHistory(EDNError)
        /// After a failed write the file could not be brought back to its last whole line.
        case broken
    }

    package let path: String
    package let problem: Problem

    package var description: String {
        switch problem {
        case .io(let action, let reason): "\(action) the history \(path) failed: \(reason)"
        case .notAHistory(let error):
            "\(path) is not a history: \(error); move it away, or correct that line"
        case .broken:
            "the history \(path) can't be written since an earlier write failed half way; its last line is torn, open it again"
        }
    }
}
