import GraphClient
import LoadTesting
import LocalEngines
import Stores
import Threads

/// The graph's two engines, measured in turns in one process: what each takes for the same.
package struct EngineComparison: Sendable {
    /// How often each figure is measured of each engine.
    package var repetitions: Int
    /// This tool: memory is measured in processes of their own.
    package var tool: String

    package init(repetitions: Int, tool: String) {
        self.repetitions = repetitions
        self.tool = tool
    }

    /// Both engines' versions, and SQLite's and Redis'.
    ///
    /// - Throws: when one is missing.
    package static func versions() async throws -> EngineVersions {
        let engines = try await EnginePair.loaded()
        var versions = EngineVersions(
            sqlite: try await SQLitePool.libraryVersion(), kind: .kuzu, version: engines.kuzu.version,
            redis: try await RedisServer.withServer { $0.version })
        versions.ladybug = engines.ladybug.version
        return versions
    }

    /// - Parameters:
    ///   - versions: what ``versions()`` found.
    ///   - command: what a user types to repeat it.
    ///   - progress: is told what is being measured.
    /// - Returns: the document, and nothing for baselines, which are of one engine. When the task was cancelled, with what was measured until then.
    /// - Throws: when the engines can't be started or fail.
    package func run(
        on versions: EngineVersions, command: String, progress: @escaping @Sendable (String) -> Void
    ) async throws -> BenchmarkRun.Outcome {
        let start = ContinuousClock.now
        let engines = try await EnginePair.loaded()
        let comparer = EngineComparer(repetitions: repetitions, progress: progress)
        var isInterrupted = false
        do {
            try await StatementComparison(comparer: comparer, engines: engines).run()
            try await TransactionComparison(comparer: comparer, engines: engines).run()
            try await RecoveryComparison(comparer: comparer, engines: engines).run()
            try await MemoryComparison(comparer: comparer, tool: tool).run()
        } catch  where Task.isCancelled {
            isInterrupted = true
        }
        var result = RunResult(
            profile: "bench of both engines", seconds: ((.now - start) / .milliseconds(1)).rounded() / 1_000,
            engines: versions, checks: [], interrupted: isInterrupted, command: command)
        result.engineFigures = comparer.figures
        return BenchmarkRun.Outcome(result: result, metrics: [])
    }
}

/// The same of either engine.
struct EnginePair<Subject: Sendable>: Sendable {
    var kuzu: Subject
    var ladybug: Subject

    subscript(kind: GraphEngine.Kind) -> Subject {
        switch kind {
        case .kuzu: kuzu
        case .ladybug: ladybug
        }
    }
}

extension EnginePair<GraphEngine> {
    static func loaded() async throws -> EnginePair {
        try await onThread("trivet-graph-load") {
            EnginePair(kuzu: try GraphEngine.load(.kuzu), ladybug: try GraphEngine.load(.ladybug))
        }
    }

    /// Opens what is measured of both, one within the other.
    func with<Opened: Sendable>(
        _ open: @escaping (GraphEngine, (Opened) async throws -> Void) async throws -> Void,
        _ body: (EnginePair<Opened>) async throws -> Void
    ) async throws {
        try await open(kuzu) { first in
            try await open(ladybug) { second in try await body(EnginePair<Opened>(kuzu: first, ladybug: second)) }
        }
    }
}
