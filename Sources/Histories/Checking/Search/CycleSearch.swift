/// Looks for cycles of each kind, for each kind of order.
///
/// Whether there are any is told by strongly connected components alone, at a cost that is linear: those of ww and wr edges for read committed,
/// those of walks without adjacent rw edges for snapshot isolation, those of all dependencies for serializability, and those with real time for its
/// strict form. For each of these that is not trivial at least one cycle is found and named. What the budget bounds is only how
/// many further examples are looked for.
struct CycleSearch {
    private let graph: DependencyGraph
    private let limits: HistoryChecker.Limits
    private var search: WalkSearch?
    private(set) var cycles: [AnomalyName: [[Int32]: Cycle]] = [:]
    private(set) var wasCut = false

    init(_ graph: DependencyGraph, _ limits: HistoryChecker.Limits) {
        self.graph = graph
        self.limits = limits
        for order in AnomalyName.Order.allCases { run(order) }
    }

    private mutating func run(_ order: AnomalyName.Order) {
        let needed = DependencyKinds.needing(order)
        let all = DependencyKinds.dependencies.union(needed)
        let whole = Components(of: graph, all)
        guard whole.count > 0 else { return }

        // G0 and G1c: without rw.
        let writes: DependencyKinds = DependencyKinds.anyWW.intersection(all.union(.ww)).union(
            needed.subtracting(.anyRW))
        let withReads = writes.union(.wr)
        look(
            .init(kinds: writes, needed: needed), from: order == .none ? .ww : needed.subtracting(.anyRW),
            Components(of: graph, writes))
        look(.init(kinds: withReads, needed: needed), from: .wr, Components(of: graph, withReads))

        // G-single and G-nonadjacent: they begin with an rw edge.
        let rw = DependencyKinds.anyRW.intersection(all)
        let apart = Components(withoutAdjacentRW: graph, all)
        if apart.count > 0 {
            look(.init(kinds: withReads, needed: needed), from: rw) { edge in
                apart.isOnCycle(2 * Int(edge.from), 2 * Int(edge.to) + 1)
            } isWithin: { from, node in
                whole.isOnCycle(from, node)
            }
            look(.init(kinds: all, needed: needed, twoRW: true, noAdjacentRW: true), from: rw) { edge in
                apart.isOnCycle(2 * Int(edge.from), 2 * Int(edge.to) + 1)
            } isWithin: { from, node in
                whole.isOnCycle(from, node)
            }
        }

        // G2, and for an order whatever needs it.
        look(.init(kinds: all, needed: needed, twoRW: true), from: rw, whole)
        if order != .none { look(.init(kinds: all, needed: needed), from: needed, whole) }
    }

    private mutating func look(_ wanted: WalkSearch.Wanted, from starts: DependencyKinds, _ components: Components) {
        guard components.count > 0 else { return }
        look(wanted, from: starts) { edge in
            components.isOnCycle(Int(edge.from), Int(edge.to))
        } isWithin: { from, node in
            components.isOnCycle(from, node)
        }
    }

    /// Searches from each edge that can begin such a walk, until there are enough examples.
    private mutating func look(
        _ wanted: WalkSearch.Wanted, from starts: DependencyKinds, isStart: (Dependency) -> Bool,
        isWithin: (_ from: Int, _ node: Int) -> Bool
    ) {
        var walks = search ?? WalkSearch(graph, budget: 0)
        search = nil
        walks.budget = limits.edgesPerSearch
        var found = 0
        for place in graph.edges.indices {
            let edge = graph.edges[place]
            guard !starts.isDisjoint(with: edge.kind), isStart(edge) else { continue }
            guard found < limits.cyclesPerSearch, walks.budget > 0 else {
                wasCut = true
                break
            }
            let from = Int(edge.from)
            guard let walk = walks.walk(from: place, wanted, isWithin: { isWithin(from, $0) }) else { continue }
            found += 1
            for cycle in Cycle.cycles(in: walk.map(strongest)) { keep(cycle) }
        }
        search = walks
    }

    private mutating func keep(_ cycle: Cycle) {
        let name = cycle.name
        // The order within a process is one in real time too; it need not be told twice.
        let inProcess = AnomalyName(name.phenomenon, .process)
        if name.order == .realTime, cycles[inProcess]?[cycle.identity] != nil { return }
        cycles[name, default: [:]][cycle.identity] = cycle
    }

    /// The edge, or one beside it that says more: that a version was overwritten or read, rather than missed.
    private func strongest(_ edge: Dependency) -> Dependency {
        guard edge.kind == .rw else { return edge }
        for place in graph.edges(of: Int(edge.from)) {
            let other = graph.edges[place]
            if other.to == edge.to, other.kind == .ww || other.kind == .wr { return other }
        }
        return edge
    }
}
