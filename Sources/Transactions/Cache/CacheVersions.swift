/// What keys of Redis held before changes, for the open snapshots, which are older than those changes.
struct CacheVersions {
    private struct Version {
        /// The last number at which the key held this.
        var lastNumber: UInt64
        /// Nil when it is not known: the answer that told it was lost.
        var entry: CacheEntry?
    }

    /// By key, in the order of their numbers.
    private var versions: [CacheKey: [Version]] = [:]
    /// All of them, oldest first, to forget without a look at the rest.
    private var order: [(lastNumber: UInt64, key: CacheKey)] = []
    private var forgotten = 0

    /// Takes in what a key held up to a number, before its next change.
    mutating func keep(_ entry: CacheEntry?, of key: CacheKey, upTo number: UInt64) {
        // Changes that are made again after a loss: the first time told what was there before.
        if let last = versions[key]?.last, last.lastNumber >= number { return }
        versions[key, default: []].append(Version(lastNumber: number, entry: entry))
        order.append((number, key))
    }

    enum Content: Equatable {
        /// No change after the number is known here.
        case unchanged
        case known(CacheEntry)
        case unknown
    }

    /// What a key held at a number.
    func content(of key: CacheKey, at number: UInt64) -> Content {
        guard let kept = versions[key] else { return .unchanged }
        let next = kept.partitioningIndex { $0.lastNumber >= number }
        guard next < kept.endIndex else { return .unchanged }
        return kept[next].entry.map { .known($0) } ?? .unknown
    }

    /// Forgets what nobody older than `number` can ask for; everything when it is nil.
    mutating func forget(before number: UInt64?) {
        guard let number else {
            if !order.isEmpty { self = CacheVersions() }
            return
        }
        while forgotten < order.count, order[forgotten].lastNumber < number {
            let key = order[forgotten].key
            let rest = versions[key]?.drop { $0.lastNumber < number } ?? []
            versions[key] = rest.isEmpty ? nil : Array(rest)
            forgotten += 1
        }
        if forgotten > 1_000, forgotten > order.count / 2 {
            order.removeFirst(forgotten)
            forgotten = 0
        }
    }

    var isEmpty: Bool { versions.isEmpty }
}
