/// Which nodes can reach each other: the strongly connected components of more than one node, by Tarjan's algorithm ("Depth-First Search and
/// Linear Graph Algorithms", SIAM J. Comput. 1972), without recursion.
struct Components {
    /// The component of each node; -1 for nodes that are on no cycle.
    private(set) var component: [Int32]
    private(set) var count = 0

    /// - Parameter successor: the node's neighbour at the place, and the next place to ask for; nil if there are no more.
    init(nodeCount: Int, successor: (_ node: Int, _ place: inout Int) -> Int?) {
        component = [Int32](repeating: -1, count: nodeCount)
        var order = [Int32](repeating: -1, count: nodeCount)
        var low = [Int32](repeating: 0, count: nodeCount)
        var isOnStack = [Bool](repeating: false, count: nodeCount)
        var stack: [Int32] = []
        var path: [(node: Int, place: Int)] = []
        var clock: Int32 = 0
        for root in 0..<nodeCount where order[root] < 0 {
            path.append((root, 0))
            while let (node, _) = path.last {
                if order[node] < 0 {
                    order[node] = clock
                    low[node] = clock
                    clock += 1
                    stack.append(Int32(node))
                    isOnStack[node] = true
                }
                if let next = successor(node, &path[path.count - 1].place) {
                    if order[next] < 0 {
                        path.append((next, 0))
                    } else if isOnStack[next] {
                        low[node] = min(low[node], order[next])
                    }
                    continue
                }
                path.removeLast()
                if let parent = path.last?.node { low[parent] = min(low[parent], low[node]) }
                if low[node] == order[node] { close(node, &stack, &isOnStack) }
            }
        }
    }

    private mutating func close(_ root: Int, _ stack: inout [Int32], _ isOnStack: inout [Bool]) {
        let isAlone = stack.last == Int32(root)
        while let node = stack.popLast() {
            isOnStack[Int(node)] = false
            if !isAlone { component[Int(node)] = Int32(count) }
            if node == Int32(root) { break }
        }
        if !isAlone { count += 1 }
    }

    /// Whether an edge between the two lies on a cycle.
    func isOnCycle(_ from: Int, _ to: Int) -> Bool {
        component[from] >= 0 && component[from] == component[to]
    }
}

extension Components {
    /// The components that edges of the given kinds make.
    init(of graph: DependencyGraph, _ kinds: DependencyKinds) {
        self.init(nodeCount: graph.nodeCount) { node, place in
            let edges = graph.edges(of: node)
            while edges.lowerBound + place < edges.upperBound {
                let edge = graph.edges[edges.lowerBound + place]
                place += 1
                if !kinds.isDisjoint(with: edge.kind) { return Int(edge.to) }
            }
            return nil
        }
    }

    /// The components of walks on which no rw edge follows another one. Node 2n is transaction n reached by another edge, 2n + 1 by an rw edge.
    /// What is on a cycle here violates snapshot isolation, and nothing else does.
    init(withoutAdjacentRW graph: DependencyGraph, _ kinds: DependencyKinds) {
        self.init(nodeCount: 2 * graph.nodeCount) { node, place in
            let edges = graph.edges(of: node / 2)
            let afterRW = node % 2 == 1
            while edges.lowerBound + place < edges.upperBound {
                let edge = graph.edges[edges.lowerBound + place]
                place += 1
                guard !kinds.isDisjoint(with: edge.kind) else { continue }
                let isRW = !DependencyKinds.anyRW.isDisjoint(with: edge.kind)
                if !(isRW && afterRW) { return 2 * Int(edge.to) + (isRW ? 1 : 0) }
            }
            return nil
        }
    }
}
