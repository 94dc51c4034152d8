import Foundation
import Synchronization

/// What is being done, on standard error: one line that is redrawn on a terminal; elsewhere a line when something new begins.
final class StatusLine: Sendable {
    private let isQuiet: Bool
    private let isTerminal: Bool
    private let subject = Mutex("")

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        isTerminal = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// - Parameter topic: what tells whether something new begins; by default the first word.
    func show(_ text: String, about topic: String? = nil) {
        guard !isQuiet else { return }
        if isTerminal { return write("\r\u{1B}[K\(text)") }
        let name = topic ?? String(text.prefix { $0 != " " })
        let isNew = subject.withLock { subject in
            defer { subject = name }
            return subject != name
        }
        if isNew { write(text + "\n") }
    }

    func clear() {
        if !isQuiet, isTerminal { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
