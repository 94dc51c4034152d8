import Testing

@testable import Transactions

@Suite struct CacheEffectTests {
    @Test("I3: changes on top of a content that has some of them already lead to the same as on what was before")
    func overlays() {
        for seed in UInt64(1)...3_000 {
            var cache = RandomCache(seed: seed)
            var states: [[CacheKey: CacheEntry]] = [[:]]
            var units: [CacheWriteSet] = []
            for _ in 1...8 {
                var state = states[states.count - 1]
                units.append(cache.writes(on: &state))
                states.append(state)
            }
            for first in 0..<units.count {
                for seen in first...units.count {
                    let found = units[first...].reduce(states[seen]) { $1.applied(to: $0) }
                    guard found == states[units.count] else {
                        Issue.record("seed \(seed): from \(first) on \(seen): \(found), not \(states[units.count])")
                        return
                    }
                }
            }
        }
    }

    @Test("A unit's changes are the same as one by one, whatever is left out since it doesn't matter any more")
    func writeSets() {
        for seed in UInt64(1)...2_000 {
            var cache = RandomCache(seed: seed)
            var state: [CacheKey: CacheEntry] = [:]
            _ = cache.writes(on: &state)
            let before = state
            let writes = cache.writes(on: &state)
            #expect(writes.applied(to: before) == state)
            for key in writes.keys {
                if writes.replacesAll(of: key) { #expect(writes.applied(to: [:])[key] == state[key]) }
                guard let type = writes.typeLeft(of: key), type != CacheEffect.unknownType else { continue }
                #expect((state[key] ?? .absent).content.typeName == type)
            }
        }
    }

    @Test("What the journal holds of a unit is read as it was written (I1)") func journal() throws {
        for seed in UInt64(1)...500 {
            var cache = RandomCache(seed: seed)
            let bytes: [Bytes] = [[], [0, 255, 128], Bytes("é\"\n".utf8)]
            let scores: [Double] = [
                0, -0.0, 0.1, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
            ]
            var writes = [CacheWrite(key: bytes[cache.pick(0...2)], effects: (0...5).map { _ in cache.effect() })]
            writes.append(
                CacheWrite(
                    key: [],
                    effects: [
                        .set(bytes[cache.pick(0...2)], expiresAt: Int64(cache.pick(1...Int.max))), .addMembers(bytes),
                        .setScores(scores.map { CacheScore(member: bytes[1], score: $0) }), .setFields([]),
                        .removeFields([]),
                    ]))
            #expect(try JournalCodec.decodeCache(JournalCodec.encode(writes)) == writes)
        }
        #expect(try JournalCodec.encode([CacheWrite]()) == nil && JournalCodec.decodeCache(nil).isEmpty)
    }

    @Test("A write set and its rows in the journal are the same") func rows() {
        for seed in UInt64(1)...500 {
            var cache = RandomCache(seed: seed)
            var state: [CacheKey: CacheEntry] = [:]
            let writes = cache.writes(on: &state)
            #expect(CacheWriteSet(writes.writes) == writes)
        }
    }
}
