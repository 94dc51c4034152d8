import Testing

@testable import Transactions

/// The queue of changes for Redis against a model that remembers every state there ever was.
@Suite struct CacheQueueTests {
    @Test("I3, I5: whatever gets lost on the way, units and snapshots read what was true, and Redis ends up with it")
    func model() {
        var tally: [String: Int] = [:]
        for seed in UInt64(1)...400 {
            var run = CacheQueueRun(seed: seed)
            for step in 1...150 {
                if let wrong = run.step() {
                    Issue.record("seed \(seed), step \(step): \(wrong)")
                    return
                }
            }
            if let wrong = run.finish() {
                Issue.record("seed \(seed), at the end: \(wrong)")
                return
            }
            tally.merge(run.tally) { $0 + $1 }
        }
        for name in ["applied", "had", "behind", "kept", "overlaid", "under way", "not known"] {
            #expect(tally[name, default: 0] > 100, "hardly ever: \(name)")
        }
    }

    @Test("A batch has whole units, and no more keys than it may unless one unit has them") func batches() {
        var queue = CacheQueue(applied: 4)
        func writes(_ keys: Int...) -> CacheWriteSet {
            var writes = CacheWriteSet()
            for key in keys { writes.add(.delete, to: CacheKey("k\(key)")) }
            return writes
        }
        queue.append(writes(1, 2, 3), number: 5)
        queue.append(writes(1), number: 7)
        queue.append(writes(2), number: 8)
        let first = queue.next(limit: 2)
        #expect(first?.predecessor == 4 && first?.number == 5 && first?.writes.keys.count == 3)
        #expect(queue.next(limit: 2) == nil)
        queue.confirm(former: [:], oldestSnapshot: nil)
        let second = queue.next(limit: 2)
        #expect(second?.predecessor == 5 && second?.number == 8)
        queue.confirm(former: [:], oldestSnapshot: nil)
        #expect(queue.isIdle && queue.applied == 8 && queue.next(limit: 2) == nil)
    }

    @Test("A unit that a restart has read from the journal before it was handed in is not sent twice") func twice() {
        var queue = CacheQueue(applied: 0)
        var writes = CacheWriteSet()
        writes.add(.set([1], expiresAt: nil), to: "k")
        queue.restart(from: 0, with: [(1, writes)], oldestSnapshot: nil)
        queue.append(writes, number: 1)
        #expect(queue.pending.map(\.number) == [1])
    }
}

/// A queue, its Redis, and open snapshots.
private struct CacheQueueRun {
    private var cache: RandomCache
    private var queue = CacheQueue(applied: 0)
    /// What is true, by number.
    private var states: [[CacheKey: CacheEntry]] = [[:]]
    private var units: [(number: UInt64, writes: CacheWriteSet)] = []
    private var server = 0
    private var serverState: [CacheKey: CacheEntry] = [:]
    /// What the server may fall back to.
    private var saved: [(number: Int, state: [CacheKey: CacheEntry])] = [(0, [:])]
    private var snapshots: [Int] = []
    private var hasLost = false
    private(set) var tally: [String: Int] = [:]

    init(seed: UInt64) {
        cache = RandomCache(seed: seed)
    }

    private var last: Int { states.count - 1 }

    mutating func step() -> String? {
        switch cache.pick(0...9) {
        case 0, 1, 2: write()
        case 3, 4: return send(arrives: cache.chance(0.8), answers: cache.chance(0.7))
        case 5: snapshots.append(last)
        case 6: closeSnapshot()
        case 7 where cache.chance(0.3): lose()
        // Asked for by a reader that found out late: Redis may have taken since what nobody was told of.
        case 8 where cache.chance(0.1): restart()
        default: break
        }
        return readLatest() ?? readSnapshots()
    }

    mutating func finish() -> String? {
        if server < queue.applied { restart() }
        for _ in 0..<1_000 where !queue.isIdle {
            if let wrong = send(arrives: true, answers: true) { return wrong }
        }
        if !queue.isIdle { return "it does not come to an end" }
        return serverState == states[last] ? nil : "Redis holds \(serverState), and should hold \(states[last])"
    }

    // MARK: Changes

