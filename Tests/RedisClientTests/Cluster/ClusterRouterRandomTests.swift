import Testing

@testable import RedisClient

/// Random events against the invariants: each command ends exactly once and in time, runs at most once, is never sent again when it may
/// have run, and is redirected within the limit; refreshes keep their distance.
@Suite struct ClusterRouterRandomTests {
    private struct World {
        enum Place { case sent(RoutedCall.Hop), waiting(ContinuousClock.Instant, Bool), ended }

        struct Entry {
            var call: RoutedCall
            var place: Place
            var slot: Int
            var redirections = 0
            var ran = 0
            var mayHaveRun = false
            var ends = 0
        }

        static let start = ContinuousClock.now
        static let slots = 0..<8
        static let gap = Duration.milliseconds(100)

        var generator: SeededGenerator
        var router: ClusterRouter
        var now = start
        var entries: [Entry] = []
        var active: [Int] = []
        var problems: [String] = []
        /// What is true: who owns a slot, where it is migrating to, whether its key has gone over.
        var owner = slots.map { $0 % 3 }
        var target = slots.map { _ in Int?.none }
        var hasMoved = slots.map { _ in false }
        /// What each node believes, which can be wrong.
        var belief: [[Int]]
        var isDown = Array(repeating: false, count: 6)
        var refreshBegan: ContinuousClock.Instant?
        var lastRefreshEnd: ContinuousClock.Instant?
        var refreshes = 0

        init(seed: UInt64) {
            self.generator = SeededGenerator(seed: seed)
            self.belief = Array(repeating: self.owner, count: 6)
            var rules = ClusterRouter.Rules()
            rules.readsFromReplicas = seed.isMultiple(of: 2)
            self.router = ClusterRouter(
                rules: rules,
                refresh: RefreshSchedule(
                    interval: .seconds(5), gap: BackOff(first: Self.gap, longest: .seconds(1)), now: Self.start),
                seed: seed)
        }

