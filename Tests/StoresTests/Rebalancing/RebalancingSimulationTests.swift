import Measurement
import Testing

@testable import Stores

/// The policy against simulated users over many looks. What it must keep is checked at every step, in `Simulation`.
@Suite("P7: rebalancing, simulated")
struct RebalancingSimulationTests {
    private static func threeStores(_ sqlite: Int, _ graph: Int, _ redis: Int) -> [SimulatedStore] {
        [
            SimulatedStore(.sqlite, 2...20, limit: 14, users: sqlite),
            SimulatedStore(.graph, 3...30, limit: 13, users: graph),
            SimulatedStore(.redis, 4...35, limit: 13, users: redis),
        ]
    }

    @Test(
        "P7: over 20 000 random looks the budget and the bounds hold, and each move has a reason",
        arguments: [UInt64](1...10))
    func invariants(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let stores = StoreKind.allCases.map { kind in
            let lower = Int.random(in: 1...4, using: &generator)
            let limit = Int.random(in: lower...12, using: &generator)
            let upper = Int.random(in: limit...24, using: &generator)
            return SimulatedStore(kind, lower...upper, limit: limit)
        }
        var simulation = Simulation(stores, seed: seed)
        for _ in 0..<200 {
            for kind in StoreKind.allCases where Int.random(in: 0..<3, using: &generator) == 0 {
                simulation[kind].users = Int.random(in: 0...40, using: &generator)
                simulation[kind].holding = [0.2, 0.5, 3, 20].randomElement(using: &generator) ?? 1
                simulation[kind].isDown = Int.random(in: 0..<8, using: &generator) == 0
            }
            simulation.run(10, steps: 5)
        }
        #expect(simulation.problems == [])
        #expect(simulation.looks == 2_000)
        #expect(!simulation.moves.isEmpty)
    }

    @Test("P7: a random but steady load is settled, and then hardly moves anything", arguments: [UInt64](1...6))
    func settles(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        func users() -> Int { Int.random(in: 5...60, using: &generator) }
        var simulation = Simulation(Self.threeStores(users(), users(), users()), seed: seed)
        simulation.run(1_000)
        let before = simulation.moves.count
        simulation.run(1_000)
        #expect(simulation.problems == [])
        // At most one in 50 looks: chance still makes lulls and bursts.
        #expect(simulation.moves.count - before <= 20)
    }

    @Test("P7: a load that shifts is followed within 30 looks", arguments: [UInt64](1...6))
    func follows(seed: UInt64) {
        var simulation = Simulation(Self.threeStores(50, 5, 5), seed: seed)
        simulation.run(300)
        let before = simulation[.sqlite].limit
        simulation[.sqlite].users = 5
        simulation[.redis].users = 60
        simulation.run(30)
        #expect(simulation.problems == [])
        #expect(before == 20)
        // Sixty users who hold half of the time need thirty.
        #expect(simulation[.redis].limit >= 28)
    }

    @Test("P7: a skewed load gets more done, and waits less, than with a fixed split", arguments: [UInt64](1...4))
    func skewed(seed: UInt64) {
        var rebalanced = Simulation(Self.threeStores(4, 4, 80), seed: seed)
        var fixed = Simulation(Self.threeStores(4, 4, 80), isRebalanced: false, seed: seed)
        rebalanced.run(500)
        fixed.run(500)
        #expect(rebalanced.problems == [])
        #expect(Double(rebalanced.completed) > 1.5 * Double(fixed.completed))
        #expect(rebalanced.waited < 0.8 * fixed.waited)
    }

    @Test("P7: an even load gets as much done as with a fixed split", arguments: [UInt64](1...4), [16, 26, 60])
    func even(seed: UInt64, users: Int) {
        var rebalanced = Simulation(Self.threeStores(users, users, users), seed: seed)
        var fixed = Simulation(Self.threeStores(users, users, users), isRebalanced: false, seed: seed)
        rebalanced.run(500)
        fixed.run(500)
        #expect(Double(rebalanced.completed) > 0.98 * Double(fixed.completed))
    }

    @Test("P7: loads that take turns do not shake the limits, and get as much done", arguments: [4, 10, 20, 60])
    func alternating(period: Int) {
        var rebalanced = Simulation(Self.threeStores(30, 10, 10), seed: 3)
        var fixed = Simulation(Self.threeStores(30, 10, 10), isRebalanced: false, seed: 3)
        for turn in 0..<(1_200 / period) {
            let (sqlite, redis) = turn.isMultiple(of: 2) ? (45, 5) : (5, 45)
            (rebalanced[.sqlite].users, rebalanced[.redis].users) = (sqlite, redis)
            (fixed[.sqlite].users, fixed[.redis].users) = (sqlite, redis)
            rebalanced.run(period)
            fixed.run(period)
        }
        #expect(rebalanced.problems == [])
        #expect(rebalanced.moves.count < 1_200 / 8)
        #expect(Double(rebalanced.completed) > 0.98 * Double(fixed.completed))
    }
}