    private mutating func write() {
        var state = states[last]
        let writes = cache.writes(on: &state)
        states.append(state)
        guard !writes.isEmpty else { return }
        units.append((UInt64(last), writes))
        queue.append(writes, number: UInt64(last))
    }

    private mutating func send(arrives: Bool, answers: Bool) -> String? {
        guard let batch = queue.next(limit: cache.pick(1...8)) else { return nil }
        guard arrives else {
            queue.sendAgain()
            return nil
        }
        let oldest = snapshots.min().map { UInt64($0) }
        if server < batch.predecessor {
            // Redis tells, or a reader finds it out: what the journal has is taken from there.
            if answers { restart() } else { queue.sendAgain() }
            return nil
        }
        if server > batch.predecessor {
            if answers {
                queue.confirm(upTo: UInt64(server), oldestSnapshot: oldest)
                tally["had", default: 0] += 1
            } else {
                queue.sendAgain()
            }
            return nil
        }
        let former = Dictionary(uniqueKeysWithValues: batch.writes.keys.map { ($0, serverState[$0] ?? .absent) })
        serverState = batch.writes.applied(to: serverState)
        server = Int(batch.number)
        saved.append((server, serverState))
        if answers {
            queue.confirm(former: former, oldestSnapshot: oldest)
            tally["applied", default: 0] += 1
        } else {
            hasLost = true
            queue.sendAgain()
        }
        return serverState == states[server] ? nil : "at \(server) Redis holds \(serverState), not \(states[server])"
    }

    private mutating func lose() {
        let place = cache.pick(max(0, saved.count - 4)...(saved.count - 1))
        (server, serverState) = saved[place]
        saved.removeSubrange((place + 1)...)
        hasLost = true
    }

    private mutating func restart() {
        queue.restart(
            from: UInt64(server), with: units.filter { $0.number > UInt64(server) },
            oldestSnapshot: snapshots.min().map { UInt64($0) })
        tally["behind", default: 0] += 1
    }

    private mutating func closeSnapshot() {
        guard !snapshots.isEmpty else { return }
        snapshots.remove(at: cache.pick(0...(snapshots.count - 1)))
        queue.forget(before: snapshots.min().map { UInt64($0) })
    }

    // MARK: Reads

    /// What Redis and the overlay say. A Redis that has lost something refuses to answer.
    private func read(_ key: CacheKey, upTo number: UInt64 = .max) -> CacheEntry? {
        guard server >= queue.applied else { return nil }
        var entry = serverState[key] ?? .absent
        entry.applyAll(queue.overlay(of: key, upTo: number))
        return entry
    }

    private mutating func readLatest() -> String? {
        for key in cache.keys {
            guard let found = read(key) else { continue }
            let wanted = states[last][key] ?? .absent
            if !queue.overlay(of: key).isEmpty { tally["overlaid", default: 0] += 1 }
            if found != wanted { return "\(key) reads as \(found), and should as \(wanted)" }
            guard let type = queue.typeLeft(of: key), type != CacheEffect.unknownType else { continue }
            if wanted.content.typeName != type { return "\(key) is said to be a \(type), and is \(wanted)" }
        }
        return nil
    }

    private mutating func readSnapshots() -> String? {
        for number in snapshots {
            for key in cache.keys {
                let wanted = states[number][key] ?? .absent
                switch queue.mayBeNewer(key, than: UInt64(number)) {
                case .kept(let entry):
                    tally["kept", default: 0] += 1
                    if entry != wanted { return "at \(number) \(key) was kept as \(entry), and held \(wanted)" }
                case .no:
                    guard let found = read(key, upTo: UInt64(number)) else { continue }
                    if found != wanted { return "at \(number) \(key) reads as \(found), and held \(wanted)" }
                case .underWay:
                    tally["under way", default: 0] += 1
                    if UInt64(number) >= queue.attempted { return "nothing after \(number) was sent" }
                case .lost:
                    tally["not known", default: 0] += 1
                    if !hasLost { return "at \(number) \(key) is not known, and nothing was lost" }
                }
            }
        }
        return nil
    }
}

extension CacheQueue {
    /// Takes in a unit that is decided.
    mutating func append(_ writes: CacheWriteSet, number: UInt64) {
        seal(writes, number: number)
        decide()
    }
}
