/// The stores' limits while one look at them is worked out.
struct BudgetTable: Sendable {
    private(set) var loads: [StoreLoad]
    private let before: [Int]

    init(loads: [StoreLoad]) {
        self.loads = loads
        before = loads.map(\.limit)
    }

    func has(_ store: StoreKind) -> Bool { loads.contains { $0.store == store } }

    subscript(store: StoreKind) -> StoreLoad {
        get { loads.first { $0.store == store } ?? .absent(store) }
        set { if let index = loads.firstIndex(where: { $0.store == store }) { loads[index] = newValue } }
    }

    /// All limits together.
    var limits: Int { loads.reduce(0) { $0 + $1.limit } }

    /// What the stores may have or still have, together.
    var claimed: Int { loads.reduce(0) { $0 + max($1.limit, $1.connections) } }

    func roomAbove(_ store: StoreKind) -> Int { max(0, self[store].bounds.upperBound - self[store].limit) }
    func roomBelow(_ store: StoreKind) -> Int { max(0, self[store].limit - self[store].bounds.lowerBound) }

    /// The limits that are not as they were, those that went down first.
    var changes: [(store: StoreKind, limit: Int)] {
        let changed = zip(loads, before).filter { $0.limit != $1 }
        let lowered = changed.filter { $0.limit < $1 }
        let raised = changed.filter { $0.limit > $1 }
        return (lowered + raised).map { ($0.0.store, $0.0.limit) }
    }
}

extension StoreLoad {
    /// A store that is not there: it has nothing and takes nothing.
    static func absent(_ store: StoreKind) -> StoreLoad {
        StoreLoad(
            store: store, limit: 0, bounds: 0...0, connections: 0, inUse: 0, waiting: 0, waited: .zero, acquired: 0,
            isDown: true)
    }
}
