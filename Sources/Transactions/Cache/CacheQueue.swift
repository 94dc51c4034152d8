/// The decided units whose changes Redis does not have yet, in the order of their numbers, and the sealed ones that come
/// after them, as a pure value. One for each slot of Redis.
///
/// Reads through Trivet see these changes as if Redis had them (the overlay). While snapshots of an older number are
/// open, it keeps what keys held before a change, for as long as one of them may ask.
///
/// However long the queue is, a question about a key costs what that key's own changes cost.
struct CacheQueue {
    struct Pending: Hashable {
        var number: UInt64
        /// The number that Redis must have before this one.
        var predecessor: UInt64
        var writes: CacheWriteSet
    }

    /// One unit's changes of one key.
    private struct Change {
        var number: UInt64
        var effects: [CacheEffect]
    }

    private(set) var pending: [Pending] = []
    /// Sealed units that are not decided yet: other units see their changes, and nobody else.
    private(set) var sealed: [Pending] = []
    /// The last number that Redis is known to have.
    private(set) var applied: UInt64
    /// The last number handed in, applied or not.
    private(set) var lastWritten: UInt64
    /// How many of `pending`, from the front, have been sent and not answered.
    private(set) var sent = 0
    /// The last number that was ever sent. Without an answer nobody knows whether Redis has it.
    private(set) var attempted: UInt64
    /// How often Redis had to be brought on from an earlier number.
    private(set) var restarts = 0
    /// Keys that Redis refuses to change, and why.
    private(set) var quarantined: [CacheKey: String] = [:]
    /// The changes in `pending`, by key, in the order of their numbers.
    private var changes: [CacheKey: [Change]] = [:]
    private var versions = CacheVersions()

    init(applied: UInt64) {
        self.applied = applied
        lastWritten = applied
        attempted = applied
    }

    var isIdle: Bool { pending.isEmpty }

    /// What a read has to know of the moment at which it looked at the changes that wait: what is not among them is in
    /// a Redis that has `applied`.
    struct ReadPoint {
        var applied: UInt64
        var restarts: Int
    }

    var readPoint: ReadPoint { ReadPoint(applied: applied, restarts: restarts) }

    // MARK: Writing

    /// Takes in a sealed unit, which has the number if its group is decided.
    mutating func seal(_ writes: CacheWriteSet, number: UInt64) {
        sealed.append(Pending(number: number, predecessor: 0, writes: writes))
        index(writes, number)
    }

    /// The sealed units are decided. A restart may have read them from the journal already.
    mutating func decide() {
        for var unit in sealed where unit.number > lastWritten {
            unit.predecessor = lastWritten
            lastWritten = unit.number
            pending.append(unit)
        }
        sealed = []
    }

    /// The sealed units are not decided, and never will be.
    mutating func withdraw() {
        guard let first = sealed.first?.number else { return }
        for key in Set(sealed.flatMap(\.writes.keys)) {
            let rest = changes[key]?.prefix { $0.number < first } ?? []
            changes[key] = rest.isEmpty ? nil : Array(rest)
        }
        sealed = []
    }

    private mutating func index(_ writes: CacheWriteSet, _ number: UInt64) {
        for key in writes.keys {
            changes[key, default: []].append(Change(number: number, effects: writes.effects[key] ?? []))
        }
    }

    /// What to send next, all in one step; nil when there is nothing, or an answer is outstanding.
    ///
    /// - Parameter limit: the most changed keys in one step, unless one unit alone has more.
    mutating func next(limit: Int) -> CacheBatch? {
        guard sent == 0, let first = pending.first else { return nil }
        var count = 0
        var keys = 0
        var batch = CacheBatch(predecessor: first.predecessor, number: first.number, writes: CacheWriteSet())
        for unit in pending {
            keys += unit.writes.keys.count
            if count > 0, keys > limit { break }
            for key in unit.writes.keys where quarantined[key] == nil {
                for effect in unit.writes.effects[key] ?? [] { batch.writes.add(effect, to: key) }
            }
            batch.number = unit.number
            count += 1
        }
        sent = count
        attempted = max(attempted, batch.number)
        return batch
    }

    /// Redis has taken what was sent.
    ///
    /// - Parameters:
    ///   - former: what the batch's keys held before, as Redis said in the same step. Kept for the open snapshots.
    ///   - oldestSnapshot: the number of the oldest open snapshot; nil if there is none.
    mutating func confirm(former: [CacheKey: CacheEntry], oldestSnapshot: UInt64?) {
        guard sent > 0 else { return }
        let last = pending[sent - 1].number
        take(sent, former: former, oldestSnapshot: oldestSnapshot)
        applied = last
    }

    /// Redis had everything up to a number already, when more was sent, and has taken nothing: an earlier attempt
    /// arrived without an answer, so what the keys held before is not known.
    mutating func confirm(upTo marker: UInt64, oldestSnapshot: UInt64?) {
        take(pending.prefix { $0.number <= marker }.count, former: [:], oldestSnapshot: oldestSnapshot)
        if !pending.isEmpty { pending[0].predecessor = marker }
        lastWritten = max(lastWritten, marker)
        applied = marker
    }

    /// Takes the first ones out.
    private mutating func take(_ count: Int, former: [CacheKey: CacheEntry], oldestSnapshot: UInt64?) {
        let done = pending.prefix(count)
        var contents = former
        for unit in done {
            for key in unit.writes.keys {
                if let oldestSnapshot, unit.number > oldestSnapshot {
                    versions.keep(contents[key], of: key, upTo: unit.number - 1)
                }
                contents[key]?.applyAll(unit.writes.effects[key] ?? [])
            }
        }
        if let last = done.last?.number {
            for key in Set(done.flatMap(\.writes.keys)) {
                let rest = changes[key]?.drop { $0.number <= last } ?? []
                changes[key] = rest.isEmpty ? nil : Array(rest)
            }
        }
        pending.removeFirst(count)
        sent = 0
    }

