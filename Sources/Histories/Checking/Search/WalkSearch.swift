/// The shortest walk that begins with an edge, ends where the edge began, and is of a wanted kind: breadth first over transactions, each
/// together with what the walk has already been through.
struct WalkSearch {
    /// What a walk may and must consist of.
    struct Wanted {
        /// The kinds of edges that it may take.
        var kinds: DependencyKinds
        /// It must have an edge of one of these kinds, if there are any.
        var needed: DependencyKinds = []
        /// It must have two rw edges at least.
        var twoRW = false
        /// No rw edge may follow another one.
        var noAdjacentRW = false
    }

    /// Goes down with each edge that is looked at. A search that has begun goes on to its end all the same.
    var budget: Int
    private let graph: DependencyGraph
    /// For each state the search that came to it, and the edge by which it came.
    private var visits: [UInt32]
    private var arrivals: [(edge: Int32, state: Int32)]
    private var search: UInt32 = 0

    /// What a walk has been through.
    private struct Trace: OptionSet {
        let rawValue: Int
        static let needed = Trace(rawValue: 1)
        static let lastIsRW = Trace(rawValue: 2)
        static let oneRW = Trace(rawValue: 4)
        static let twoRW = Trace(rawValue: 8)
        static let count = 16
    }

    init(_ graph: DependencyGraph, budget: Int) {
        self.graph = graph
        self.budget = budget
        visits = Array(repeating: 0, count: graph.nodeCount * Trace.count)
        arrivals = Array(repeating: (0, 0), count: graph.nodeCount * Trace.count)
    }

    /// - Parameter isWithin: the nodes that can be on the walk.
    mutating func walk(from first: Int, _ wanted: Wanted, isWithin: (Int) -> Bool) -> [Dependency]? {
        search += 1
        let goal = Int(graph.edges[first].from)
        guard let begin = state(after: graph.edges[first], [], wanted) else { return nil }
        visits[begin] = search
        arrivals[begin] = (Int32(first), -1)
        var queue = [begin]
        var next = 0
        while next < queue.count {
            let state = queue[next]
            next += 1
            for place in graph.edges(of: state / Trace.count) {
                budget -= 1
                let edge = graph.edges[place]
                guard !wanted.kinds.isDisjoint(with: edge.kind), isWithin(Int(edge.to)) else { continue }
                let trace = Trace(rawValue: state % Trace.count)
                guard let reached = self.state(after: edge, trace, wanted), visits[reached] != search else { continue }
                visits[reached] = search
                arrivals[reached] = (Int32(place), Int32(state))
                if Int(edge.to) == goal, isDone(reached, begin: graph.edges[first], wanted) { return path(to: reached) }
                queue.append(reached)
            }
        }
        return nil
    }

    private func state(after edge: Dependency, _ before: Trace, _ wanted: Wanted) -> Int? {
        let isRW = !DependencyKinds.anyRW.isDisjoint(with: edge.kind)
        if isRW, wanted.noAdjacentRW, before.contains(.lastIsRW) { return nil }
        var trace = before.subtracting(.lastIsRW)
        if isRW {
            if wanted.noAdjacentRW { trace.insert(.lastIsRW) }
            if wanted.twoRW { trace.insert(trace.contains(.oneRW) ? .twoRW : .oneRW) }
        }
        if !wanted.needed.isDisjoint(with: edge.kind) { trace.insert(.needed) }
        return Int(edge.to) * Trace.count + trace.rawValue
    }

    private func isDone(_ state: Int, begin: Dependency, _ wanted: Wanted) -> Bool {
        let trace = Trace(rawValue: state % Trace.count)
        if wanted.noAdjacentRW, trace.contains(.lastIsRW), !DependencyKinds.anyRW.isDisjoint(with: begin.kind) {
            return false
        }
        return (wanted.needed.isEmpty || trace.contains(.needed)) && (!wanted.twoRW || trace.contains(.twoRW))
    }

    private func path(to state: Int) -> [Dependency] {
        var path: [Dependency] = []
        var state = Int32(state)
        while state >= 0 {
            let arrival = arrivals[Int(state)]
            path.append(graph.edges[Int(arrival.edge)])
            state = arrival.state
        }
        return path.reversed()
    }
}