        static func endpoint(_ node: Int) -> RedisEndpoint { .tcp(host: "n\(node)", port: 1 + node) }

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.generator) < percent }

        mutating func perform(_ step: ClusterRouter.Step, _ id: Int) {
            switch step {
            case .send(let hop):
                if self.entries[id].mayHaveRun { self.problems.append("\(id) was sent again") }
                self.entries[id].place = .sent(hop)
            case .wait(let until, let untilNewTopology):
                if until > self.entries[id].call.retryUntil { self.problems.append("\(id) waits for too long") }
                self.entries[id].place = .waiting(until, untilNewTopology)
            case .fail(let error):
                if error.mayHaveRun != self.entries[id].mayHaveRun { self.problems.append("\(id): wrong mayHaveRun") }
                self.end(id)
            }
        }

        mutating func end(_ id: Int) {
            self.entries[id].place = .ended
            self.entries[id].ends += 1
            self.active.removeAll { $0 == id }
        }

        mutating func begin() {
            let slot = Int.random(in: Self.slots, using: &self.generator)
            let target: RoutedCall.Target =
                self.chance(90) ? RedisHashSlot(slot * 2048).map { .slot($0) } ?? .anyMaster : .anyMaster
            let deadline: ContinuousClock.Instant? =
                self.chance(80) ? self.now + .milliseconds(Int.random(in: 1...3000, using: &self.generator)) : nil
            let call = RoutedCall(
                target, isRead: self.chance(50), started: self.now, deadline: deadline, patience: .seconds(3))
            self.entries.append(Entry(call: call, place: .ended, slot: slot))
            let id = self.entries.count - 1
            self.active.append(id)
            self.go(id)
        }

        mutating func go(_ id: Int) {
            var call = self.entries[id].call
            let step = self.router.next(&call, now: self.now)
            self.entries[id].call = call
            self.perform(step, id)
        }

        mutating func judge(_ id: Int, _ failure: ClusterRouter.Failure, _ hop: RoutedCall.Hop) {
            var call = self.entries[id].call
            let step = self.router.judge(&call, failure, at: hop, now: self.now)
            self.entries[id].call = call
            self.perform(step, id)
        }

        /// The node answers, or the connection says that it will not.
        mutating func answer(_ id: Int, _ hop: RoutedCall.Hop) {
            let entry = self.entries[id]
            guard case .tcp(_, let port) = hop.node.endpoint else { return }
            let node = port - 1
            if let deadline = entry.call.deadline, deadline <= self.now {
                self.entries[id].mayHaveRun = true
                return self.judge(id, .reply(RedisError(.timeout, "late", remedy: "", mayHaveRun: true)), hop)
            }
            if self.isDown[node] {
                if self.chance(30) {
                    self.entries[id].mayHaveRun = true
                    return self.judge(
                        id, .reply(RedisError(.connectionClosed, "ended", remedy: "", mayHaveRun: true)), hop)
                }
                return self.judge(id, .connection(RedisError(.cannotConnect, "refused", remedy: "")), hop)
            }
            func reply(_ line: String) -> ClusterRouter.Failure {
                .reply(RedisError(reply: RESPErrorReply(line), command: "SET", endpoint: hop.node.endpoint))
            }
            if self.chance(8) {
                let lines = ["TRYAGAIN x", "CLUSTERDOWN x", "LOADING x", "ERR x", "MASTERDOWN x", "MOVED x"]
                return self.judge(id, reply(lines.randomElement(using: &self.generator) ?? "ERR"), hop)
            }
            if case .slot(let slot) = entry.call.target {
                let believed = self.belief[node][entry.slot]
                let isImporting = hop.asks && self.target[entry.slot] == node
                if believed % 3 != node % 3, !isImporting {
                    self.entries[id].redirections += 1
                    return self.judge(id, reply("MOVED \(slot) n\(believed):\(believed + 1)"), hop)
                }
                if !isImporting, let target = self.target[entry.slot], self.hasMoved[entry.slot], target != node {
                    self.entries[id].redirections += 1
                    return self.judge(id, reply("ASK \(slot) n\(target):\(target + 1)"), hop)
                }
            }
            self.entries[id].ran += 1
            self.end(id)
        }

        mutating func changeCluster() {
            let slot = Int.random(in: Self.slots, using: &self.generator)
            let node = Int.random(in: 0..<6, using: &self.generator)
            switch Int.random(in: 0..<6, using: &self.generator) {
            case 0: self.isDown[node].toggle()
            case 1: self.target[slot] = node == self.owner[slot] ? nil : node
            case 2: self.hasMoved[slot].toggle()
            case 3:
                if let target = self.target[slot] { self.owner[slot] = target }
                self.target[slot] = nil
                self.hasMoved[slot] = false
            case 4: self.belief[node] = self.owner
            default: self.belief[node][slot] = Int.random(in: 0..<6, using: &self.generator)
            }
        }

        mutating func refresh() {
            if let began = self.refreshBegan {
                guard self.chance(50), self.now > began else { return }
                self.refreshBegan = nil
                self.lastRefreshEnd = self.now
                var news: SlotMap?
                if let believer = (0..<6).filter({ !self.isDown[$0] }).randomElement(using: &self.generator) {
                    var map = SlotMap()
                    for slot in Self.slots {
                        let owner = self.belief[believer][slot]
                        map.assign(
                            [RedisHashSlot(slot * 2048)].compactMap { $0 },
                            to: .init(master: Self.endpoint(owner), replicas: [Self.endpoint((owner + 3) % 6)]))
                    }
                    news = map
                }
                if self.router.finishRefresh(news, now: self.now) {
                    for id in self.active {
                        if case .waiting(_, true) = self.entries[id].place { self.go(id) }
                    }
                }
            } else if self.router.refresh.begin(now: self.now) {
                if self.router.refresh.begin(now: self.now) { self.problems.append("two refreshes at a time") }
                if let last = self.lastRefreshEnd, self.now - last < Self.gap / 2 {
                    self.problems.append("refreshes in quick succession")
                }
                self.refreshBegan = self.now
                self.refreshes += 1
            }
        }

        mutating func step() {
            self.now += .microseconds(Int.random(in: 0...20_000, using: &self.generator))
            self.refresh()
            switch Int.random(in: 0..<10, using: &self.generator) {
            case 0..<3 where self.active.count < 40: self.begin()
            case 9: self.changeCluster()
            default:
                guard let id = self.active.randomElement(using: &self.generator) else { return }
                switch self.entries[id].place {
                case .sent(let hop): self.answer(id, hop)
                case .waiting(let until, _) where until <= self.now: self.go(id)
                default: break
                }
            }
        }
    }

    @Test("P3: 100 000 random steps of a cluster that changes, errs and dies", arguments: 0..<40 as Range<UInt64>)
    func invariants(seed: UInt64) {
        var world = World(seed: seed)
        for _ in 0..<2500 { world.step() }
        let limit = world.now + .seconds(60)
        while !world.active.isEmpty, world.now < limit {
            world.now += .milliseconds(5)
            world.refresh()
            for id in world.active {
                switch world.entries[id].place {
                case .sent(let hop): world.answer(id, hop)
                case .waiting(let until, _) where until <= world.now: world.go(id)
                default: break
                }
            }
        }
        #expect(world.problems.isEmpty)
        #expect(world.entries.count > 100 && world.refreshes > 3)
        #expect(world.entries.allSatisfy { $0.ends == 1 && $0.ran <= 1 && $0.redirections <= 17 })
        #expect(world.entries.contains { $0.ran == 1 })
    }
}
