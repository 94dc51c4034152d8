import Foundation
import LoadTesting
import Reporting
import Synchronization

/// A campaign's progress on standard error: one line that is redrawn on a terminal, elsewhere a line every ten seconds;
/// and each broken round at once, since the rest may take hours.
final class CrashProgressLine: Sendable {
    private let isQuiet: Bool
    private let isRedrawn = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    private let began = ContinuousClock.now
    private let shown = Mutex<ContinuousClock.Instant?>(nil)
    private let explained = Mutex(0)

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
    }

    func show(_ progress: CrashProgress) {
        guard !isQuiet else { return }
        explain(progress.failures)
        let now = ContinuousClock.now
        let pause: Duration = isRedrawn ? .milliseconds(100) : .seconds(10)
        let isDue = shown.withLock { shown in
            if let last = shown, now - last < pause { return false }
            shown = now
            return true
        }
        guard isDue else { return }
        let rate = Double(progress.done) / max(0.001, (now - began) / .seconds(1))
        let text = """
            crash  \(progress.done)/\(progress.rounds) rounds, \(Int((rate * 10).rounded()) / 10)/s, \
            \(progress.processes) processes, \(progress.acknowledged) units acknowledged, \(progress.failures.count) rounds broken
            """
        write(isRedrawn ? "\r\u{1B}[K\(text)" : "\(text)\n")
    }

    private func explain(_ failures: [CrashFailure]) {
        let new = explained.withLock { explained in
            defer { explained = failures.count }
            return failures.dropFirst(explained)
        }
        let table = CrashTable(style: Console.style(for: STDERR_FILENO))
        for failure in new {
            write((isRedrawn ? "\r\u{1B}[K" : "") + table.explain(failure).joined(separator: "\n") + "\n")
        }
    }

    /// Leaves the line to others.
    func end() {
        if isRedrawn, !isQuiet { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
