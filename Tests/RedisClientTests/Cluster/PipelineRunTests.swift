import Testing

@testable import RedisClient

/// Random pipelines over nodes that change between writes: each command has its own result, runs at most once, and in the order of its
/// slot.
@Suite struct PipelineRunTests {
    private struct World {
        static let slots = 0..<5
        var generator: SeededGenerator
        var now = ContinuousClock.now
        var router: ClusterRouter
        var owner = slots.map { $0 % 3 }
        var importing = slots.map { _ in Int?.none }
        var down: Int?
        var problems: [String] = []
        var sends = 0
        var commands = 0

        init(seed: UInt64) {
            self.generator = SeededGenerator(seed: seed)
            self.router = ClusterRouter(
                rules: .init(),
                refresh: RefreshSchedule(
                    interval: .seconds(60), gap: BackOff(first: .milliseconds(50), longest: .seconds(1)), now: self.now),
                seed: seed)
        }

        static func slot(_ index: Int) -> RedisHashSlot? { RedisHashSlot(index * 3000) }

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.generator) < percent }

        mutating func refresh() -> Bool {
            guard self.router.refresh.begin(now: self.now) else { return false }
            var map = SlotMap()
            for slot in Self.slots {
                map.assign(
                    [Self.slot(slot)].compactMap { $0 }, to: .init(master: .tcp(host: "n", port: self.owner[slot] + 1)))
            }
            return self.router.finishRefresh(map, now: self.now)
        }

        mutating func change() {
            let slot = Int.random(in: Self.slots, using: &self.generator)
            switch Int.random(in: 0..<8, using: &self.generator) {
            case 0: self.owner[slot] = Int.random(in: 0..<3, using: &self.generator)
            case 1: self.importing[slot] = Int.random(in: 0..<3, using: &self.generator)
            case 2:
                self.owner[slot] = self.importing[slot] ?? self.owner[slot]
                self.importing[slot] = nil
            case 3: self.down = self.chance(50) ? Int.random(in: 0..<3, using: &self.generator) : nil
            default: break
            }
        }

        mutating func answer(
            _ batch: PipelineRun.Batch, _ slots: [Int], _ ran: inout [Int]
        ) -> Result<[Result<RESPValue, RedisError>], RedisError> {
            self.sends += batch.places.count
            guard case .tcp(_, let port) = batch.node.endpoint else { return .success([]) }
            let node = port - 1
            if self.down == node { return .failure(RedisError(.cannotConnect, "refused", remedy: "")) }
            let lossAt = self.chance(5) ? Int.random(in: 0...batch.places.count, using: &self.generator) : .max
            let trouble =
                self.chance(10)
                ? ["TRYAGAIN x", "CLUSTERDOWN x", "LOADING x"].randomElement(using: &self.generator) : nil
            return .success(
                batch.places.enumerated().map { offset, place in
                    func failure(_ line: String) -> Result<RESPValue, RedisError> {
                        .failure(RedisError(reply: RESPErrorReply(line), command: "SET", endpoint: nil))
                    }
                    if offset >= lossAt {
                        // It may have run, or not.
                        return .failure(RedisError(.connectionClosed, "ended", remedy: "", mayHaveRun: true))
                    }
                    let slot = slots[place]
                    if let trouble { return failure(trouble) }
                    let isImporting = batch.asks[offset] && self.importing[slot] == node
                    if self.owner[slot] != node, !isImporting {
                        return failure("MOVED \(slot * 3000) n:\(self.owner[slot] + 1)")
                    }
                    if self.owner[slot] == node, let target = self.importing[slot], target != node {
                        return failure("ASK \(slot * 3000) n:\(target + 1)")
                    }
                    ran.append(place)
                    return .success(.integer(place))
                })
        }

        mutating func pipeline() {
            let slots = (0..<Int.random(in: 1...40, using: &self.generator)).map { _ in
                Int.random(in: Self.slots, using: &self.generator)
            }
            self.commands += slots.count
            let calls = slots.map { slot in
                RoutedCall(
                    Self.slot(slot).map { .slot($0) } ?? .anyMaster, started: self.now,
                    deadline: self.now + .seconds(1))
            }
            var ran: [Int] = []
            var run = PipelineRun(calls, &self.router, now: self.now)
            for _ in 0..<1000 {
                self.now += .microseconds(Int.random(in: 1...2000, using: &self.generator))
                self.change()
                let isNew = self.refresh()
                switch run.next(&self.router, now: self.now, isNewTopology: isNew) {
                case .send(let batches):
                    if Set(batches.map(\.node)).count != batches.count { self.problems.append("a node twice") }
                    let places = batches.flatMap(\.places)
                    if Set(places).count != places.count { self.problems.append("a command twice") }
                    for batch in batches {
                        let outcome = self.answer(batch, slots, &ran)
                        run.record(batch, outcome, &self.router, now: self.now)
                    }
                case .wait(let until, _):
                    self.now = max(self.now, until)
                case .done(let results):
                    self.check(results, slots, ran)
                    return
                }
            }
            self.problems.append("no end")
        }

        mutating func check(_ results: [Result<RESPValue, RedisError>], _ slots: [Int], _ ran: [Int]) {
            if results.count != slots.count { self.problems.append("\(results.count) results") }
            if Set(ran).count != ran.count { self.problems.append("ran twice") }
            for slot in Self.slots {
                let own = ran.filter { slots[$0] == slot }
                if own != own.sorted() { self.problems.append("out of order") }
            }
            for (place, result) in results.enumerated() {
                switch result {
                case .success(let value):
                    if value != .integer(place) { self.problems.append("\(place) has the result of \(value)") }
                    if !ran.contains(place) { self.problems.append("\(place) has a result and did not run") }
                case .failure(let error):
                    if ran.contains(place), !error.mayHaveRun { self.problems.append("\(place) ran and denies it") }
                }
            }
        }
    }

    @Test("P3: random pipelines: each result in its place, each slot in order", arguments: 0..<20 as Range<UInt64>)
    func invariants(seed: UInt64) {
        var world = World(seed: seed)
        for _ in 0..<80 { world.pipeline() }
        #expect(Set(world.problems).isEmpty)
        #expect(world.sends > 1000)
    }
}
