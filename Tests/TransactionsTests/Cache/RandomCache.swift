import Measurement

@testable import Transactions

/// Changes of Redis as units make them, by chance.
struct RandomCache {
    var random: SplitMix64
    let keys = (0..<4).map { CacheKey("k\($0)") }

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func chance(_ rate: Double) -> Bool { Double.random(in: 0..<1, using: &random) < rate }

    mutating func bytes(_ most: Int = 3) -> Bytes { Bytes("\(pick(0...most))".utf8) }

    mutating func effect() -> CacheEffect {
        let moment: Int64? = chance(0.5) ? Int64(pick(1...9)) : nil
        switch pick(0...8) {
        case 0: return .set(bytes(), expiresAt: moment)
        case 1: return .delete
        case 2: return .setFields((0...pick(0...1)).map { _ in CacheField(name: bytes(), value: bytes()) })
        case 3: return .removeFields([bytes(), bytes()])
        case 4: return .addMembers([bytes()])
        case 5: return .removeMembers([bytes(), bytes()])
        case 6: return .setScores([CacheScore(member: bytes(), score: Double(pick(0...3)))])
        case 7: return .removeScored([bytes(), bytes()])
        default: return .expire(at: moment)
        }
    }

    /// The changes of a unit, which sees `state` and changes it. As the coordinator does it, a change that makes a key
    /// of a type says so outright, and none meets another type.
    mutating func writes(on state: inout [CacheKey: CacheEntry]) -> CacheWriteSet {
        var writes = CacheWriteSet()
        for _ in 0...pick(0...3) {
            let key = keys[pick(0...(keys.count - 1))]
            let effect = effect()
            var entry = state[key] ?? .absent
            let type = entry.content.typeName
            if let needed = effect.neededType, type != needed, type != "none" { continue }
            if effect.neededType != nil, type == "none" { writes.add(.delete, to: key) }
            writes.add(effect, to: key)
            entry.applyAll([effect])
            state[key] = entry == .absent ? nil : entry
        }
        return writes
    }
}

extension CacheWriteSet {
    /// What keys hold with these changes.
    func applied(to state: [CacheKey: CacheEntry]) -> [CacheKey: CacheEntry] {
        var state = state
        for key in keys {
            var entry = state[key] ?? .absent
            entry.applyAll(effects[key] ?? [])
            state[key] = entry == .absent ? nil : entry
        }
        return state
    }
}
