import Testing

@testable import Measurement

@Suite("M4: many questions at once")
struct HolmTests {
    @Test("M4: adjusted probabilities of known ones")
    func known() {
        // By Holm's definition in numpy: in ascending order the running maximum of min(1, p (m − i)).
        #expect(
            zip(Holm.adjusted([0.01, 0.04, 0.03, 0.005, 0.2]), [0.04, 0.09, 0.09, 0.025, 0.2]).allSatisfy {
                isClose($0, $1)
            })
        #expect(zip(Holm.adjusted([0.02, 0.02, 0.02]), [0.06, 0.06, 0.06]).allSatisfy { isClose($0, $1) })
        #expect(Holm.adjusted([0.6, 0.7]) == [1, 1])
        #expect(Holm.adjusted([0.3]) == [0.3])
        #expect(Holm.adjusted([]) == [])
    }

    @Test("M4: never smaller than before, never in another order", arguments: 1...20 as ClosedRange<UInt64>)
    func monotone(seed: UInt64) {
        var samples = Samples(seed: seed)
        let p = samples.many(12) { $0.uniform() * $0.uniform() * $0.uniform() }
        let adjusted = Holm.adjusted(p)
        let order = p.indices.sorted { p[$0] < p[$1] }
        #expect(zip(p, adjusted).allSatisfy { $0 <= $1 && $1 <= 1 })
        #expect(zip(order, order.dropFirst()).allSatisfy { adjusted[$0] <= adjusted[$1] })
        #expect(Array(Holm.adjusted(p.reversed()).reversed()) == adjusted)
    }

    @Test("M4: among twenty questions without an answer, one is answered no more often than a single one would be")
    func familyWise() {
        var samples = Samples(seed: 2)
        let trials = 4_000
        var adjusted = 0, plain = 0
        for _ in 0..<trials {
            let p = samples.many(20) { $0.uniform() }
            if Holm.adjusted(p).contains(where: { $0 < 0.05 }) { adjusted += 1 }
            if p.contains(where: { $0 < 0.05 }) { plain += 1 }
        }
        // 5 % and four standard deviations of a count.
        #expect(adjusted <= 255, "\(adjusted)")
        #expect(plain > 2_400)
    }
}
