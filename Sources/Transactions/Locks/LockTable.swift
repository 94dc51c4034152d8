/// Who holds and who waits for which lock, as a pure value.
///
/// Locks are strict two-phase (Eswaran and others, CACM 1976; Bernstein, Hadzilacos and Goodman, chapter 3): taken one
/// by one, given back all at once. A lock is granted in the order of requests, except that whoever raises shared to
/// exclusive goes first: it can't be passed by those who wait for it to end. A unit waits for one lock at a time.
struct LockTable {
    struct Request: Hashable {
        var unit: UnitID
        var mode: LockMode
    }

    /// What became of a request.
    enum Outcome: Equatable {
        case granted
        /// It waits until a later call reports it as granted.
        case waiting
        /// It waits, and so would everybody in each of these circles for ever. The victim of each is to be ended with
        /// ``release(_:)``.
        case deadlocked([Deadlock])
    }

    private struct Lock {
        var holders: [UnitID: LockMode] = [:]
        var queue: [Request] = []

        func admits(_ request: Request) -> Bool {
            holders.allSatisfy { $0.key == request.unit || $0.value.agrees(with: request.mode) }
        }
    }

    private var locks: [LockName: Lock] = [:]
    private var held: [UnitID: Set<LockName>] = [:]
    private var waiting: [UnitID: LockName] = [:]

    /// Asks for a lock. A unit that waits must not ask for another.
    ///
    /// - Parameters:
    ///   - isAhead: whether it goes before all who wait for the lock already.
    ///   - work: how much each unit has done so far; the one with the least is a deadlock's victim.
    mutating func request(
        _ name: LockName, _ mode: LockMode, for unit: UnitID, isAhead: Bool = false, work: (UnitID) -> Int
    ) -> Outcome {
        var lock = locks[name] ?? Lock()
        let own = lock.holders[unit]
        if own == .exclusive || own == mode { return .granted }
        let request = Request(unit: unit, mode: mode)
        let isUpgrade = own != nil
        if isUpgrade || lock.queue.isEmpty, lock.admits(request) {
            lock.holders[unit] = mode
            locks[name] = lock
            held[unit, default: []].insert(name)
            return .granted
        }
        if isAhead {
            lock.queue.insert(request, at: 0)
        } else if isUpgrade {
            let upgrades = lock.queue.prefix { lock.holders[$0.unit] != nil }.count
            lock.queue.insert(request, at: upgrades)
        } else {
            lock.queue.append(request)
        }
        locks[name] = lock
        waiting[unit] = name
        let deadlocks = deadlocks(through: unit, work: work)
        return deadlocks.isEmpty ? .waiting : .deadlocked(deadlocks)
    }

    /// Gives back all that a unit holds or waits for.
    ///
    /// - Returns: the units whose request is granted by this.
    mutating func release(_ unit: UnitID) -> [UnitID] {
        var touched = held.removeValue(forKey: unit) ?? []
        if let name = waiting.removeValue(forKey: unit) { touched.insert(name) }
        var granted: [UnitID] = []
        // In an order that a seed can repeat.
        for name in touched.sorted(by: { $0.description < $1.description }) {
            guard var lock = locks[name] else { continue }
            lock.holders[unit] = nil
            lock.queue.removeAll { $0.unit == unit }
            granted += grant(&lock, name)
            locks[name] = lock.holders.isEmpty && lock.queue.isEmpty ? nil : lock
        }
        return granted
    }

    /// Gives back one lock before the unit's end: one that protects nothing that it has read or written.
    mutating func release(_ name: LockName, of unit: UnitID) -> [UnitID] {
        guard held[unit]?.remove(name) != nil, var lock = locks[name] else { return [] }
        if held[unit]?.isEmpty == true { held[unit] = nil }
        lock.holders[unit] = nil
        let granted = grant(&lock, name)
        locks[name] = lock.holders.isEmpty && lock.queue.isEmpty ? nil : lock
        return granted
    }

    /// Takes back the request that a unit waits for, and keeps what it holds.
    mutating func withdraw(_ unit: UnitID) -> [UnitID] {
        guard let name = waiting.removeValue(forKey: unit), var lock = locks[name] else { return [] }
        lock.queue.removeAll { $0.unit == unit }
        let granted = grant(&lock, name)
        locks[name] = lock.holders.isEmpty && lock.queue.isEmpty ? nil : lock
        return granted
    }

