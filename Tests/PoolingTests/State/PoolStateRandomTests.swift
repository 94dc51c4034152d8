import Measurement
import Testing

@testable import Pooling

/// Random events against the invariants, with a model of the world beside the state: who waits, who holds what, what is under way.
@Suite("Pool state: random events")
struct PoolStateRandomTests {
    @Test("P5: no event order breaks an invariant", arguments: [UInt64](1...60))
    func randomEvents(seed: UInt64) {
        var world = World(seed: seed)
        for step in 0..<3_000 where world.problems.isEmpty {
            world.step()
            if !world.problems.isEmpty { world.problems.append("at step \(step)") }
        }
        world.finish()
        #expect(world.problems == [])
    }

    @Test("Events of one seed are the same each time")
    func repeatable() {
        var a = World(seed: 5), b = World(seed: 5)
        for _ in 0..<2_000 {
            a.step()
            b.step()
        }
        #expect(a.pool.state.status() == b.pool.state.status())
        #expect(a.pool.state.counters.acquired > 100)
    }
}

private struct World {
    var generator: SplitMix64
    var pool: StateHarness
    var problems: [String] = []
    /// Announced, and not yet in the queue; true once cancelled.
    var announced: [(id: WaiterID, isCancelled: Bool)] = []
    var queue: [WaiterID] = []
    var completions: [WaiterID: Int] = [:]
    var leases: [PoolTicket] = []
    var opening: [PoolTicket] = []
    var checking: [PoolTicket] = []
    var closing: [PoolTicket] = []
    /// Given up by the pool; their answers still come.
    var abandoned: [PoolTicket] = []
    /// Slots that have a connection which was closed or never made, so nobody may hold them.
    var largestMaximum: Int
    var isServerUp = true
    var reports = 0

    init(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        func pick(_ spans: [PoolSpan]) -> PoolSpan { spans.randomElement(using: &generator) ?? .endless }
        pool = StateHarness { settings in
            settings.maximum = Int.random(in: 1...6, using: &generator)
            settings.minimum = Int.random(in: 0...settings.maximum, using: &generator)
            settings.maximumOpening = Int.random(in: 1...4, using: &generator)
            settings.idleTimeout = pick([.endless, .seconds(3)])
            settings.maximumLifetime = pick([.endless, .seconds(10)])
            settings.lifetimeJitter = 0.3
            settings.keepAlive = pick([.endless, .seconds(2)])
            settings.leakThreshold = .seconds(4)
        }
        largestMaximum = pool.state.settings.maximum
        self.generator = generator
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    mutating func takeRandom(_ list: WritableKeyPath<World, [PoolTicket]>) -> PoolTicket? {
        guard !self[keyPath: list].isEmpty else { return nil }
        return self[keyPath: list].remove(at: Int.random(in: self[keyPath: list].indices, using: &generator))
    }

    mutating func step() {
        pool.entropy = generator.next()
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<22: acquire()
        case 22..<28: announced.append((pool.state.announceWaiter(), false))
        case 28..<36: enqueueAnnounced()
        case 36..<44: cancelSomeone()
        case 44..<66: release()
        case 66..<80: answer()
        case 80..<84: lateAnswer()
        case 84..<96:
            pool.advance(Double.random(in: 0...0.8, using: &generator))
            if chance(90) { perform(pool.tick()) }
        case 96: isServerUp.toggle()
        case 97: resize()
        case 98: chance(50) ? perform(pool.start()) : discard()
        default: if chance(5) { perform(pool.drain(within: 5)) }
        }
        check()
    }

    mutating func acquire() {
        let holder = UInt.random(in: 0...4, using: &generator)
        if let lease = pool.acquire(holder: holder) {
            if !queue.isEmpty { problems.append("someone overtook those who wait") }
            hold(lease)
        } else {
            let id = pool.state.announceWaiter()
            queue.append(id)
            let manner = LeaseManner(isMeantToLast: chance(20), failsWhenUnreachable: chance(20))
            perform(pool.enqueue(id, Double.random(in: 0...6, using: &generator), holder: holder, manner))
        }
    }

