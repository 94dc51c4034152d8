@usableFromInline
struct WaiterID: Sendable, Hashable {
    @usableFromInline let number: UInt64
}

/// How a connection is asked for and held.
@usableFromInline
struct LeaseManner: Sendable, Equatable {
    /// Whether the lease may last for as long as it likes: it is not reported as held too long.
    var isMeantToLast = false
    /// Whether to give up as soon as connecting fails while no connection is open.
    var failsWhenUnreachable = false

    @usableFromInline
    init(isMeantToLast: Bool = false, failsWhenUnreachable: Bool = false) {
        self.isMeantToLast = isMeantToLast
        self.failsWhenUnreachable = failsWhenUnreachable
    }
}

/// Those who wait, first come first served. Leaving from the middle takes constant time, on average, and leaves nothing behind.
struct WaiterQueue: Sendable {
    struct Waiter: Sendable, Equatable {
        var id: WaiterID
        var since: PoolInstant
        var deadline: PoolInstant
        /// 0 when unknown.
        var holder: UInt
        var place: CodePlace
        /// Whether the holder leases connections of this pool already, and gives none back while it waits.
        var isHolding = false
        var manner = LeaseManner()

        var limit: PoolSpan { deadline == .never ? .endless : deadline.since(since) }
    }

    private var waiters: [WaiterID: Waiter] = [:]
    /// In order of arrival; those who left are still named here, until they outnumber the others.
    private var order: [WaiterID] = []
    private var head = 0
    /// No deadline is before this one.
    private(set) var earliestDeadline = PoolInstant.never

    var count: Int { waiters.count }
    var isEmpty: Bool { waiters.isEmpty }
    /// What is kept in memory; a test bounds it.
    var footprint: Int { order.count }

    /// In order of arrival.
    var all: [Waiter] { order[head...].compactMap { waiters[$0] } }

    func contains(_ id: WaiterID) -> Bool { waiters[id] != nil }

    mutating func append(_ waiter: Waiter) {
        waiters[waiter.id] = waiter
        order.append(waiter.id)
        earliestDeadline = min(earliestDeadline, waiter.deadline)
    }

    mutating func popFirst() -> Waiter? {
        while head < order.count {
            let id = order[head]
            head += 1
            if let waiter = waiters.removeValue(forKey: id) {
                compact()
                return waiter
            }
        }
        return nil
    }

    mutating func remove(_ id: WaiterID) -> Waiter? {
        guard let waiter = waiters.removeValue(forKey: id) else { return nil }
        compact()
        return waiter
    }

    /// Takes out everyone whose deadline has come, in order of arrival.
    mutating func removeExpired(now: PoolInstant) -> [Waiter] {
        // Looking at everyone is paid for at most once per deadline that was the earliest.
        guard earliestDeadline <= now else { return [] }
        let expired = all.filter { $0.deadline <= now }
        for waiter in expired { waiters[waiter.id] = nil }
        earliestDeadline = waiters.values.lazy.map(\.deadline).min() ?? .never
        compact()
        return expired
    }

    /// Takes out those for whom something holds, in order of arrival.
    mutating func removeAll(where isLeaving: (Waiter) -> Bool) -> [Waiter] {
        let leaving = all.filter(isLeaving)
        for waiter in leaving { waiters[waiter.id] = nil }
        compact()
        return leaving
    }

    private mutating func compact() {
        if waiters.isEmpty {
            order.removeAll(keepingCapacity: order.capacity <= 1024)
            head = 0
            earliestDeadline = .never
        } else if order.count > 2 * waiters.count + 32 {
            order = order[head...].filter { waiters[$0] != nil }
            head = 0
        }
    }
}
