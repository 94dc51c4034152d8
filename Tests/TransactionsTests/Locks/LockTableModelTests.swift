import Measurement
import Testing

@testable import Transactions

/// The lock table against a naive model: lists that are searched from the start each time.
@Suite struct LockTableModelTests {
    @Test("I3, I7: no two hold what only one may, each waits its turn, and each deadlock is found as it closes")
    func model() {
        var deadlocks = 0
        for seed in UInt64(1)...300 {
            var run = LockRun(seed: seed)
            for step in 1...200 {
                if let wrong = run.step() {
                    Issue.record("seed \(seed), step \(step): \(wrong)")
                    return
                }
            }
            deadlocks += run.deadlocks
        }
        #expect(deadlocks > 1_000)
    }

    @Test("I7: a deadlock is spelled out: who waits for what, and who has it") func description() {
        var table = LockTable()
        let (first, second) = (UnitID(rawValue: 1), UnitID(rawValue: 2))
        #expect(table.request(.store(.sqlite), .exclusive, for: first) { _ in 0 } == .granted)
        #expect(table.request(.key("k"), .exclusive, for: second) { _ in 0 } == .granted)
        #expect(table.request(.key("k"), .shared, for: first) { _ in 0 } == .waiting)
        guard case .deadlocked(let found) = table.request(.store(.sqlite), .exclusive, for: second, work: { _ in 0 })
        else { return #expect(Bool(false), "no deadlock was found") }
        // Both have done nothing: the younger one gives way.
        #expect(found.map(\.victim) == [second])
        #expect(
            found.map(\.description) == [
                """
                unit 2 waits for SQLite, which unit 1 has or gets before it; \
                unit 1 waits for the Redis key "k", which unit 2 has or gets before it
                """
            ])
        #expect(table.release(second) == [first])
        #expect(table.release(first).isEmpty && table.isEmpty)
    }
}

/// Requests and releases in an order that a seed chooses.
private struct LockRun {
    private var random: SplitMix64
    private let mostOvertaken: Int
    private var table: LockTable
    private var model: [LockName: Queue] = [:]
    private let units = (1...6).map { UnitID(rawValue: $0) }
    private let names: [LockName] = [.store(.sqlite), .store(.graph), .key("a"), .key("b"), .graphViews]
    private(set) var deadlocks = 0

