import GraphClient
import LoadTesting
import LocalEngines
import Measurement
import Stores
import Threads

/// Measures suites one after the other.
package struct BenchmarkRun: Sendable {
    /// What a run brings.
    package struct Outcome: Sendable {
        /// The document; when the task was cancelled, with what was measured until then.
        package var result: RunResult
        /// Every repetition of every figure, for a baseline.
        package var metrics: [Baseline.Metric]
    }

    /// In this order.
    package var suites: [BenchmarkSuite]
    /// How often each pair is measured.
    package var repetitions: Int

    package init(suites: [BenchmarkSuite], repetitions: Int) {
        self.suites = suites
        self.repetitions = repetitions
    }

    /// - Parameters:
    ///   - engines: what ``versions()`` found.
    ///   - command: what a user types to repeat it.
    ///   - progress: is told what is being measured.
    /// - Throws: when the engines can't be started or fail.
    package func run(
        on engines: EngineVersions, command: String, progress: @escaping @Sendable (String) -> Void
    ) async throws -> Outcome {
        let start = ContinuousClock.now
        let benchmarker = Benchmarker(repetitions: repetitions, progress: progress)
        var isInterrupted = false
        do {
            for suite in suites { try await suite.run(benchmarker) }
        } catch  where Task.isCancelled {
            isInterrupted = true
        }
        let result = RunResult(
            profile: "bench \(suites.map(\.rawValue).joined(separator: " "))",
            seconds: ((.now - start) / .milliseconds(1)).rounded() / 1_000, engines: engines,
            checks: benchmarker.checks, interrupted: isInterrupted, command: command)
        return Outcome(result: result, metrics: benchmarker.metrics)
    }

    /// Of the engines that are measured.
    ///
    /// - Throws: when one is missing.
    package static func versions() async throws -> EngineVersions {
        let graph = try await onThread("trivet-graph-load") { try GraphEngine.load() }
        return EngineVersions(
            sqlite: try await SQLitePool.libraryVersion(), kind: graph.kind, version: graph.version,
            redis: try await RedisServer.withServer { $0.version })
    }
}
