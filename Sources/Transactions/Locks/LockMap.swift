import Stores

/// One lock: who has it, and who waits for it.
struct Lock {
    struct Request: Hashable {
        var unit: UnitID
        var mode: LockMode
    }

    /// Nearly always one.
    var holders: [Request] = []
    var queue: [Request] = []

    var isUnused: Bool { holders.isEmpty && queue.isEmpty }

    func admits(_ request: Request) -> Bool {
        holders.allSatisfy { $0.unit == request.unit || $0.mode.agrees(with: request.mode) }
    }

    func mode(of unit: UnitID) -> LockMode? { holders.first { $0.unit == unit }?.mode }

    /// - Returns: whether the unit did not hold it before.
    mutating func hold(_ request: Request) -> Bool {
        guard let index = holders.firstIndex(where: { $0.unit == request.unit }) else {
            holders.append(request)
            return true
        }
        holders[index] = request
        return false
    }

    /// Takes a unit out, and grants what can be granted then, in order.
    ///
    /// - Parameter keepsHold: whether it only stops waiting.
    /// - Returns: to whom, and whether that one did not hold it before.
    mutating func giveUp(_ leaving: UnitID, keepsHold: Bool) -> [(unit: UnitID, isNew: Bool)] {
        if !keepsHold { holders.removeAll { $0.unit == leaving } }
        queue.removeAll { $0.unit == leaving }
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
