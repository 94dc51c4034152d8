/// Transactions and the dependencies among them, those that leave a transaction side by side.
struct DependencyGraph {
    let nodeCount: Int
    let edges: [Dependency]
    /// Where the edges of a node begin; one more at the end.
    private let starts: [Int32]

    init(nodeCount: Int, _ unsorted: [Dependency]) {
        self.nodeCount = nodeCount
        var starts = [Int32](repeating: 0, count: nodeCount + 1)
        for edge in unsorted { starts[Int(edge.from) + 1] += 1 }
        for node in 0..<nodeCount { starts[node + 1] += starts[node] }
        var place = starts
        edges = [Dependency](unsafeUninitializedCapacity: unsorted.count) { buffer, count in
            // Each slot between 0 and the count is initialized once: the starts count the edges of each node.
            for edge in unsorted {
                buffer.initializeElement(at: Int(place[Int(edge.from)]), to: edge)
                place[Int(edge.from)] += 1
            }
            count = unsorted.count
        }
        self.starts = starts
    }

    /// The places in ``edges`` of those that leave the node.
    func edges(of node: Int) -> Range<Int> {
        Int(starts[node])..<Int(starts[node + 1])
    }
}
