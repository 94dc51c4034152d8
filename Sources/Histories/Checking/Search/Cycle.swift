/// Dependencies that lead from a transaction back to itself, meeting each other one once.
struct Cycle {
    let edges: [Dependency]

    var name: AnomalyName {
        let rw = edges.map { !DependencyKinds.anyRW.isDisjoint(with: $0.kind) }
        let count = rw.count { $0 }
        let phenomenon: AnomalyName.Phenomenon
        if count == 0 {
            phenomenon = edges.contains { $0.kind == .wr } ? .g1c : .g0
        } else if count == 1 {
            phenomenon = .gSingle
        } else {
            let isAdjacent = rw.indices.contains { rw[$0] && rw[($0 + 1) % rw.count] }
            phenomenon = isAdjacent ? .g2 : .gNonadjacent
        }
        return AnomalyName(phenomenon, order)
    }

    private var order: AnomalyName.Order {
        let kinds = edges.reduce(into: DependencyKinds()) { $0.formUnion($1.kind) }
        if !kinds.isDisjoint(with: .needing(.realTime)) { return .realTime }
        return kinds.contains(.process) ? .process : .none
    }

    /// The same for the same cycle, wherever it begins.
    var identity: [Int32] {
        let nodes = edges.map(\.from)
        guard let start = nodes.indices.min(by: { nodes[$0] < nodes[$1] }) else { return [] }
        return Array(nodes[start...] + nodes[..<start])
    }

    /// Takes a walk that ends where it began apart into cycles.
    static func cycles(in walk: [Dependency]) -> [Cycle] {
        var cycles: [Cycle] = []
        var path: [Dependency] = []
        var places: [Int32: Int] = [:]
        for edge in walk {
            places[edge.from] = path.count
            path.append(edge)
            guard let start = places[edge.to] else { continue }
            cycles.append(Cycle(edges: Array(path[start...])))
            for left in path[start...] { places[left.from] = nil }
            path.removeSubrange(start...)
        }
        return cycles
    }
}
