import Testing

@testable import Transactions

@Suite struct CacheVersionsTests {
    @Test("I3: what keys held before changes is told by a model that forgets nothing") func model() {
        for seed in UInt64(1)...200 {
            var cache = RandomCache(seed: seed)
            var versions = CacheVersions()
            /// Each change so far, with what the key held before it; nil when that is not known.
            var changes: [(number: UInt64, key: CacheKey, before: CacheEntry?)] = []
            var oldest: UInt64?
            /// Nobody asks for what was before: snapshots are opened at the latest number.
            var floor: UInt64 = 0
            for number in UInt64(1)...120 {
                let key = cache.keys[cache.pick(0...3)]
                let before: CacheEntry? =
                    cache.chance(0.2) ? nil : CacheEntry(content: .string(cache.bytes(99)), expiresAt: nil)
                versions.keep(before, of: key, upTo: number - 1)
                // A change that is made again after a loss says nothing new.
                if cache.chance(0.2) { versions.keep(.absent, of: key, upTo: number - 1) }
                changes.append((number, key, before))
                if cache.chance(0.1) {
                    floor = max(floor, number - UInt64(cache.pick(0...Int(min(number, 20)))))
                    oldest = cache.chance(0.2) ? nil : floor
                    versions.forget(before: oldest)
                    if oldest == nil { (changes, floor) = ([], number) }
                }
                for asked in floor...number {
                    for key in cache.keys {
                        let next = changes.first { $0.key == key && $0.number > asked }
                        let wanted: CacheVersions.Content =
                            next.map { $0.before.map { .known($0) } ?? .unknown } ?? .unchanged
                        #expect(versions.content(of: key, at: asked) == wanted, "seed \(seed), \(key) at \(asked)")
                    }
                }
            }
            versions.forget(before: nil)
            #expect(versions.isEmpty)
        }
    }
}
