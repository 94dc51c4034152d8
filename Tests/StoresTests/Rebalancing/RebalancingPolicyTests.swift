import Measurement
import Testing

@testable import Stores

@Suite("P7: the rebalancing policy")
struct RebalancingPolicyTests {
    /// Loads as a steady demand makes them: as many in use as can be, the rest waits.
    private struct World {
        var policy: RebalancingPolicy
        var loads: [StoreLoad]
        var demand: [StoreKind: Int]
        /// Connections that are not given back whatever the limit.
        var stuck: [StoreKind: Int] = [:]
        var looks = 0
        var moves: [RebalancingMove] = []

        init(_ stores: [(StoreKind, ClosedRange<Int>, limit: Int, demand: Int)]) {
            loads = stores.map {
                StoreLoad(
                    store: $0.0, limit: $0.limit, bounds: $0.1, connections: $0.limit, inUse: 0, waiting: 0,
                    waited: .zero, acquired: 0, isDown: false)
            }
            demand = Dictionary(uniqueKeysWithValues: stores.map { ($0.0, $0.demand) })
            let budget = stores.reduce(0) { $0 + $1.limit }
            policy = RebalancingPolicy(configuration: RebalancingConfiguration(), budget: budget)
        }

        subscript(kind: StoreKind) -> StoreLoad {
            get { loads.first { $0.store == kind } ?? .absent(kind) }
            set { if let index = loads.firstIndex(where: { $0.store == kind }) { loads[index] = newValue } }
        }

        mutating func run(_ count: Int) {
            for _ in 0..<count {
                looks += 1
                for index in loads.indices {
                    let wanted = demand[loads[index].store] ?? 0
                    loads[index].inUse = min(wanted, loads[index].limit)
                    loads[index].waiting = wanted - loads[index].inUse
                    loads[index].waited = .seconds(loads[index].waiting)
                    loads[index].connections = max(loads[index].limit, stuck[loads[index].store] ?? 0)
                }
                let outcome = policy.look(at: loads, now: .seconds(looks))
                for change in outcome.limits { self[change.store].limit = change.limit }
                moves += outcome.moves
            }
        }
    }

    @Test("P7: with a constant load it settles, and then moves nothing for ever", arguments: [UInt64](1...40))
    func converges(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let stores = StoreKind.allCases.map { kind -> (StoreKind, ClosedRange<Int>, limit: Int, demand: Int) in
            let lower = Int.random(in: 1...5, using: &generator)
            let limit = Int.random(in: lower...20, using: &generator)
            let upper = Int.random(in: limit...50, using: &generator)
            return (kind, lower...upper, limit, Int.random(in: 0...60, using: &generator))
        }
        var world = World(stores)
        world.run(1_000)
        world.moves = []
        world.run(2_000)
        #expect(world.moves == [])
    }

    @Test("P7: who waits gets what another does not need, step by step")
    func waiting() {
        var world = World([(.sqlite, 2...10, limit: 10, demand: 2), (.redis, 2...40, limit: 10, demand: 15)])
        world.run(1)
        #expect(world.moves == [])
        world.run(1)
        #expect(world.moves.map(\.count) == [5])
        #expect(world.moves.first?.reason == .waiting)
        #expect(world.moves.first?.detail == "redis uses 10 of 10, 5 waiting, 5.0 seconds a wait; sqlite uses 2 of 10")
        #expect(world[.sqlite].limit == 5)
        world.run(1)
        #expect(world[.redis].limit == 15)
    }

    @Test("P7: a store that is nearly full gets more before anyone waits, but only from one with much room")
    func utilization() {
        var world = World([(.sqlite, 2...20, limit: 20, demand: 2), (.redis, 2...40, limit: 10, demand: 10)])
        world.run(5)
        #expect(world.moves.map(\.reason) == [.utilization])
        #expect(world[.redis].limit == 13)
        var tight = World([(.sqlite, 2...20, limit: 20, demand: 13), (.redis, 2...40, limit: 10, demand: 10)])
        tight.run(50)
        #expect(tight.moves == [])
    }

