import Measurement
import Testing

@testable import Analytics

@Suite("S4: sketches keep their promises") struct SketchTests {
    @Test("S4: HyperLogLog's error is what its source says, from one value to many, and sums are as one")
    func hyperLogLog() {
        for size in [1, 10, 100, 1_000, 5_000, 20_000, 100_000] {
            var squares = 0.0
            let runs = 40
            for run in 0..<runs {
                var generator = SplitMix64(seed: UInt64(size * 1_000 + run))
                var whole = HyperLogLog(), left = HyperLogLog(), right = HyperLogLog()
                for number in 0..<size {
                    let value = Int(truncatingIfNeeded: generator.next())
                    whole.insert(value)
                    if number.isMultiple(of: 2) { left.insert(value) } else { right.insert(value) }
                    whole.insert(value)
                }
                left.merge(right)
                #expect(left == whole)
                let error = whole.estimate / Double(size) - 1
                squares += error * error
                // Five standard errors: one chance in millions.
                #expect(abs(error) < 5 * whole.standardError, "\(size) values are \(whole.estimate)")
            }
            // The estimate of a variance from 40 is within a half of it all but never.
            #expect((squares / Double(runs)).squareRoot() < 1.5 * HyperLogLog().standardError)
        }
        #expect(HyperLogLog().estimate == 0)
        #expect(abs(HyperLogLog().standardError - 0.016_25) < 0.000_1)
    }

    @Test("S4: different values are counted exactly up to a limit, and within the sketch's error above")
    func distinct() {
        var generator = SplitMix64(seed: 7)
        for size in [0, 1, 99, 100, 101, 5_000] {
            var counter = DistinctCounter(exactUpTo: 100), parts = [counter, counter, counter]
            for _ in 0..<3 {
                for value in 0..<size {
                    counter.insert(value)
                    parts[Int.random(in: 0..<3, using: &generator)].insert(value)
                }
            }
            var sum = parts[0]
            for part in parts.dropFirst() { sum.merge(part) }
            #expect(sum.count == counter.count)
            if size <= 100 {
                #expect(counter.count == size && counter.standardError == 0)
            } else {
                #expect(abs(Double(counter.count) / Double(size) - 1) < 5 * counter.standardError)
                #expect(counter.standardError > 0)
            }
        }
    }

    @Test("S4: the most frequent items are found, each within the error that stands beside it", arguments: 0..<20)
    func topItems(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        let capacity = 50
        var whole = TopItems(capacity: capacity), parts = [whole, whole]
        var truth: [Int: Int] = [:]
        let events = 20_000
        for _ in 0..<events {
            // Few come often, and most once.
            let place = Double.random(in: 0..<1, using: &generator)
            let item = place < 0.5 ? Int(place * place * 80) : Int.random(in: 100..<5_000, using: &generator)
            whole.add(item)
            parts[Int.random(in: 0..<2, using: &generator)].add(item)
            truth[item, default: 0] += 1
        }
        var merged = parts[0]
        merged.merge(parts[1])
        for summary in [whole, merged] {
            #expect(summary.itemCount <= capacity)
            for entry in summary.first(capacity) {
                let count = truth[entry.item] ?? 0
                #expect(count <= entry.count && entry.count - entry.error <= count)
                // Metwally's bound; a sum's error is that of both parts together.
                #expect(entry.error <= events / capacity)
            }
            let kept = Set(summary.first(capacity).map(\.item))
            for (item, count) in truth where count > events / capacity { #expect(kept.contains(item)) }
            for (item, count) in truth where !kept.contains(item) { #expect(count <= summary.missing) }
        }
    }

    @Test("S4: with no more items than counters, counts are exact, also in sums")
    func fewItems() {
        var generator = SplitMix64(seed: 3)
        var left = TopItems(capacity: 20), right = left
        var truth: [Int: Int] = [:]
        for _ in 0..<2_000 {
            let item = Int.random(in: 0..<20, using: &generator)
            if Bool.random(using: &generator) { left.add(item) } else { right.add(item) }
            truth[item, default: 0] += 1
        }
        left.merge(right)
        #expect(left.first(20).allSatisfy { truth[$0.item] == $0.count && $0.error == 0 })
        let counts = left.first(5).map(\.count)
        #expect(counts == truth.values.sorted(by: >).prefix(5).map { $0 })
    }
}
