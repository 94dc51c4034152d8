import Testing

@testable import Histories

@Suite("Histories: workloads")
struct WorkloadTests {
    @Test("the sweep has all that verification asks for")
    func sweep() {
        let shapes = WorkloadShape.sweep(.listAppend)
        #expect(Set(shapes).count == 12)
        #expect(Set(shapes.map(\.keysAlive)) == [3, 10])
        #expect(Set(shapes.map(\.writesPerKey)) == [4, 32, 256])
        #expect(Set(shapes.map(\.clients)) == [5, 20])
        #expect(shapes.allSatisfy { $0.microOperations == 1...10 })
    }

    @Test(
        "transactions are as the shape says, and no value is written twice",
        arguments: WorkloadShape.sweep(.listAppend) + WorkloadShape.sweep(.register))
    func shape(_ shape: WorkloadShape) {
        var generator = WorkloadGenerator(shape, seed: 7)
        var written: [String: [Int]] = [:]
        var sizes: Set<Int> = []
        var across = 0
        var kinds: Set<String> = []
        for _ in 0..<3_000 {
            let alive = Set(generator.alive)
            #expect(alive.count == shape.keysAlive)
            let steps = generator.next()
            sizes.insert(steps.count)
            if Set(steps.map { $0.key.prefix(2) }).count == 3 { across += 1 }
            for step in steps {
                kinds.insert(String(step.description.prefix(3)))
                if let value = step.written { written[step.key, default: []].append(value) }
            }
        }
        #expect(sizes == Set(1...10))
        #expect(across > 1_000)
        #expect(kinds == [shape.kind == .listAppend ? "[:a" : "[:w", "[:r"])
        for values in written.values {
            #expect(values == Array(1...values.count) && values.count <= shape.writesPerKey)
        }
        let full = written.values.count { $0.count == shape.writesPerKey }
        #expect(full > 3_000 * 2 / shape.writesPerKey)

        let finals = generator.finalReads()
        #expect(finals.allSatisfy { $0.isReadOnly && $0.count <= 10 })
        #expect(finals.flatMap { $0 }.map(\.key) == generator.keys)
        #expect(Set(generator.keys).isSuperset(of: written.keys))
    }

    @Test("the same seed makes the same transactions, another one others")
    func seeds() {
        let runs = ([1, 1, 2] as [UInt64]).map { seed in
            var generator = WorkloadGenerator(WorkloadShape(), seed: seed)
            return (0..<50).map { _ in generator.next() }
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0] != runs[2])
    }

    @Test(
        "a workload goes on after a history: keys with room stay alive, values and keys stay unique, all keys are read at the end",
        arguments: [WorkloadShape.Kind.listAppend, .register])
    func continuing(_ kind: WorkloadShape.Kind) {
        let shape = WorkloadShape(kind: kind, keysAlive: 3, writesPerKey: 32)
        for seed in 0..<20 as Range<UInt64> {
            let history = SimulatedStores.run(.none, shape, transactions: 100, seed: seed, finalReads: false)
            var generator = WorkloadGenerator(shape, seed: seed + 1, continuing: history)
            let before = Set(history.operations.flatMap(\.value).map(\.key))
            #expect(before.isSuperset(of: generator.alive) || generator.alive.count == 3)
            #expect(!before.isDisjoint(with: generator.alive))
            var written: [String: [Int]] = [:]
            for step in history.operations.filter({ $0.kind == .invoke }).flatMap(\.value) {
                if let value = step.written { written[step.key, default: []].append(value) }
            }
            for step in (0..<200).flatMap({ _ in generator.next() }) {
                if let value = step.written { written[step.key, default: []].append(value) }
            }
            for (key, values) in written { #expect(Set(values).count == values.count && values.count <= 32, "\(key)") }
            #expect(Set(generator.finalReads().flatMap { $0 }.map(\.key)).isSuperset(of: written.keys))
        }
    }

    @Test("a workload of the other kind leaves the keys of the first alone, and reads them at the end")
    func otherKind() {
        let lists = SimulatedStores.run(.none, WorkloadShape(), transactions: 50, seed: 1)
        var generator = WorkloadGenerator(WorkloadShape(kind: .register), seed: 1, continuing: lists)
        let before = Set(lists.operations.flatMap(\.value).map(\.key))
        #expect(before.isDisjoint(with: generator.alive))
        #expect(before.isDisjoint(with: (0..<100).flatMap { _ in generator.next() }.map(\.key)))
        #expect(before.isSubset(of: generator.finalReads().flatMap { $0 }.map(\.key)))
    }
}