    /// What was sent did not arrive, or nobody knows: it is sent again, which is harmless.
    mutating func sendAgain() {
        sent = 0
    }

    /// Redis refuses to change a key, for good: it is left out from now on, so that it doesn't hold up the others.
    mutating func quarantine(_ key: CacheKey, reason: String) {
        quarantined[key] = reason
        sent = 0
    }

    mutating func release(_ key: CacheKey) {
        quarantined[key] = nil
    }

    /// Redis has lost what it had after `marker`: these units, read from the journal, come before all that wait.
    ///
    /// - Parameter oldestSnapshot: the number of the oldest open snapshot; nil if there is none.
    mutating func restart(
        from marker: UInt64, with lost: [(number: UInt64, writes: CacheWriteSet)], oldestSnapshot: UInt64?
    ) {
        // Redis has taken these without an answer that told what was there before.
        take(pending.prefix { $0.number <= marker }.count, former: [:], oldestSnapshot: oldestSnapshot)
        let known = Set(pending.map(\.number))
        var all = lost.filter { !known.contains($0.number) && $0.number > marker }.map { unit in
            Pending(number: unit.number, predecessor: 0, writes: unit.writes)
        }
        all += pending
        all.sort { $0.number < $1.number }
        var predecessor = marker
        changes = [:]
        for position in all.indices {
            all[position].predecessor = predecessor
            predecessor = all[position].number
            index(all[position].writes, predecessor)
        }
        for unit in sealed where unit.number > predecessor { index(unit.writes, unit.number) }
        pending = all
        applied = marker
        lastWritten = max(predecessor, lastWritten)
        sent = 0
        restarts += 1
    }

    // MARK: Reading

    /// The changes that wait and are decided, for a read that is no unit's.
    func decidedOverlay(of key: CacheKey, upTo number: UInt64) -> [CacheEffect] {
        overlay(of: key, upTo: min(number, sealed.first.map { $0.number - 1 } ?? .max))
    }

    /// Whether changes of a key wait.
    func hasChanges(of key: CacheKey) -> Bool { changes[key] != nil }

    /// The type that the last waiting change of a key leaves, or needs; nil if none waits, or none tells.
    func typeLeft(of key: CacheKey) -> String? {
        guard let changes = changes[key] else { return nil }
        for change in changes.reversed() {
            if let type = CacheEffect.typeLeft(by: change.effects) { return type }
        }
        return nil
    }

    /// Changes that a read at `number` must see and Redis may not have yet, in order. Applying them to what Redis
    /// answers is right whether they arrived meanwhile or not.
    ///
    /// - Parameter number: `.max` for a unit, which sees those of sealed ones too.
    func overlay(of key: CacheKey, upTo number: UInt64 = .max) -> [CacheEffect] {
        guard let changes = changes[key] else { return [] }
        let end = number == .max ? changes.endIndex : changes.partitioningIndex { $0.number > number }
        // What comes before a change of the whole content does not matter.
        let start = changes[..<end].lastIndex { $0.effects.first?.replacesAll == true } ?? changes.startIndex
        return changes[start..<end].flatMap(\.effects)
    }

    /// Whether Redis's content of a key may be newer than `number`; ask after the answer has come.
    func mayBeNewer(_ key: CacheKey, than number: UInt64) -> Newness {
        switch versions.content(of: key, at: number) {
        case .known(let entry): return .kept(entry)
        case .unknown: return .lost
        case .unchanged: break
        }
        guard let changes = changes[key] else { return .no }
        let next = changes.partitioningIndex { $0.number > number }
        return next < changes.endIndex && changes[next].number <= attempted ? .underWay : .no
    }

    /// Whether a key was changed after `number`, which is that of an open snapshot.
    func hasChanged(_ key: CacheKey, since number: UInt64) -> Bool {
        if let last = changes[key]?.last, last.number > number { return true }
        return versions.content(of: key, at: number) != .unchanged
    }

    enum Newness: Equatable {
        /// Redis's answer, with the overlay, is right.
        case no
        /// A newer change is on its way, or may have arrived: ask again when it is confirmed.
        case underWay
        /// This was the content at that number.
        case kept(CacheEntry)
        /// A newer change was made and what it replaced is not known.
        case lost
    }

    /// Forgets what no open snapshot can ask for.
    mutating func forget(before oldestSnapshot: UInt64?) {
        versions.forget(before: oldestSnapshot)
    }
}

/// Changes to send to Redis in one atomic step.
struct CacheBatch: Hashable, Sendable {
    var predecessor: UInt64
    var number: UInt64
    var writes: CacheWriteSet
    /// Whether somebody may ask for what the keys hold before.
    var wantsFormer = false
}

extension CacheEntry {
    /// Applies changes; those that don't fit the content's type are the ones that Redis refuses too.
    mutating func applyAll(_ effects: [CacheEffect]) {
        for effect in effects { try? apply(effect) }
    }
}

extension RandomAccessCollection {
    /// The first position whose element fulfils the condition, where all after it do and none before it does.
    func partitioningIndex(where isAfter: (Element) -> Bool) -> Index {
        var low = startIndex
        var count = count
        while count > 0 {
            let middle = index(low, offsetBy: count / 2)
            if isAfter(self[middle]) {
                count /= 2
            } else {
                low = index(after: middle)
                count -= count / 2 + 1
            }
        }
        return low
    }
}
