import Measurement
import Pooling
import Testing

@testable import Stores

/// Random events, and a model beside the lanes: who has which turn, which connections are out of the pool.
@Suite("Shared Redis connections: random events")
struct SharedLanesRandomTests {
    @Test("P2: no event order breaks an invariant", arguments: [UInt64](1...20))
    func randomEvents(seed: UInt64) {
        var world = World(seed: seed)
        for step in 0..<2_000 where world.problems.isEmpty {
            world.step()
            world.check()
            if !world.problems.isEmpty { world.problems.append("at step \(step)") }
        }
        world.finish()
        #expect(world.problems == [])
    }
}

private struct World {
    var generator: SplitMix64
    var lanes: SharedLanes<FakeLink>
    var problems: [String] = []
    var turns: [SharedLanes<FakeLink>.Turn] = []
    /// Lent by the pool.
    var lent: [FakeLink] = []
    var created = 0
    var now = PoolInstant(nanoseconds: 0)
    var uses = 0
    var fresh = 0

    init(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        lanes = SharedLanes(
            maximum: Int.random(in: 1...4, using: &generator), depth: Int.random(in: 1...5, using: &generator))
        self.generator = generator
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    mutating func borrow() -> FakeLink {
        created += 1
        let link = FakeLink(created)
        lent.append(link)
        return link
    }

    mutating func giveBack(_ link: FakeLink?) {
        guard let link else { return }
        if turns.contains(where: { $0.link === link }) { problems.append("\(link.number) was given back in use") }
        guard let index = lent.firstIndex(where: { $0 === link }) else {
            return problems.append("\(link.number) was given back twice")
        }
        lent.remove(at: index)
        while let more = lanes.takeUnneeded() { giveBack(more) }
    }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<40: take(Int.random(in: 1...3, using: &generator))
        case 40..<80: endTurn()
        case 80..<84: lanes.beginWaiting()
        case 84..<89:
            if lanes.waiting > 0 { lanes.endWaiting() }
            giveBack(lanes.takeUnneeded())
        case 89..<92: open()
        case 92..<95: lent.randomElement(using: &generator)?.isSilent.toggle()
        case 95: lent.randomElement(using: &generator)?.isUsable = false
        case 96:
            lanes.leave(1, keeping: Int.random(in: 0...1, using: &generator))
            giveBack(lanes.takeUnneeded())
        case 97:
            now.nanoseconds += 1
            lanes.retire(now: now)
            giveBack(lanes.takeUnneeded())
        case 98: lanes.postponeGrowth()
        default:
            if chance(2) { lanes.end() }
            giveBack(lanes.takeUnneeded())
        }
    }

    private mutating func retirement() -> PoolInstant {
        chance(50) ? PoolInstant(nanoseconds: now.nanoseconds + 5) : .never
    }

    mutating func take(_ weight: Int) {
        if chance(50), let turn = lanes.takeFront(weight) { return begin(turn) }
        let isWaiting = lanes.waiting > 0 && chance(50)
        switch lanes.take(weight, isWaiting: isWaiting) {
        case .use(let turn, let wantsAnother):
            begin(turn)
            guard wantsAnother, chance(70) else { return }
            let link = borrow()
            let (other, isSurplus) = lanes.join(link, retiresAt: retirement(), weight: weight)
            if isSurplus { lent.removeAll { $0 === link } }
            begin(other)
            // Turns of one lane and weight are alike.
            if let index = turns.firstIndex(where: { $0.link === turn.link && $0.weight == weight }) {
                turns.remove(at: index)
            }
            if turn.end() { giveBack(lanes.takeUnneeded()) }
        case .none:
            guard !lanes.isEnding, chance(70) else { return }
            let link = borrow()
            let (turn, isSurplus) = lanes.join(link, retiresAt: retirement(), weight: weight)
            if isSurplus { lent.removeAll { $0 === link } }
            begin(turn)
        case .ended:
            if !lanes.isEnding || isWaiting { problems.append("ended too early") }
        }
    }

    mutating func begin(_ turn: SharedLanes<FakeLink>.Turn) {
        if !turn.link.isUsable { problems.append("a closed connection was chosen") }
        if turn.link.isSilent,
            lent.contains(where: { link in
                !link.isSilent && link.isUsable && lanes.lanes.contains { $0.link === link && !$0.isLeaving }
            })
        {
            problems.append("a silent connection was chosen beside another")
        }
        uses += 1
        turns.append(turn)
    }

    mutating func endTurn() {
        guard !turns.isEmpty else { return }
        let turn = turns.remove(at: Int.random(in: turns.indices, using: &generator))
        if turn.end() { giveBack(lanes.takeUnneeded()) }
    }

    mutating func open() {
        let link = borrow()
        if !lanes.add(link, retiresAt: retirement()) { lent.removeAll { $0 === link } }
    }

    mutating func check() {
        if lanes.lanes.map(\.link.number).sorted() != lent.map(\.number).sorted() {
            problems.append("lanes \(lanes.lanes.map(\.link.number)), lent \(lent.map(\.number))")
        }
        for lane in lanes.lanes {
            let load = turns.filter { $0.link === lane.link }.map(\.weight).reduce(0, +)
            if load != lane.link.load {
                problems.append("\(lane.link.number) has load \(lane.link.load), its turns \(load)")
            }
        }
        if lanes.turns != UInt64(uses) { problems.append("\(lanes.turns) turns, and \(uses) were given") }
        if lanes.reuses > uses { problems.append("more reuses than uses") }
    }

    mutating func finish() {
        guard problems.isEmpty else { return }
        while lanes.waiting > 0 { lanes.endWaiting() }
        giveBack(lanes.takeUnneeded())
        while !turns.isEmpty { endTurn() }
        check()
        if !lanes.lanes.isEmpty { problems.append("\(lanes.lanes.count) lanes are left") }
    }
}