    @Test("P7: connections in use are given only when they have been closed")
    func draining() {
        var world = World([(.sqlite, 2...10, limit: 10, demand: 0), (.redis, 2...40, limit: 10, demand: 30)])
        world.stuck[.sqlite] = 8
        world.run(4)
        #expect(world[.sqlite].limit <= 5)
        #expect(world[.redis].limit == 12)
        world.stuck = [:]
        world.run(2)
        #expect(world[.redis].limit == 18)
    }

    @Test("P7: with too little for all, the more pressed store gets more, until it is even")
    func pressure() {
        var world = World([(.sqlite, 2...20, limit: 10, demand: 20), (.redis, 2...40, limit: 10, demand: 60)])
        world.run(300)
        #expect((13...15).contains(world[.redis].limit))
        #expect(world[.sqlite].limit + world[.redis].limit == 20)
    }

    @Test("P7: a store at its least for which tasks wait gets one, however great the need of the others")
    func starvation() {
        var world = World([(.sqlite, 1...20, limit: 1, demand: 3), (.redis, 2...60, limit: 40, demand: 4_000)])
        world.run(100)
        #expect(world.moves.map(\.reason) == [.starvation])
        #expect(world[.sqlite].limit == 2)
    }

    @Test("P7: what a store that is down has is lent, and comes back when it works again")
    func lending() {
        var world = World([
            (.sqlite, 2...20, limit: 10, demand: 10), (.graph, 2...20, limit: 10, demand: 8),
            (.redis, 5...40, limit: 20, demand: 18),
        ])
        world.run(20)
        #expect(world.moves == [])
        world[.redis].isDown = true
        world.demand[.sqlite] = 16
        world.demand[.redis] = 200
        world.run(20)
        #expect(world[.sqlite].limit >= 16)
        #expect(world[.redis].limit <= 14)
        world[.redis].isDown = false
        world.demand = [.sqlite: 8, .graph: 8, .redis: 10]
        world.run(5)
        #expect(world[.redis].limit == 20)
        #expect(world[.sqlite].limit == 10)
        #expect(world.moves.last?.reason == .returned)
    }

    @Test("P7: waiting with connections to spare is not the limit's fault")
    func connecting() {
        var world = World([(.sqlite, 2...20, limit: 10, demand: 0), (.redis, 2...40, limit: 10, demand: 0)])
        for _ in 0..<20 {
            world.looks += 1
            world[.redis].waiting = 30
            world[.redis].waited = .seconds(30)
            let outcome = world.policy.look(at: world.loads, now: .seconds(world.looks))
            #expect(outcome == RebalancingPolicy.Outcome())
        }
    }

    @Test("P7: the first division gives each its least, the rest in proportion, and all of the budget")
    func shares() {
        #expect(ConnectionShares.divide(40, among: [2...10, 5...20, 10...50]) == [4, 11, 25])
        #expect(ConnectionShares.divide(17, among: [2...10, 5...20, 10...50]) == [2, 5, 10])
        #expect(ConnectionShares.divide(500, among: [2...10, 5...20, 10...50]) == [10, 20, 50])
        #expect(ConnectionShares.divide(16, among: [2...10, 5...20, 10...50]) == nil)
        var generator = SplitMix64(seed: 9)
        for _ in 0..<500 {
            let bounds = (0..<3).map { _ in
                let lower = Int.random(in: 1...9, using: &generator)
                return lower...Int.random(in: lower...60, using: &generator)
            }
            let least = bounds.reduce(0) { $0 + $1.lowerBound }, most = bounds.reduce(0) { $0 + $1.upperBound }
            let budget = Int.random(in: least...most, using: &generator)
            let shares = ConnectionShares.divide(budget, among: bounds)
            #expect(shares?.reduce(0, +) == budget)
            for (share, bound) in zip(shares ?? [], bounds) { #expect(bound.contains(share)) }
        }
    }
}
