import LoadTesting
import Measurement
import Synchronization

/// Whether a transaction over three stores costs the same in large stores as in small ones, and with many callers as with some.
struct GrowthBenchmarks {
    let benchmarker: Benchmarker

    private static let (few, many) = (10_000, 1_000_000)

    func run() async throws {
        try await GrownStores.with(users: [Self.few, Self.many], prepare: benchmarker.prepare) { stores in
            let (small, large) = (stores[0], stores[1])
            try await compare(.growthAlone, small, large, callers: 1, unitsEach: 100)
            try await compare(.growthTogether, small, large, callers: 25, unitsEach: 8)
            let (many, some) = (UnitCosts(), UnitCosts())
            try await benchmarker.compare(
                .growthCallers, .time,
                limitedBy: "\(many.median) µs a unit of 200 callers, \(some.median) of 25, with \(large.users) users",
                subject: { many.add(try await large.add(callers: 200, unitsEach: 2)) },
                reference: { some.add(try await large.add(callers: 25, unitsEach: 16)) })
        }
    }

    private func compare(
        _ target: Target, _ small: GrownStores, _ large: GrownStores, callers: Int, unitsEach: Int
    ) async throws {
        let (inLarge, inSmall) = (UnitCosts(), UnitCosts())
        try await benchmarker.compare(
            target, .time,
            limitedBy: "\(inLarge.median) µs a unit with \(large.users) users, \(inSmall.median) with \(small.users)",
            subject: { inLarge.add(try await large.add(callers: callers, unitsEach: unitsEach)) },
            reference: { inSmall.add(try await small.add(callers: callers, unitsEach: unitsEach)) })
    }
}

/// What units cost in each turn, in microseconds.
private final class UnitCosts: Sendable {
    private let values = Mutex<[Double]>([])

    func add(_ value: Double) -> Double {
        values.withLock { $0.append(value) }
        return value
    }

    var median: Int { values.withLock { Int($0.median.rounded()) } }
}
