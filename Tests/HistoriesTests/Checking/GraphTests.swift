import Measurement
import Testing

@testable import Histories

@Suite("Histories: orders and graphs")
struct GraphTests {
    @Test("real-time edges lead from each transaction to all that began after its end, and to no other, with few edges")
    func realTime() {
        for seed in 0..<100 as Range<UInt64> {
            let clients = 1 + Int(seed % 12)
            let history = SimulatedStores.run(.none, WorkloadShape(clients: clients), transactions: 80, seed: seed)
            let transactions = TransactionReader(history).transactions
            var random = SplitMix64(seed: seed)
            let nodes = transactions.map { _ in Int.random(in: 0..<5, using: &random) > 0 }
            var edges: [Dependency] = []
            OrderOfTransactions.addRealTime(transactions, nodes, to: &edges)
            #expect(edges.count <= 2 * clients * transactions.count)

            let reached = Self.reachable(transactions.count, edges)
            for (a, first) in transactions.enumerated() {
                for (b, second) in transactions.enumerated() {
                    let isBefore = nodes[a] && nodes[b] && first.ended ?? .max < second.number
                    #expect(reached[a].contains(b) == isBefore, "seed \(seed): \(first.name), \(second.name)")
                }
            }
        }
    }

    @Test("components are the nodes that reach each other")
    func components() {
        var random = SplitMix64(seed: 9)
        for _ in 0..<300 {
            let count = Int.random(in: 2...24, using: &random)
            let edges = (0..<Int.random(in: 0...(2 * count), using: &random)).compactMap { _ -> Dependency? in
                let (a, b) = (Int.random(in: 0..<count, using: &random), Int.random(in: 0..<count, using: &random))
                let kinds: [DependencyKinds] = [.ww, .wr, .rw]
                return a == b ? nil : Dependency(from: a, to: b, kinds.randomElement(using: &random) ?? .ww)
            }
            let graph = DependencyGraph(nodeCount: count, edges)
            for kinds in [DependencyKinds.ww, [.ww, .wr], .dependencies] as [DependencyKinds] {
                let chosen = edges.filter { !kinds.isDisjoint(with: $0.kind) }
                let reached = Self.reachable(count, chosen)
                let components = Components(of: graph, kinds)
                for a in 0..<count {
                    for b in 0..<count where a != b {
                        #expect(components.isOnCycle(a, b) == (reached[a].contains(b) && reached[b].contains(a)))
                    }
                }
            }
        }
    }

    @Test("a walk is taken apart into cycles that have all of its edges")
    func cycles() {
        let walk = [(0, 1), (1, 2), (2, 1), (1, 3), (3, 4), (4, 3), (3, 0)].map { Dependency(from: $0, to: $1, .ww) }
        let cycles = Cycle.cycles(in: walk)
        #expect(cycles.map { $0.edges.map(\.from) } == [[1, 2], [3, 4], [0, 1, 3]])
        #expect(cycles.map(\.identity) == [[1, 2], [3, 4], [0, 1, 3]])
    }

    private static func reachable(_ count: Int, _ edges: [Dependency]) -> [Set<Int>] {
        var next = [[Int]](repeating: [], count: count)
        for edge in edges { next[Int(edge.from)].append(Int(edge.to)) }
        return (0..<count).map { start in
            var reached: Set<Int> = []
            var left = next[start]
            while let node = left.popLast() {
                if reached.insert(node).inserted { left += next[node] }
            }
            return reached
        }
    }
}
