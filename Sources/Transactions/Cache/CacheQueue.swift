/// The decided units whose changes Redis does not have yet, in the order of their numbers, as a pure value. One for
/// each slot of Redis.
///
/// Reads through Trivet see these changes as if Redis had them (the overlay). While snapshots of an older number are
/// open, it keeps what keys held before a change, for as long as one of them may ask.
struct CacheQueue {
    struct Pending: Hashable {
        var number: UInt64
        /// The number that Redis must have before this one.
        var predecessor: UInt64
        var writes: CacheWriteSet
    }

    /// What a key held up to and with a number.
    private struct Version {
        var lastNumber: UInt64
        var entry: CacheEntry
    }

    private(set) var pending: [Pending] = []
    /// The last number that Redis is known to have.
    private(set) var applied: UInt64
    /// The last number handed in, applied or not.
    private(set) var lastWritten: UInt64
    /// How many of `pending`, from the front, have been sent and not answered.
    private(set) var sent = 0
    private var versions: [CacheKey: [Version]] = [:]
    /// The last number before which a key's content is not known: the answer that held it was lost.
    private var unknownBefore: [CacheKey: UInt64] = [:]
    /// Keys that Redis refuses to change, and why.
    private(set) var quarantined: [CacheKey: String] = [:]

    init(applied: UInt64) {
        self.applied = applied
        lastWritten = applied
    }

    var isIdle: Bool { pending.isEmpty }

    // MARK: Writing

    /// Takes in a decided unit.
    mutating func append(_ writes: CacheWriteSet, number: UInt64) {
        pending.append(Pending(number: number, predecessor: lastWritten, writes: writes))
        lastWritten = number
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
        return batch
    }

    /// Redis has what was sent.
    ///
    /// - Parameters:
    ///   - former: what the batch's keys held before, as Redis said in the same step; nil when it didn't say, having had the batch already. Kept for the open
    ///     snapshots.
    ///   - oldestSnapshot: the number of the oldest open snapshot; nil if there is none.
    /// - Returns: the numbers that are in Redis now.
    mutating func confirm(former: [CacheKey: CacheEntry]?, oldestSnapshot: UInt64?) -> [UInt64] {
        let done = pending.prefix(sent)
        guard let last = done.last?.number else { return [] }
        if let oldestSnapshot {
            for unit in done where unit.number > oldestSnapshot {
                for key in unit.writes.keys {
                    if let former {
                        keep(former[key] ?? .absent, of: key, upTo: unit.number - 1, in: done)
                    } else {
                        unknownBefore[key] = unit.number
                    }
                }
            }
        }
        let numbers = done.map(\.number)
        pending.removeFirst(sent)
        sent = 0
        applied = last
        return numbers
    }

    /// Keeps what a key held before the unit after `number`: Redis's content before the batch, with the batch's earlier
    /// units on it.
    private mutating func keep(
        _ former: CacheEntry, of key: CacheKey, upTo number: UInt64, in batch: ArraySlice<Pending>
    ) {
        var entry = former
        for unit in batch where unit.number <= number { entry.applyAll(unit.writes.effects[key] ?? []) }
        versions[key, default: []].append(Version(lastNumber: number, entry: entry))
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
    mutating func restart(from marker: UInt64, with lost: [(number: UInt64, writes: CacheWriteSet)]) {
        let known = Set(pending.map(\.number))
        var all = lost.filter { !known.contains($0.number) && $0.number > marker }.map { unit in
            Pending(number: unit.number, predecessor: 0, writes: unit.writes)
        }
        all += pending.filter { $0.number > marker }
        all.sort { $0.number < $1.number }
        var predecessor = marker
        for index in all.indices {
            all[index].predecessor = predecessor
            predecessor = all[index].number
        }
        pending = all
        applied = marker
        lastWritten = max(predecessor, lastWritten)
        sent = 0
    }

    // MARK: Reading

    /// Changes that a read at `number` must see and Redis may not have yet, in order. Applying them to what Redis
    /// answers is right whether they arrived meanwhile or not.
    func overlay(of key: CacheKey, upTo number: UInt64 = .max) -> [CacheEffect] {
        pending.reduce(into: []) { effects, unit in
            if unit.number <= number { effects += unit.writes.effects[key] ?? [] }
        }
    }

    /// Whether Redis's content of a key may be newer than `number`; ask after the answer has come.
    func mayBeNewer(_ key: CacheKey, than number: UInt64) -> Newness {
        if let limit = unknownBefore[key], number < limit { return .lost }
        if let version = versions[key]?.first(where: { $0.lastNumber >= number }) { return .kept(version.entry) }
        if pending.prefix(sent).contains(where: { $0.number > number && $0.writes.effects[key] != nil }) {
            return .underWay
        }
        return .no
    }

    enum Newness: Equatable {
        /// Redis's answer, with the overlay, is right.
        case no
        /// A newer change is on its way: ask again when it is confirmed.
        case underWay
        /// This was the content at that number.
        case kept(CacheEntry)
        /// A newer change was made and what it replaced is not known.
        case lost
    }

    /// Forgets what no open snapshot can ask for.
    mutating func forget(before oldestSnapshot: UInt64?) {
        guard let oldestSnapshot else {
            versions = [:]
            unknownBefore = [:]
            return
        }
        for (key, kept) in versions {
            let rest = kept.filter { $0.lastNumber >= oldestSnapshot }
            versions[key] = rest.isEmpty ? nil : rest
        }
        unknownBefore = unknownBefore.filter { $0.value > oldestSnapshot }
    }
}

/// Changes to send to Redis in one atomic step.
struct CacheBatch: Hashable, Sendable {
    var predecessor: UInt64
    var number: UInt64
    var writes: CacheWriteSet
}

extension CacheEntry {
    /// Applies changes; those that don't fit the content's type are the ones that Redis refuses too.
    mutating func applyAll(_ effects: [CacheEffect]) {
        for effect in effects { try? apply(effect) }
    }
}
