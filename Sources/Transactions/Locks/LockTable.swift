/// Who holds and who waits for which lock, as a pure value.
///
/// Locks are strict two-phase (Eswaran and others, CACM 1976; Bernstein, Hadzilacos and Goodman, chapter 3): taken one
/// by one, given back all at once. A lock is granted by priority, and within one in the order of requests; nobody is
/// overtaken for ever. Whoever raises shared to exclusive goes first: it can't be passed by those who wait for it to
/// end. A unit waits for one lock at a time.
struct LockTable {
    /// What became of a request.
    enum Outcome: Equatable {
        case granted
        /// It waits until a later call reports it as granted.
        case waiting
        /// It waits, and so would everybody in each of these circles for ever. The victim of each is to be ended with
        /// ``release(_:)``.
        case deadlocked([Deadlock])
    }

    /// How often one that waits may be overtaken by others of higher priority.
    let mostOvertaken: Int
    private var locks = LockMap()
    /// Each name once.
    private var held: [UnitID: [LockName]] = [:]
    private var waiting: [UnitID: LockName] = [:]

    init(mostOvertaken: Int = CoordinatorConfiguration().mostOvertaken) {
        self.mostOvertaken = mostOvertaken
    }

    /// Asks for a lock. A unit that waits must not ask for another.
    ///
    /// - Parameters:
    ///   - priority: nil to go before all who wait for the lock already.
    ///   - work: how much each unit has done so far; the one with the least is a deadlock's victim.
    mutating func request(
        _ name: LockName, _ mode: LockMode, for unit: UnitID, priority: TransactionPriority? = .normal,
        work: (UnitID) -> Int
    ) -> Outcome {
        let lock = locks[name]
        let own = lock.mode(of: unit)
        if own == .exclusive || own == mode { return .granted }
        let request = Lock.Request(unit: unit, mode: mode, priority: priority ?? .high)
        if own != nil || lock.queue.isEmpty, lock.admits(request) {
            if locks[name].hold(request) { held[unit, default: []].append(name) }
            return .granted
        }
        if priority == nil {
            locks[name].queue.insert(request, at: 0)
        } else {
            locks[name].wait(request, most: mostOvertaken)
        }
        waiting[unit] = name
        // Beside those who share it, before one who wants it alone.
        if locks[name].queue[0].unit == unit, let granted = locks[name].grant().first {
            if granted.isNew { held[unit, default: []].append(name) }
            waiting[unit] = nil
            return .granted
        }
        let deadlocks = deadlocks(through: unit, work: work)
        return deadlocks.isEmpty ? .waiting : .deadlocked(deadlocks)
    }

    /// Gives back all that a unit holds or waits for.
    ///
    /// - Returns: the units whose request is granted by this.
    mutating func release(_ unit: UnitID) -> [UnitID] {
        var touched = held.removeValue(forKey: unit) ?? []
        if let name = waiting.removeValue(forKey: unit), !touched.contains(name) { touched.append(name) }
        return touched.flatMap { give($0, of: unit) }
    }

    /// Gives back one lock before the unit's end: one that protects nothing that it has read or written.
    mutating func release(_ name: LockName, of unit: UnitID) -> [UnitID] {
        guard let index = held[unit]?.lastIndex(of: name) else { return [] }
        held[unit]?.remove(at: index)
        if held[unit]?.isEmpty == true { held[unit] = nil }
        return give(name, of: unit)
    }

    /// Takes back the request that a unit waits for, and keeps what it holds.
    mutating func withdraw(_ unit: UnitID) -> [UnitID] {
        guard let name = waiting.removeValue(forKey: unit) else { return [] }
        return give(name, of: unit, keepsHold: true)
    }

    /// Takes a unit out of a lock, whose name stands in none of the unit's lists any more.
    private mutating func give(_ name: LockName, of unit: UnitID, keepsHold: Bool = false) -> [UnitID] {
        let granted = locks[name].giveUp(unit, keepsHold: keepsHold)
        for other in granted {
            if other.isNew { held[other.unit, default: []].append(name) }
            waiting[other.unit] = nil
        }
        return granted.map(\.unit)
    }

    // MARK: Looking

    /// What a unit waits for, and those who hold it.
    func wait(of unit: UnitID) -> (name: LockName, holders: [UnitID])? {
        guard let name = waiting[unit] else { return nil }
        return (name, locks[name].holders.map(\.unit).filter { $0 != unit }.sorted())
    }

    func mode(of name: LockName, for unit: UnitID) -> LockMode? { locks[name].mode(of: unit) }

    /// Those who hold a lock.
    func holders(of name: LockName) -> [UnitID] { locks[name].holders.map(\.unit).sorted() }

    /// Who gets a lock next; nil if nobody waits for it.
    func firstWaiter(for name: LockName) -> UnitID? { locks[name].queue.first?.unit }

    /// Whether nobody holds or waits for anything.
    var isEmpty: Bool { locks.isEmpty && held.isEmpty && waiting.isEmpty }

    /// Those that a waiting unit waits for: holders that don't agree with it, and those before it in the queue that
    /// don't.
    func blockers(of unit: UnitID) -> [UnitID] {
        guard let name = waiting[unit] else { return [] }
        let lock = locks[name]
        guard let position = lock.queue.firstIndex(where: { $0.unit == unit }) else { return [] }
        let mode = lock.queue[position].mode
        var found: Set<UnitID> = []
        for holder in lock.holders where holder.unit != unit && !holder.mode.agrees(with: mode) {
            found.insert(holder.unit)
        }
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
        if let name = waiting[unit], locks[name].queue.last?.unit != unit { return true }
        return held[unit]?.contains { !locks[$0].queue.isEmpty } ?? false
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
