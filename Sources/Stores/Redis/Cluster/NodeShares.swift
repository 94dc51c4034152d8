/// How a cluster's connections are divided among its nodes: a plain value.
struct NodeShares: Sendable, Hashable {
    /// The bounds for one node, as configured.
    let minimum: Int
    let maximum: Int
    /// For all nodes together; nil for what the configuration allows.
    var limit: Int?

    /// What `limit` may be.
    func bounds(nodes: Int) -> ClosedRange<Int> {
        let nodes = max(1, nodes)
        return nodes * max(1, minimum)...nodes * maximum
    }

    /// For all nodes together, as it is now.
    func total(nodes: Int) -> Int {
        let bounds = bounds(nodes: nodes)
        return limit.map { min($0, bounds.upperBound) } ?? bounds.upperBound
    }

    /// The bounds for each node: equal parts, of which none is empty, since every node is needed.
    func share(nodes: Int) -> (minimum: Int, maximum: Int) {
        let share = limit.map { max(1, $0 / max(1, nodes)) } ?? maximum
        let most = min(share, maximum)
        return (min(minimum, most), most)
    }
}
