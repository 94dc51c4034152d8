import Measurement

@testable import Stores

/// Users who think, ask a store, wait for a connection, hold it, and think again; everything without memory, so that counts are enough.
struct SimulatedStore {
    let kind: StoreKind
    let bounds: ClosedRange<Int>
    var limit: Int
    var users = 0
    /// Mean times, in looks.
    var thinking = 0.2
    var holding = 0.2
    var isDown = false

    private(set) var busy = 0
    private(set) var idle = 0
    private(set) var waiting = 0
    private(set) var completed = 0
    private(set) var waited = 0.0
    private var acquired = 0
    private var waitedAtLook = 0.0
    private var acquiredAtLook = 0

    init(_ kind: StoreKind, _ bounds: ClosedRange<Int>, limit: Int, users: Int = 0) {
        self.kind = kind
        self.bounds = bounds
        self.limit = limit
        self.users = users
    }

    var connections: Int { busy + idle }

    mutating func advance(_ part: Double, using generator: inout SplitMix64) {
        // While it is down nothing comes back, and what is asked waits.
        if !isDown {
            let ended = count(of: busy, chance: part / holding, using: &generator)
            busy -= ended
            completed += ended
            idle += ended
        }
        idle = max(0, min(idle, limit - busy))
        let present = max(0, users - busy - waiting)
        waiting += count(of: present, chance: part / thinking, using: &generator)
        waiting = min(waiting, max(0, users - busy))
        let served = isDown ? 0 : max(0, min(waiting, limit - busy))
        waiting -= served
        busy += served
        acquired += served
        idle = max(0, idle - served)
        waited += Double(waiting) * part
    }

    /// Sets the limit as a pool takes it: what is unused closes now, what is in use when it comes back.
    mutating func setLimit(_ new: Int) {
        limit = new
        idle = max(0, min(idle, limit - busy))
    }

    mutating func look() -> StoreLoad {
        defer {
            waitedAtLook = waited
            acquiredAtLook = acquired
        }
        return StoreLoad(
            store: kind, limit: limit, bounds: bounds, connections: connections, inUse: busy, waiting: waiting,
            waited: .seconds(waited - waitedAtLook), acquired: acquired - acquiredAtLook, isDown: isDown)
    }

    private func count(of many: Int, chance: Double, using generator: inout SplitMix64) -> Int {
        var count = 0
        for _ in 0..<many where Double.random(in: 0..<1, using: &generator) < chance { count += 1 }
        return count
    }
}

/// Stores under one policy, or under none.
struct Simulation {
    var stores: [SimulatedStore]
    var policy: RebalancingPolicy?
    var generator: SplitMix64
    let budget: Int
    private(set) var looks = 0
    private(set) var problems: [String] = []
    private(set) var moves: [(look: Int, move: RebalancingMove)] = []
    private var wasDown: Set<StoreKind> = []

    init(_ stores: [SimulatedStore], isRebalanced: Bool = true, seed: UInt64) {
        self.stores = stores
        budget = stores.reduce(0) { $0 + $1.limit }
        policy = isRebalanced ? RebalancingPolicy(configuration: RebalancingConfiguration(), budget: budget) : nil
        generator = SplitMix64(seed: seed)
    }

    var completed: Int { stores.reduce(0) { $0 + $1.completed } }
    var waited: Double { stores.reduce(0) { $0 + $1.waited } }

    subscript(kind: StoreKind) -> SimulatedStore {
        get { stores.first { $0.kind == kind } ?? stores[0] }
        set { if let index = stores.firstIndex(where: { $0.kind == kind }) { stores[index] = newValue } }
    }

    mutating func run(_ count: Int, steps: Int = 10) {
        for _ in 0..<count where problems.isEmpty {
            for _ in 0..<steps {
                for index in stores.indices { stores[index].advance(1 / Double(steps), using: &generator) }
                checkBudget()
            }
            looks += 1
            lookAround()
        }
    }

    private mutating func lookAround() {
        let loads = stores.indices.map { stores[$0].look() }
        wasDown.formUnion(loads.filter(\.isDown).map(\.store))
        guard let outcome = policy?.look(at: loads, now: .seconds(looks)) else { return }
        for change in outcome.limits {
            self[change.store].setLimit(change.limit)
            checkBudget()
        }
        for store in stores where !store.bounds.contains(store.limit) {
            problems.append("look \(looks): \(store.kind) has a limit of \(store.limit), outside \(store.bounds)")
        }
        if stores.reduce(0, { $0 + $1.limit }) > budget { problems.append("look \(looks): limits above the budget") }
        for move in outcome.moves {
            moves.append((looks, move))
            check(move, loads)
        }
    }

    private mutating func checkBudget() {
        let connections = stores.reduce(0) { $0 + $1.connections }
        if connections > budget { problems.append("look \(looks): \(connections) connections, budget \(budget)") }
    }

    private mutating func check(_ move: RebalancingMove, _ loads: [StoreLoad]) {
        guard let receiver = loads.first(where: { $0.store == move.to }), move.count > 0, move.from != move.to else {
            problems.append("look \(looks): no move at all: \(move)")
            return
        }
        let isGrounded =
            switch move.reason {
            case .waiting: receiver.waiting > 0 || receiver.waited > .zero
            case .starvation: receiver.limit == receiver.bounds.lowerBound && receiver.waited > .zero
            case .utilization: Double(receiver.inUse) >= 0.5 * Double(receiver.limit)
            case .returned: wasDown.contains(move.to)
            }
        if !isGrounded || receiver.isDown { problems.append("look \(looks): \(move), without a reason in \(receiver)") }
    }
}
