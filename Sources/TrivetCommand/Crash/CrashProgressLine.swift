import Foundation
import LoadTesting
import Synchronization

/// A campaign's progress on standard error: one line that is redrawn on a terminal, elsewhere a line every ten seconds.
final class CrashProgressLine: Sendable {
    private let isQuiet: Bool
    private let isRedrawn = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    private let began = ContinuousClock.now
    private let shown = Mutex<ContinuousClock.Instant?>(nil)

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
    }

    func show(_ progress: CrashProgress) {
        guard !isQuiet else { return }
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
            \(progress.processes) processes, \(progress.acknowledged) units acknowledged, \(progress.failures) rounds broken
            """
        write(isRedrawn ? "\r\u{1B}[K\(text)" : "\(text)\n")
    }

    /// Leaves the line to others.
    func end() {
        if isRedrawn, !isQuiet { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
