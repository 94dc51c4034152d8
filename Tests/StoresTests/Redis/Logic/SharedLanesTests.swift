import Pooling
import Testing

@testable import Stores

/// A connection as the lanes see it.
final class FakeLink: SharedLink, @unchecked Sendable {
    // Touched by the test's own task alone.
    let number: Int
    var isUsable = true
    var isSilent = false
    private(set) var load = 0

    init(_ number: Int) {
        self.number = number
    }

    func changeLoad(by weight: Int) -> Int {
        load += weight
        return load
    }
}

@Suite("Shared Redis connections: the choice")
struct SharedLanesTests {
    typealias Lanes = SharedLanes<FakeLink>

    private func lanes(_ count: Int, maximum: Int = 4, depth: Int = 3) -> (Lanes, [FakeLink]) {
        var lanes = Lanes(maximum: maximum, depth: depth)
        lanes.beginWaiting()
        let links = (0..<count).map { FakeLink($0) }
        let added = links.map { lanes.add($0, retiresAt: .never) }
        #expect(!added.contains(false))
        lanes.endWaiting()
        return (lanes, links)
    }

    private func use(_ lanes: inout Lanes, _ weight: Int = 1) throws -> Lanes.Turn {
        guard case .use(let turn, _) = lanes.take(weight) else { throw Nothing() }
        return turn
    }

    /// Ends a turn, and takes out a lane that is not needed any more.
    private func end(_ turn: Lanes.Turn, _ lanes: inout Lanes) -> FakeLink? {
        turn.end() ? lanes.takeUnneeded() : nil
    }

    private struct Nothing: Error {}

    @Test("P2: commands fill one connection before they take the next")
    func firstFit() throws {
        var (lanes, _) = lanes(2)
        let turns = try (0..<6).map { _ in try use(&lanes) }
        #expect(turns.map(\.link.number) == [0, 0, 0, 1, 1, 1])
        // Room on the first again: the second runs empty.
        #expect(end(turns[0], &lanes) == nil)
        #expect(try use(&lanes).link.number == 0)
        #expect(end(turns[3], &lanes) == nil && end(turns[4], &lanes) == nil)
        #expect(end(turns[5], &lanes)?.number == 1)
        #expect(lanes.lanes.map(\.link.load) == [3])
    }

    @Test("P2: the short way takes the first connection when it has room, and nothing else")
    func front() throws {
        var (lanes, links) = lanes(2)
        // A lane that nobody has used yet is not counted as reused.
        var taken = lanes.takeFront(1)
        #expect(taken?.link == nil)
        let first = try use(&lanes)
        taken = lanes.takeFront(2)
        #expect(taken?.link === first.link && first.link.load == 3)
        taken = lanes.takeFront(1)
        #expect(taken?.link == nil && lanes.turns == 2 && lanes.reuses == 1)
        #expect(!first.end())
        links[0].isSilent = true
        taken = lanes.takeFront(1)
        #expect(taken?.link == nil)
        links[0].isSilent = false
        lanes.leave(2, keeping: 0)
        taken = lanes.takeFront(1)
        #expect(taken?.link == nil)
    }

    @Test("P2: when all are full another is wanted, and the least loaded serves meanwhile")
    func growth() throws {
        var (lanes, _) = lanes(1, maximum: 2)
        for _ in 0..<3 { _ = try use(&lanes) }
        guard case .use(let crowded, wantsAnother: true) = lanes.take(1) else { throw Nothing() }
        #expect(crowded.link.number == 0 && lanes.lanes[0].link.load == 4)
        let (turn, isSurplus) = lanes.join(FakeLink(7), retiresAt: .never, weight: 1)
        #expect(!isSurplus && turn.link.number == 7 && end(crowded, &lanes) == nil)
        #expect(lanes.lanes.map(\.link.load) == [3, 1])
        // At the maximum nothing more is wanted.
        for _ in 0..<2 { _ = try use(&lanes) }
        guard case .use(_, wantsAnother: false) = lanes.take(1) else { throw Nothing() }
        #expect(lanes.join(FakeLink(8), retiresAt: .never, weight: 1).isSurplus)
        #expect(lanes.lanes.count == 2)
    }

