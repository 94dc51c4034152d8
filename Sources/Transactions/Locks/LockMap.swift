import Stores

/// One lock: who has it, and who waits for it.
struct Lock {
    struct Request: Hashable {
        var unit: UnitID
        var mode: LockMode
        var priority = TransactionPriority.normal
        /// How many have come later and gone before it.
        var overtaken = 0
    }

    /// Nearly always one.
    var holders: [Request] = []
    var queue: [Request] = []

    var isUnused: Bool { holders.isEmpty && queue.isEmpty }

    func admits(_ request: Request) -> Bool {
        holders.allSatisfy { $0.unit == request.unit || $0.mode.agrees(with: request.mode) }
    }

    func mode(of unit: UnitID) -> LockMode? { holders.first { $0.unit == unit }?.mode }

    /// Puts a request among those that wait: behind all that may not be overtaken.
    ///
    /// - Parameter most: how often one may be overtaken.
    mutating func wait(_ request: Request, most: Int) {
        let raised = queue.prefix { mode(of: $0.unit) != nil }.count
        guard mode(of: request.unit) == nil else { return queue.insert(request, at: raised) }
        var place = queue.count
        while place > raised, queue[place - 1].priority < request.priority, queue[place - 1].overtaken < most {
            place -= 1
            queue[place].overtaken += 1
        }
        queue.insert(request, at: place)
    }

    /// - Returns: whether the unit did not hold it before.
    mutating func hold(_ request: Request) -> Bool {
        guard let index = holders.firstIndex(where: { $0.unit == request.unit }) else {
            holders.append(request)
            return true
        }
        holders[index] = request
        return false
    }

    /// Takes a unit out, and grants what can be granted then.
    ///
    /// - Parameter keepsHold: whether it only stops waiting.
    mutating func giveUp(_ unit: UnitID, keepsHold: Bool) -> [(unit: UnitID, isNew: Bool)] {
        if !keepsHold { holders.removeAll { $0.unit == unit } }
        queue.removeAll { $0.unit == unit }
        return grant()
    }

    /// Grants what can be granted now, in order.
    ///
    /// - Returns: to whom, and whether that one did not hold it before.
    mutating func grant() -> [(unit: UnitID, isNew: Bool)] {
        var granted: [(unit: UnitID, isNew: Bool)] = []
        while let request = queue.first, admits(request) {
            queue.removeFirst()
            granted.append((request.unit, hold(request)))
        }
        return granted
    }
}

/// All locks, by their names; those that nobody uses are not kept. The stores' locks, which every unit asks for, have
/// places of their own, where nothing is hashed.
struct LockMap {
    private var stores = StoreKind.allCases.map { _ in Lock() }
    private var others: [LockName: Lock] = [:]

    var isEmpty: Bool { others.isEmpty && stores.allSatisfy(\.isUnused) }

    subscript(name: LockName) -> Lock {
        get {
            if case .store(let store) = name { stores[store.place] } else { others[name] ?? Lock() }
        }
        _modify {
            if case .store(let store) = name {
                yield &stores[store.place]
            } else {
                yield &others[name, default: Lock()]
                if others[name]?.isUnused == true { others[name] = nil }
            }
        }
    }
}
