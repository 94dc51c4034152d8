/// The changes of one unit to Redis, key by key in the order in which they were made.
struct CacheWriteSet: Hashable, Sendable {
    private(set) var effects: [CacheKey: [CacheEffect]] = [:]
    /// Keys in the order of their first change.
    private(set) var keys: [CacheKey] = []

    var isEmpty: Bool { keys.isEmpty }

    mutating func add(_ effect: CacheEffect, to key: CacheKey) {
        if effects[key] == nil { keys.append(key) }
        if effect.replacesAll {
            effects[key] = [effect]
        } else {
            effects[key, default: []].append(effect)
        }
    }

    /// Whether the key's content follows from the changes alone.
    func replacesAll(of key: CacheKey) -> Bool { effects[key]?.first?.replacesAll == true }

    /// The type that the changes of a key leave, or need; nil if they don't tell.
    func typeLeft(of key: CacheKey) -> String? { effects[key].flatMap(CacheEffect.typeLeft(by:)) }

    /// All changes, for the journal.
    var writes: [CacheWrite] {
        keys.map { CacheWrite(key: $0.bytes, effects: effects[$0] ?? []) }
    }

    init() {}

    init(_ writes: [CacheWrite]) {
        for write in writes {
            for effect in write.effects { add(effect, to: CacheKey(bytes: write.key)) }
        }
    }
}

/// The changes to one key.
struct CacheWrite: Hashable, Sendable {
    var key: Bytes
    var effects: [CacheEffect]
}
