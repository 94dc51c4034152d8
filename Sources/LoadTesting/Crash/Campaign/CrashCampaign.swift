import Foundation
import GraphClient
import LocalEngines
import Stores
import Threads

/// Kills processes in the midst of their transactions, round after round, and checks the stores after each (I1 to I5,
/// T5).
package struct CrashCampaign: Sendable {
    package var rounds: Int
    /// The number of the first round.
    package var from: Int
    package var seed: UInt64
    /// Where the stores are kept; nil for temporary folders.
    package var folder: String?
    /// The program `trivet`, which is started for each process.
    package var tool: String

    /// So many broken rounds are enough to look into.
    private static let mostFailures = 5
    /// Kills whose times are noted; a campaign may have a hundred thousand.
    private static let mostWindows = 500

    package init(rounds: Int, from: Int = 0, seed: UInt64, folder: String? = nil, tool: String) {
        self.rounds = rounds
        self.from = from
        self.seed = seed
        self.folder = folder
        self.tool = tool
    }

    /// Runs the rounds, and goes on with new stores after a broken one.
    ///
    /// - Parameter progress: is told after each round.
    /// - Returns: what was done until the end, or until the task was cancelled.
    package func run(progress: @escaping @Sendable (CrashProgress) -> Void) async throws -> CrashResult {
        let began = ContinuousClock.now
        var result = CrashResult(
            seed: seed, engines: try await engines(), figures: CrashFigures(), failures: [], seconds: 0,
            isInterrupted: false)
        let faults = FaultLog(origin: began, most: Self.mostWindows)
        var units = OperationSeries()
        var next = from
        while next < from + rounds, !Task.isCancelled, result.failures.count < Self.mostFailures {
            let end = min(from + rounds, (next / CrashPlan.roundsPerSet + 1) * CrashPlan.roundsPerSet)
            next = try await runSet(next..<end, faults, isLast: end == from + rounds, into: &result) {
                figures, failures in
                units.advance(
                    operations: figures.units.acknowledged, failures: 0, at: ContinuousClock.now - began)
                progress(
                    CrashProgress(
                        done: figures.rounds, rounds: rounds, processes: figures.processes,
                        acknowledged: figures.units.acknowledged, failures: failures))
            }
        }
        result.faults = faults.windows
        result.timeline = units.result
        result.isInterrupted = Task.isCancelled
        result.seconds = (ContinuousClock.now - began) / .seconds(1)
        return result
    }

    private func engines() async throws -> EngineVersions {
        EngineVersions(
            sqlite: try await SQLitePool.libraryVersion(),
            graph: try await onThread("trivet-graph-load") { try GraphEngine.load() },
            redis: try await RedisExecutable.find(nil).version)
    }

    /// - Returns: the round to go on with.
    private func runSet(
        _ rounds: Range<Int>, _ faults: FaultLog, isLast: Bool, into result: inout CrashResult,
        progress: (CrashFigures, [CrashFailure]) -> Void
    ) async throws -> Int {
        guard let folder else {
            return try await TemporaryDirectory.withDirectory { directory in
                let copy = "\(FileManager.default.currentDirectoryPath)/trivet-crash-\(seed)-\(rounds.lowerBound)"
                let next = try await runSet(rounds, faults, in: directory.path, keptAs: copy, into: &result, progress)
                if result.failures.last?.folder == copy { try await keep(directory.path, as: copy) }
                return next
            }
        }
        let path = "\(folder)/seed-\(seed)-round-\(rounds.lowerBound)"
        try await make(path)
        let next = try await runSet(rounds, faults, in: path, keptAs: path, into: &result, progress)
        // The last ones stay, and those that show what is wrong.
        if !isLast, result.failures.last?.folder != path, !Task.isCancelled {
            try await onThread("trivet-folder") { try FileManager.default.removeItem(atPath: path) }
        }
        return next
    }

    private func runSet(
        _ rounds: Range<Int>, _ faults: FaultLog, in path: String, keptAs kept: String, into result: inout CrashResult,
        _ progress: (CrashFigures, [CrashFailure]) -> Void
    ) async throws -> Int {
        let kind = CrashPlan.kind(ofSet: rounds.lowerBound / CrashPlan.roundsPerSet)
        let former = result.figures
        let (next, figures, failure) = try await CrashSet.withSet(
            in: path, kind: kind, seed: seed, tool: tool, faults: faults
        ) { set in
            for round in rounds {
                let plan = CrashPlan(round: round, seed: seed)
                let violations: [CrashViolation]
                do {
                    violations = try await set.run(plan)
                } catch is CancellationError {
                    return (round, set.figures, nil as CrashFailure?)
                }
                var sum = former
                sum.add(set.figures)
                progress(sum, result.failures)
                guard violations.isEmpty else {
                    return (round + 1, set.figures, CrashFailure(plan, set, violations, folder: kept))
                }
            }
            return (rounds.upperBound, set.figures, nil)
        }
        result.figures.add(figures)
        if let failure { result.failures.append(failure) }
        return next
    }

    private func make(_ path: String) async throws {
        do {
            try await onThread("trivet-folder") {
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                // One that is there is another run's.
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            }
        } catch {
            throw DataFolderError(folder: path, reason: error.localizedDescription)
        }
    }

    private func keep(_ path: String, as copy: String) async throws {
        try await onThread("trivet-folder") {
            try? FileManager.default.removeItem(atPath: copy)
            try FileManager.default.copyItem(atPath: path, toPath: copy)
        }
    }
}

/// How far a campaign is.
package struct CrashProgress: Sendable {
    package var done: Int
    package var rounds: Int
    package var processes: Int
    package var acknowledged: Int
    /// Of the sets of stores before this one.
    package var failures: [CrashFailure]
}
