import GraphClient
import LoadTesting
import LocalEngines
import Stores
import Threads

/// Measures suites one after the other.
package struct BenchmarkRun: Sendable {
    /// In this order.
    package var suites: [BenchmarkSuite]
    /// How often each pair is measured.
    package var repetitions: Int

    package init(suites: [BenchmarkSuite], repetitions: Int) {
        self.suites = suites
        self.repetitions = repetitions
    }

    /// - Parameters:
    ///   - command: what a user types to repeat it.
    ///   - progress: is told what is being measured.
    /// - Returns: the document; when the task is cancelled, with what was measured until then.
    /// - Throws: when the engines can't be started or fail.
    package func run(command: String, progress: @escaping @Sendable (String) -> Void) async throws -> RunResult {
        let start = ContinuousClock.now
        let engines = try await versions()
        let benchmarker = Benchmarker(repetitions: repetitions, progress: progress)
        var isInterrupted = false
        do {
            for suite in suites { try await suite.run(benchmarker) }
        } catch  where Task.isCancelled {
            isInterrupted = true
        }
        return RunResult(
            profile: "bench \(suites.map(\.rawValue).joined(separator: " "))",
            seconds: ((.now - start) / .milliseconds(1)).rounded() / 1_000, engines: engines,
            checks: benchmarker.checks, interrupted: isInterrupted, command: command)
    }

    private func versions() async throws -> RunResult.Engines {
        let graph = try await onThread("trivet-graph-load") { try GraphEngine.load() }
        return RunResult.Engines(
            sqlite: try await SQLitePool.libraryVersion(), kuzu: graph.version,
            redis: try await RedisServer.withServer { $0.version })
    }
}
