import Measurement

/// Keeps a run under a name: as a new baseline, or as one more run of the one that is there.
struct BaselineRecorder {
    let name: String
    private let folder: BaselineFolder
    private let earlier: Baseline?
    private let run: Baseline

    /// - Throws: `BaselineError` when a run of these engines on this machine can't be kept under the name.
    init(name: String, folder: String, commit: String?, engines: [String: String]) throws {
        self.name = name
        self.folder = BaselineFolder(folder)
        run = Baseline(name: name, commit: commit, engines: engines, metrics: [])
        do {
            earlier = try self.folder.load(name)
        } catch let error as BaselineError where error.code == .missing {
            earlier = nil
        }
        _ = try earlier?.adding(run)
    }

    /// - Returns: what was done, for people.
    func save(_ metrics: [Baseline.Metric]) throws -> String {
        var run = run
        run.metrics = metrics
        let sum = try earlier?.adding(run) ?? run
        try folder.save(sum, replacing: earlier != nil)
        let runs = sum.metrics.map(\.runs.count).max() ?? 0
        return "Baseline \(name) in \(folder.path): \(runs) run\(runs == 1 ? "" : "s")."
    }
}
