import Foundation

/// What a result says of where it comes from, and beside what it is drawn.
package struct RunOrigin: Sendable {
    /// An earlier run to draw beside this one.
    package var baseline: RunResult.Baseline?
    /// The commit of what is measured, where that is known.
    package var commit: String?

    package init(baseline: RunResult.Baseline? = nil, commit: String? = nil) {
        self.baseline = baseline
        self.commit = commit
    }

    /// A result that begins now, with nothing measured.
    func blankResult(profile: String, seed: UInt64, command: String) -> RunResult {
        var blank = RunResult(
            profile: profile, seed: seed, seconds: 0, engines: .init(sqlite: "", kuzu: "", redis: ""), checks: [],
            scenarios: [], passed: false, interrupted: false, command: command)
        blank.machine = .current
        blank.started = Date.now.ISO8601Format()
        blank.version = RunResult.currentVersion
        blank.commit = commit
        blank.baseline = baseline
        return blank
    }
}