    /// Idle connections turn out to be broken; one that is named is not idle any more.
    mutating func discard() {
        let slots = pool.state.idle.filter { _ in chance(50) } + [Int.random(in: 0...6, using: &generator)]
        let others = leases
        perform(pool.discard(idle: slots))
        if leases != others { problems.append("a connection in use was discarded") }
    }

    mutating func enqueueAnnounced() {
        guard !announced.isEmpty else { return }
        let (id, isCancelled) = announced.remove(at: Int.random(in: announced.indices, using: &generator))
        queue.append(id)
        let actions = pool.enqueue(id, 4)
        if isCancelled, actions.failures.map(\.cause) != [.cancelled] {
            problems.append("a cancellation before its waiter was lost")
        }
        perform(actions)
    }

    mutating func cancelSomeone() {
        if !announced.isEmpty, chance(40) {
            let index = Int.random(in: announced.indices, using: &generator)
            announced[index].isCancelled = true
            perform(pool.cancel(announced[index].id))
        } else if chance(30) {
            // One that completed long ago, or never was.
            perform(pool.cancel(WaiterID(number: UInt64.random(in: 0...pool.state.lastWaiter, using: &generator))))
            for index in announced.indices where pool.state.announced[announced[index].id] == true {
                announced[index].isCancelled = true
            }
        } else if let id = queue.randomElement(using: &generator) {
            let actions = pool.cancel(id)
            if actions.completed.first != id { problems.append("a cancelled waiter stays in the queue") }
            perform(actions)
        }
    }

    mutating func release() {
        guard let lease = takeRandom(\.leases) else { return }
        let condition: ReturnedCondition = chance(80) ? .good : chance(60) ? .suspect : .broken
        if condition == .broken, chance(30) {
            perform(pool.event { [now = pool.now] in $0.reject(lease, now: now, actions: &$1) })
        } else {
            perform(pool.release(lease, as: condition))
        }
        if chance(5), pool.release(lease) != [] { problems.append("a second release did something") }
    }

    /// The factory answers.
    mutating func answer() {
        if chance(40), let ticket = takeRandom(\.opening) {
            perform(isServerUp ? pool.opened(ticket) : pool.openFailed(ticket, isLasting: chance(20)))
        } else if chance(60), let ticket = takeRandom(\.checking) {
            perform(pool.checked(ticket, works: isServerUp && chance(80)))
        } else if let ticket = takeRandom(\.closing) {
            perform(pool.closed(ticket))
        }
    }

    mutating func lateAnswer() {
        guard let ticket = takeRandom(\.abandoned) else { return }
        var actions: [PoolAction] = []
        if pool.state.opened(ticket, now: pool.now, entropy: 0, actions: &actions) {
            problems.append("a late connection was accepted")
        }
        actions += pool.openFailed(ticket) + pool.checked(ticket, works: chance(50)) + pool.closed(ticket)
        if actions != [] { problems.append("a late answer did something") }
    }

    mutating func resize() {
        guard chance(30) else { return }
        let maximum = Int.random(in: 1...6, using: &generator)
        largestMaximum = max(largestMaximum, maximum)
        perform(pool.resize(Int.random(in: 0...maximum, using: &generator), maximum))
    }

    mutating func hold(_ lease: PoolTicket) {
        if leases.contains(where: { $0.slot == lease.slot }) { problems.append("two hold slot \(lease.slot)") }
        if (opening + checking + closing).contains(where: { $0.slot == lease.slot }) {
            problems.append("slot \(lease.slot) was handed out while it was not open")
        }
        leases.append(lease)
    }

    mutating func perform(_ actions: [PoolAction]) {
        for action in actions {
            switch action {
            case .open(let ticket):
                opening.append(ticket)
                // After shrinking there may be more for a while, but then nothing is opened.
                let others = Set((leases + opening + checking + closing).map(\.slot)).union(pool.state.idle)
                if others.count > pool.state.settings.maximum { problems.append("\(others.count) connections") }
            case .check(let ticket): checking.append(ticket)
            case .close(let ticket, _): closing.append(ticket)
            case .interrupt(let ticket):
                if !leases.contains(ticket) { problems.append("nobody was interrupted") }
            case .abandon(let ticket):
                for list in [\World.opening, \.checking, \.closing] { self[keyPath: list].removeAll { $0 == ticket } }
                abandoned.append(ticket)
            case .complete(let id, let outcome): complete(id, outcome)
            case .warn(let holder): if holder.age < .seconds(4) { problems.append("warned too early") }
            case .drained: reports += 1
            }
        }
    }