    @Test("Growth that found no connection is not tried with every command")
    func postponedGrowth() throws {
        var (lanes, _) = lanes(1, depth: 1)
        _ = try use(&lanes)
        lanes.postponeGrowth()
        var turns = 0
        while case .use(_, wantsAnother: false) = lanes.take(1) { turns += 1 }
        #expect(turns == 256)
    }

    @Test("P2: a pipeline weighs as many commands as it has; one that is too large for any goes alone")
    func weight() throws {
        var (lanes, _) = lanes(2, depth: 100)
        #expect(try use(&lanes, 60).link.number == 0)
        #expect(try use(&lanes, 60).link.number == 1)
        #expect(try use(&lanes, 40).link.number == 0)
        var (empty, _) = self.lanes(1, depth: 100)
        #expect(try use(&empty, 5000).link.number == 0)
    }

    @Test("P2: a connection that has become silent is avoided, and used when there is no other")
    func silence() throws {
        var (lanes, links) = lanes(2)
        links[0].isSilent = true
        #expect(try use(&lanes).link.number == 1)
        links[1].isSilent = true
        guard case .use(let turn, wantsAnother: true) = lanes.take(1) else { throw Nothing() }
        #expect(turn.link.number == 0)
        // A silent one does not count against the maximum.
        #expect(!lanes.join(FakeLink(2), retiresAt: .never, weight: 1).isSurplus)
        links[0].isSilent = false
        #expect(try use(&lanes).link.number == 0)
    }

    @Test("P5: a closed connection takes no more commands, and is given back when the last one has ended")
    func closed() throws {
        var (lanes, links) = lanes(1)
        let turns = try (0..<2).map { _ in try use(&lanes) }
        links[0].isUsable = false
        guard case .none = lanes.take(1) else { throw Nothing() }
        #expect(end(turns[0], &lanes) == nil)
        #expect(end(turns[1], &lanes)?.number == 0 && lanes.lanes.isEmpty)
    }

    @Test("P5: what was opened for tasks that have all left is given back")
    func nobodyLeft() {
        var lanes = Lanes(maximum: 4, depth: 3)
        lanes.beginWaiting()
        let isAdded = lanes.add(FakeLink(0), retiresAt: .never)
        #expect(isAdded)
        #expect(lanes.takeUnneeded() == nil)
        lanes.endWaiting()
        #expect(lanes.takeUnneeded()?.number == 0)
        let isAddedForNobody = lanes.add(FakeLink(1), retiresAt: .never)
        #expect(!isAddedForNobody)
    }

    @Test("P5: lanes leave for those who wait for exclusive use, but not the last one")
    func leaving() throws {
        var (lanes, _) = lanes(3)
        let turn = try use(&lanes)
        lanes.leave(1, keeping: 1)
        #expect(lanes.takeUnneeded()?.number == 1)
        lanes.leave(5, keeping: 1)
        #expect(lanes.lanes.map(\.isLeaving) == [false, true])
        #expect(end(turn, &lanes)?.number == 0)
        #expect(lanes.takeUnneeded()?.number == 2)
    }

    @Test("P5: a lane that is never without load ends with its maximum lifetime")
    func lifetime() throws {
        var lanes = Lanes(maximum: 4, depth: 3)
        let (turn, _) = lanes.join(FakeLink(0), retiresAt: PoolInstant(nanoseconds: 10), weight: 1)
        lanes.retire(now: PoolInstant(nanoseconds: 9))
        #expect(!lanes.lanes[0].isLeaving)
        lanes.retire(now: PoolInstant(nanoseconds: 10))
        guard case .none = lanes.take(1) else { throw Nothing() }
        #expect(end(turn, &lanes)?.number == 0)
    }

    @Test("P5: after the end only those are served who waited before")
    func ending() throws {
        var lanes = Lanes(maximum: 4, depth: 3)
        lanes.beginWaiting()
        lanes.end()
        guard case .ended = lanes.take(1) else { throw Nothing() }
        guard case .none = lanes.take(1, isWaiting: true) else { throw Nothing() }
        let isAdded = lanes.add(FakeLink(0), retiresAt: .never)
        #expect(isAdded)
        guard case .use(let turn, _) = lanes.take(1, isWaiting: true) else { throw Nothing() }
        lanes.endWaiting()
        #expect(end(turn, &lanes)?.number == 0)
    }
}
