import Foundation
import LoadTesting
import Reporting

/// Shows a run's progress on standard error: one line that is redrawn on a terminal; elsewhere a line for each phase, and every
/// ten seconds one more.
struct ProgressReporter {
    let isQuiet: Bool
    let profile: String

    /// Until the task is cancelled.
    func follow(_ monitor: LoadMonitor) async {
        guard !isQuiet else { return }
        let line = ProgressLine(profile: profile)
        if isatty(STDERR_FILENO) == 1, ProcessInfo.processInfo.environment["TERM"] != "dumb" {
            await redraw(line, monitor)
        } else {
            await append(line, monitor)
        }
    }

    private func redraw(_ line: ProgressLine, _ monitor: LoadMonitor) async {
        while !Task.isCancelled {
            write("\r\u{1B}[K" + line.render(monitor).prefix(terminalWidth - 1))
            try? await Task.sleep(for: .milliseconds(100))
        }
        write("\r\u{1B}[K")
    }

    private func append(_ line: ProgressLine, _ monitor: LoadMonitor) async {
        var lastKey = "", lastTime = ContinuousClock.now
        while !Task.isCancelled {
            let key = "\(monitor.scenario) \(monitor.phase) \(monitor.note)"
            if key != lastKey || .now - lastTime >= .seconds(10) {
                write(line.render(monitor) + "\n")
                (lastKey, lastTime) = (key, .now)
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    private var terminalWidth: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1 ? Int(size.ws_col) : 80
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
