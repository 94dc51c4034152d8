import Pooling

/// What the rebalancing policy sees of one store at one look.
struct StoreLoad: Sendable, Equatable {
    var store: StoreKind
    /// How many connections it may have.
    var limit: Int
    var bounds: ClosedRange<Int>
    /// How many it really has, those being opened and closed included: above `limit` for as long as some are in use.
    var connections: Int
    /// How many are in use.
    var inUse: Int
    /// How many tasks wait.
    var waiting: Int
    /// The time that tasks have waited since the look before, as far as their waiting has ended.
    var waited: Duration
    /// Connections handed out since the look before.
    var acquired: Int
    var isDown: Bool
}

extension StoreLoad {
    /// Puts a store's pools together.
    ///
    /// Only pools that follow the limit count for use and waiting: more connections do not help those who wait for the one writer. Of a
    /// cluster's nodes the busiest speaks for all, because the limit is divided evenly among them.
    init(
        store: StoreKind, limit: Int, bounds: ClosedRange<Int>, statuses: [NamedPoolStatus],
        before: LoadTotals, isDown: Bool
    ) {
        let following = statuses.lazy.filter(\.followsLimit).map(\.status)
        let totals = LoadTotals(statuses)
        let utilization = following.map(\.utilization).max() ?? 0
        self.init(
            store: store, limit: limit, bounds: bounds, connections: statuses.reduce(0) { $0 + $1.status.total },
            inUse: Int((utilization * Double(limit)).rounded()), waiting: following.reduce(0) { $0 + $1.waiting },
            // A cluster's node can leave, and its totals with it.
            waited: max(.zero, totals.waited - before.waited), acquired: max(0, totals.acquired - before.acquired),
            isDown: isDown)
    }
}

/// Running totals of a store's pools, to take differences of.
struct LoadTotals: Sendable, Equatable {
    var waited: Duration = .zero
    var acquired = 0

    init() {}

    init(_ statuses: [NamedPoolStatus]) {
        for pool in statuses where pool.followsLimit {
            waited += pool.status.counters.waitTime
            acquired += pool.status.counters.acquired
        }
    }
}