    mutating func complete(_ id: WaiterID, _ outcome: WaiterOutcome) {
        completions[id, default: 0] += 1
        guard let index = queue.firstIndex(of: id) else { return problems.append("someone unknown was completed") }
        switch outcome {
        case .leased(let ticket, _):
            if index != 0 { problems.append("not first in, first out") }
            hold(ticket)
        case .failed(let failure):
            let isHeld = failure.status.idle + failure.status.leased + failure.status.checking > 0
            if failure.cause == .unreachable, isHeld { problems.append("gave up though a connection is open") }
            if failure.cause == .timedOut, failure.waited < failure.limit { problems.append("timed out too early") }
        }
        queue.remove(at: index)
    }

    mutating func check() {
        let state = pool.state
        problems += state.violations
        if state.used > largestMaximum { problems.append("\(state.used) of at most \(largestMaximum)") }
        if queue != state.waiters.all.map(\.id) { problems.append("the queue is not as it should be") }
        if Set(leases) != Set(tickets(.leased)) { problems.append("not the leases that were given out") }
        if Set(opening) != Set(tickets(.opening)) { problems.append("not what is being opened") }
        if Set(checking) != Set(tickets(.checking)) { problems.append("not what is being checked") }
        if Set(closing) != Set(tickets(.closing)) { problems.append("not what is being closed") }
        if state.announced.count != announced.count { problems.append("more announced than there are") }
        if completions.values.contains(where: { $0 > 1 }) { problems.append("someone was completed twice") }
        if reports > 1 { problems.append("drained twice") }
        let counters = state.counters
        if counters.reused > counters.acquired || counters.reused < 0 { problems.append("more reused than acquired") }
        if counters.opened - counters.closed != state.idle.count + state.leased + state.checking {
            problems.append("opened \(counters.opened), closed \(counters.closed) and \(state.used) there")
        }
    }

    func tickets(_ phase: PoolSlot.Phase) -> [PoolTicket] {
        pool.state.slots.enumerated().filter { $0.element.phase == phase }
            .map { PoolTicket(slot: $0.offset, serial: $0.element.serial) }
    }

    /// With a server that works again and holders that release, everyone is served by the alarms alone, and the pool can be closed.
    mutating func finish() {
        guard problems.isEmpty else { return }
        isServerUp = true
        while !announced.isEmpty { enqueueAnnounced() }
        for _ in 0..<10_000 where !queue.isEmpty || !leases.isEmpty || !opening.isEmpty || !closing.isEmpty {
            while let ticket = takeRandom(\.leases) { perform(pool.release(ticket)) }
            while let ticket = takeRandom(\.opening) { perform(pool.opened(ticket)) }
            while let ticket = takeRandom(\.checking) { perform(pool.checked(ticket, works: true)) }
            while let ticket = takeRandom(\.closing) { perform(pool.closed(ticket)) }
            guard leases.isEmpty, opening.isEmpty, closing.isEmpty, pool.state.alarm < .never else { continue }
            pool.now = max(pool.now, pool.state.alarm)
            perform(pool.tick())
        }
        if !queue.isEmpty { problems.append("\(queue.count) wait for ever") }
        perform(pool.drain(within: 1))
        while !(closing + opening + checking).isEmpty {
            while let ticket = takeRandom(\.opening) { perform(pool.opened(ticket)) }
            while let ticket = takeRandom(\.checking) { perform(pool.checked(ticket, works: true)) }
            while let ticket = takeRandom(\.closing) { perform(pool.closed(ticket)) }
        }
        if reports != 1 { problems.append("\(reports) reports of draining") }
        check()
        if pool.state.used != 0 { problems.append("\(pool.state.used) connections left") }
    }
}
