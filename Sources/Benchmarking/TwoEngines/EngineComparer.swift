import GraphClient
import LoadTesting
import Measurement
import Synchronization

/// Measures both engines in turns, and collects what came of it.
final class EngineComparer: Sendable {
    private let repetitions: Int
    private let progress: @Sendable (String) -> Void
    private let results = Mutex<[EngineFigure]>([])

    /// - Parameters:
    ///   - repetitions: how often each figure is measured of each engine.
    ///   - progress: is told what is being measured.
    init(repetitions: Int, progress: @escaping @Sendable (String) -> Void) {
        self.repetitions = repetitions
        self.progress = progress
    }

    /// What has been measured so far.
    var figures: [EngineFigure] { results.withLock { $0 } }

    func prepare(_ note: String) {
        progress("preparing: \(note)")
    }

    func compare(_ figure: Figure, _ measure: (GraphEngine.Kind) async throws -> Double) async throws {
        try await compare([figure]) { [try await measure($0)] }
    }

    /// Measures figures that come together; each engine is first in every second turn, and the first turn only warms up.
    ///
    /// - Parameter measure: returns the figures of an engine, in their order.
    func compare(_ figures: [Figure], _ measure: (GraphEngine.Kind) async throws -> [Double]) async throws {
        var turns: [EnginePair<[Double]>] = []
        for turn in 0...repetitions {
            try Task.checkCancellation()
            progress("\(figures[0].id)  \(turn)/\(repetitions)")
            let first: GraphEngine.Kind = turn.isMultiple(of: 2) ? .kuzu : .ladybug
            let second: GraphEngine.Kind = turn.isMultiple(of: 2) ? .ladybug : .kuzu
            let earlier = try await measure(first)
            let later = try await measure(second)
            guard turn > 0 else { continue }
            turns.append(
                first == .kuzu
                    ? EnginePair(kuzu: earlier, ladybug: later) : EnginePair(kuzu: later, ladybug: earlier))
        }
        let measured = figures.enumerated().map { index, figure in
            EngineFigure(
                id: figure.id, summary: figure.summary, unit: figure.unit, better: figure.better,
                turns: turns.map { ($0.kuzu[index], $0.ladybug[index]) })
        }
        results.withLock { $0 += measured }
    }
}