    private mutating func grant(_ lock: inout Lock, _ name: LockName) -> [UnitID] {
        var granted: [UnitID] = []
        while let request = lock.queue.first, lock.admits(request) {
            lock.queue.removeFirst()
            lock.holders[request.unit] = request.mode
            held[request.unit, default: []].insert(name)
            waiting[request.unit] = nil
            granted.append(request.unit)
        }
        return granted
    }

    // MARK: Looking

    /// What a unit waits for, and those who hold it.
    func wait(of unit: UnitID) -> (name: LockName, holders: [UnitID])? {
        guard let name = waiting[unit], let lock = locks[name] else { return nil }
        return (name, lock.holders.keys.filter { $0 != unit }.sorted())
    }

    func mode(of name: LockName, for unit: UnitID) -> LockMode? { locks[name]?.holders[unit] }

    /// Those who hold a lock.
    func holders(of name: LockName) -> [UnitID] { locks[name]?.holders.keys.sorted() ?? [] }

    /// Who gets a lock next; nil if nobody waits for it.
    func firstWaiter(for name: LockName) -> UnitID? { locks[name]?.queue.first?.unit }

    /// Whether nobody holds or waits for anything.
    var isEmpty: Bool { locks.isEmpty && held.isEmpty && waiting.isEmpty }

    /// Those that a waiting unit waits for: holders that don't agree with it, and those before it in the queue that
    /// don't.
    func blockers(of unit: UnitID) -> [UnitID] {
        guard let name = waiting[unit], let lock = locks[name],
            let position = lock.queue.firstIndex(where: { $0.unit == unit })
        else { return [] }
        let mode = lock.queue[position].mode
        var found: Set<UnitID> = []
        for (holder, held) in lock.holders where holder != unit && !held.agrees(with: mode) { found.insert(holder) }
        for earlier in lock.queue[..<position] where !earlier.mode.agrees(with: mode) { found.insert(earlier.unit) }
        return found.sorted()
    }

    // MARK: Deadlocks

    /// The circles that `unit`'s wait closes. Ending all their victims leaves none.
    private func deadlocks(through unit: UnitID, work: (UnitID) -> Int) -> [Deadlock] {
        guard isWaitedFor(unit) else { return [] }
        var found: [Deadlock] = []
        var ended: Set<UnitID> = []
        while let cycle = cycle(through: unit, without: ended) {
            let least = cycle.min { (work($0), $1.rawValue) < (work($1), $0.rawValue) }
            guard let victim = least else { break }
            let edges = cycle.indices.map { index in
                Deadlock.Edge(
                    waiter: cycle[index], lock: waiting[cycle[index]], holder: cycle[(index + 1) % cycle.count])
            }
            found.append(Deadlock(edges: edges, victim: victim))
            if victim == unit { break }
            ended.insert(victim)
        }
        return found
    }

    /// Whether anybody waits for a unit: without that no circle goes through it, however many wait before it.
    private func isWaitedFor(_ unit: UnitID) -> Bool {
        if let name = waiting[unit], locks[name]?.queue.last?.unit != unit { return true }
        return held[unit]?.contains { locks[$0]?.queue.isEmpty == false } ?? false
    }

    /// A way from `unit` along the wait-for graph back to it.
    private func cycle(through unit: UnitID, without ended: Set<UnitID>) -> [UnitID]? {
        var visited: Set<UnitID> = ended
        var path: [UnitID] = []
        func follow(_ current: UnitID) -> Bool {
            path.append(current)
            for next in blockers(of: current) {
                if next == unit { return true }
                guard visited.insert(next).inserted else { continue }
                if follow(next) { return true }
            }
            path.removeLast()
            return false
        }
        return follow(unit) ? path : nil
    }
}

/// A circle of units of which each waits for the next.
struct Deadlock: Hashable, Sendable, CustomStringConvertible {
    struct Edge: Hashable, Sendable {
        var waiter: UnitID
        var lock: LockName?
        var holder: UnitID
    }

    var edges: [Edge]
    /// The unit that is ended so that the others can go on.
    var victim: UnitID

    /// The circle spelled out: who waits for what, and who has it.
    var description: String {
        edges.map { edge in
            let lock = edge.lock.map { "\($0)" } ?? "a lock"
            return "\(edge.waiter) waits for \(lock), which \(edge.holder) has or gets before it"
        }.joined(separator: "; ")
    }
}