    struct Queue {
        var holders: [Lock.Request] = []
        var waiters: [Lock.Request] = []
    }

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        mostOvertaken = Int.random(in: 0...3, using: &random)
        table = LockTable(mostOvertaken: mostOvertaken)
    }

    mutating func step() -> String? {
        let unit = units[Int.random(in: units.indices, using: &random)]
        let wrong: String?
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1: wrong = release(unit)
        case 2: wrong = withdraw(unit)
        default: wrong = isWaiting(unit) ? nil : request(unit)
        }
        return wrong ?? compare()
    }

    // MARK: The model

    private func waitsFor(_ unit: UnitID) -> LockName? {
        model.first { $0.value.waiters.contains { $0.unit == unit } }?.key
    }

    private func isWaiting(_ unit: UnitID) -> Bool { waitsFor(unit) != nil }

    private func blockers(of unit: UnitID) -> Set<UnitID> {
        guard let name = waitsFor(unit), let queue = model[name],
            let place = queue.waiters.firstIndex(where: { $0.unit == unit })
        else { return [] }
        let mode = queue.waiters[place].mode
        let before = queue.holders + queue.waiters[..<place]
        return Set(before.filter { $0.unit != unit && !($0.mode == .shared && mode == .shared) }.map(\.unit))
    }

    /// All whom a unit waits for, by however many others.
    private func reachable(from unit: UnitID) -> Set<UnitID> {
        var found: Set<UnitID> = []
        var next = blockers(of: unit)
        while let one = next.popFirst() {
            found.insert(one)
            next.formUnion(blockers(of: one).subtracting(found))
        }
        return found
    }

    /// Those that come first and agree with all holders get the lock.
    private mutating func grant(_ name: LockName) -> [UnitID] {
        var granted: [UnitID] = []
        while let first = model[name]?.waiters.first,
            model[name]?.holders.allSatisfy({
                $0.unit == first.unit || ($0.mode == .shared && first.mode == .shared)
            }) == true
        {
            model[name]?.waiters.removeFirst()
            model[name]?.holders.removeAll { $0.unit == first.unit }
            model[name]?.holders.append(first)
            granted.append(first.unit)
        }
        return granted
    }

    // MARK: Steps

    private mutating func request(_ unit: UnitID) -> String? {
        let name = names[Int.random(in: names.indices, using: &random)]
        let mode: LockMode = Bool.random(using: &random) ? .shared : .exclusive
        let work = Dictionary(uniqueKeysWithValues: units.map { ($0, Int.random(in: 0...3, using: &random)) })
        let priority = TransactionPriority.allCases[Int.random(in: 0...2, using: &random)]
        let outcome = table.request(name, mode, for: unit, priority: priority) { work[$0] ?? 0 }

        var queue = model[name] ?? Queue()
        let own = queue.holders.first { $0.unit == unit }?.mode
        if own == .exclusive || own == mode { return outcome == .granted ? nil : "what \(unit) had was not granted" }
        let request = Lock.Request(unit: unit, mode: mode, priority: priority)
        let upgrades = queue.waiters.filter { waiter in queue.holders.contains { $0.unit == waiter.unit } }.count
        if own == nil {
            let last = queue.waiters.lastIndex { $0.priority >= priority || $0.overtaken >= mostOvertaken } ?? -1
            let place = max(upgrades, last + 1)
            for index in place..<queue.waiters.count { queue.waiters[index].overtaken += 1 }
            queue.waiters.insert(request, at: place)
        } else {
            queue.waiters.insert(request, at: upgrades)
        }
        model[name] = queue
        if grant(name) == [unit] { return outcome == .granted ? nil : "\(unit) did not get \(name): \(outcome)" }
        let isClosed = reachable(from: unit).contains(unit)
        switch outcome {
        case .granted: return "\(unit) got \(name), which was not free"
        case .waiting: return isClosed ? "a deadlock of \(unit) was not found" : nil
        case .deadlocked(let found):
            guard isClosed else { return "there is no deadlock: \(found)" }
            return breakUp(found, through: unit, work)
        }
    }

    private mutating func breakUp(_ found: [Deadlock], through unit: UnitID, _ work: [UnitID: Int]) -> String? {
        for deadlock in found {
            let circle = deadlock.edges.map(\.waiter)
            guard circle.contains(unit), Set(circle).count == circle.count else { return "no circle: \(deadlock)" }
            for (index, edge) in deadlock.edges.enumerated() {
                guard edge.holder == circle[(index + 1) % circle.count], edge.lock == waitsFor(edge.waiter),
                    blockers(of: edge.waiter).contains(edge.holder)
                else { return "wrong edge: \(edge)" }
            }
            let least = circle.map { work[$0] ?? 0 }.min()
            let youngest = circle.filter { work[$0] == least }.max()
            guard deadlock.victim == youngest else { return "\(deadlock.victim) is not the victim of \(deadlock)" }
        }
        deadlocks += found.count
        for victim in Set(found.map(\.victim)).sorted() {
            if let wrong = release(victim) { return wrong }
        }
        return reachable(from: unit).contains(unit) ? "a deadlock is left after \(found)" : nil
    }

    private mutating func release(_ unit: UnitID) -> String? {
        let granted = table.release(unit)
        var expected: Set<UnitID> = []
        for name in names {
            model[name]?.holders.removeAll { $0.unit == unit }
            model[name]?.waiters.removeAll { $0.unit == unit }
            expected.formUnion(grant(name))
        }
        return Set(granted) == expected && granted.count == expected.count
            ? nil : "the end of \(unit) let \(granted) go on, and should have let \(expected.sorted())"
    }

    private mutating func withdraw(_ unit: UnitID) -> String? {
        let granted = table.withdraw(unit)
        guard let name = waitsFor(unit) else { return granted.isEmpty ? nil : "\(unit) did not wait" }
        model[name]?.waiters.removeAll { $0.unit == unit }
        let expected = grant(name)
        return granted == expected ? nil : "\(granted) go on, and should be \(expected)"
    }

    private func compare() -> String? {
        for name in names {
            let queue = model[name] ?? Queue()
            for unit in units
            where table.mode(of: name, for: unit) != queue.holders.first(where: { $0.unit == unit })?.mode {
                return "\(unit) holds \(name) in another way than it should"
            }
            let isAlone = queue.holders.contains { $0.mode == .exclusive }
            if queue.waiters.contains(where: { $0.overtaken > mostOvertaken }) {
                return "somebody who waits for \(name) is overtaken again and again"
            }
            if isAlone, queue.holders.count > 1 { return "\(name) has two holders, and one alone" }
            if queue.holders.isEmpty, !queue.waiters.isEmpty { return "\(name) is free, and \(queue.waiters) wait" }
        }
        for unit in units {
            if table.wait(of: unit)?.name != waitsFor(unit) { return "\(unit) waits for something else" }
            if Set(table.blockers(of: unit)) != blockers(of: unit) { return "\(unit) waits for others" }
            if isWaiting(unit), blockers(of: unit).isEmpty { return "\(unit) waits for nobody" }
        }
        return table.isEmpty == model.values.allSatisfy { $0.holders.isEmpty && $0.waiters.isEmpty }
            ? nil : "isEmpty is wrong"
    }
}
