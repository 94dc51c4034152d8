/// Who needs more, and who gives it.
extension RebalancingPolicy {
    /// A giver keeps this much more than it used of late.
    private static let headroom = 1.1
    /// Someone who only might wait gets connections from those that stay at most so full.
    private static let calmUtilization = 0.6
    /// How much more pressed the receiver must still be afterwards when nobody has anything to spare.
    private static let margin = 1.25
    /// How full a busy store should be afterwards.
    private static let wantedUtilization = 0.8

    private struct Need {
        var store: StoreKind
        var isWaiting: Bool
        var count: Int
        var pressure: Double
    }

    /// The most pressed first, those for whom tasks wait before those that are only busy.
    mutating func serveNeeds(
        _ table: inout BudgetTable, now: Duration, step: inout Int, moves: inout [RebalancingMove]
    ) {
        let needs = table.loads.compactMap { need(of: $0, table, now: now) }
            .sorted { ($0.isWaiting ? 1 : 0, $0.pressure) > ($1.isWaiting ? 1 : 0, $1.pressure) }
        for need in needs {
            let wanted = min(need.count, table.roomAbove(need.store) - pending(to: need.store))
            var count = min(wanted, step)
            guard count > 0 else { continue }
            let before = count
            takeUnused(&count, for: need, &table, now: now, moves: &moves)
            takeSpare(&count, for: need, &table, now: now, moves: &moves)
            if count == before, need.isWaiting {
                takeFromLessPressed(&count, for: need, &table, now: now, moves: &moves)
            }
            step -= before - count
        }
    }

    private func need(of load: StoreLoad, _ table: BudgetTable, now: Duration) -> Need? {
        guard let trend = trends[load.store], !load.isDown, trend.needyLooks >= configuration.patience,
            trend.may(.received, now: now, coolDown: configuration.coolDown)
        else { return nil }
        let limit = Double(load.limit)
        let missing = trend.isWaiting ? trend.queue : trend.use / Self.wantedUtilization - limit
        // Bounded before it becomes an integer: a queue can be of any length.
        let count = Int(min(max(1, missing.rounded(.up)), Double(budget)))
        return Need(
            store: load.store, isWaiting: trend.isWaiting, count: count - pending(to: load.store),
            pressure: trend.load / max(1, limit))
    }

    private mutating func takeUnused(
        _ count: inout Int, for need: Need, _ table: inout BudgetTable, now: Duration, moves: inout [RebalancingMove]
    ) {
        let taken = min(count, unused(table))
        guard taken > 0 else { return }
        let detail = detail(need, table)
        move(
            taken, from: nil, to: need.store, need.isWaiting ? .waiting : .utilization, detail: detail,
            table: &table, now: now, moves: &moves)
        count -= taken
    }

    private mutating func takeSpare(
        _ count: inout Int, for need: Need, _ table: inout BudgetTable, now: Duration, moves: inout [RebalancingMove]
    ) {
        let detail = detail(need, table)
        let givers = table.loads.filter { $0.store != need.store }
            .map { (store: $0.store, isDown: $0.isDown, spare: spare(of: $0, for: need, table, now: now)) }
            .sorted { ($0.isDown ? 1 : 0, $0.spare) > ($1.isDown ? 1 : 0, $1.spare) }
        for giver in givers {
            let taken = min(count, giver.spare)
            guard taken > 0 else { continue }
            move(
                taken, from: giver.store, to: need.store, need.isWaiting ? .waiting : .utilization,
                detail:
                    "\(detail); \(giver.isDown ? "\(giver.store.rawValue) is down" : described(giver.store, table))",
                table: &table, now: now, moves: &moves)
            count -= taken
        }
    }

    /// What a store can do without.
    private func spare(of load: StoreLoad, for need: Need, _ table: BudgetTable, now: Duration) -> Int {
        let most = table.roomBelow(load.store)
        if load.isDown { return most }
        guard let trend = trends[load.store], trend.needyLooks == 0,
            trend.may(.gave, now: now, coolDown: configuration.coolDown)
        else { return 0 }
        let used = max(trend.peak, trend.load)
        let kept = need.isWaiting ? used * Self.headroom : used / Self.calmUtilization
        return max(0, min(most, load.limit - Int(kept.rounded(.up))))
    }

    /// Nobody has anything to spare: one connection from where it is missed least, if that makes the whole more even.
    private mutating func takeFromLessPressed(
        _ count: inout Int, for need: Need, _ table: inout BudgetTable, now: Duration, moves: inout [RebalancingMove]
    ) {
        guard let receiver = trends[need.store] else { return }
        let pressure = receiver.load / Double(table[need.store].limit + pending(to: need.store) + 1)
        let givers = table.loads.filter { mayBePressed($0, for: need.store, table, now: now) }
        func pressureAfter(_ load: StoreLoad) -> Double {
            (trends[load.store]?.load ?? 0) / Double(max(1, load.limit - 1))
        }
        var reason = RebalancingMove.Reason.waiting
        var giver = givers.min { pressureAfter($0) < pressureAfter($1) }
        if let least = giver, pressure < Self.margin * pressureAfter(least) {
            giver = nil
            // Its least may be too little to ever get even.
            if receiver.leastLooks >= 5 * configuration.patience {
                reason = .starvation
                giver = givers.filter { $0.limit - 1 > table[need.store].limit }.max { $0.limit < $1.limit }
            }
        }
        guard let giver else { return }
        let detail = "\(detail(need, table)); \(described(giver.store, table))"
        move(1, from: giver.store, to: need.store, reason, detail: detail, table: &table, now: now, moves: &moves)
        count -= 1
    }

    /// A store for which tasks wait, or then would, keeps one more than its least: else the two would take it from each other.
    private func mayBePressed(_ load: StoreLoad, for receiver: StoreKind, _ table: BudgetTable, now: Duration) -> Bool {
        guard load.store != receiver, !load.isDown, let trend = trends[load.store] else { return false }
        let wouldWait = trend.isWaiting || trend.load > Double(load.limit - 1)
        return table.roomBelow(load.store) > (wouldWait ? 1 : 0)
            && trend.may(.gave, now: now, coolDown: configuration.coolDown)
    }

    // MARK: For people

    private func detail(_ need: Need, _ table: BudgetTable) -> String {
        let load = table[need.store]
        guard need.isWaiting else { return described(need.store, table) }
        let mean = load.acquired > 0 ? load.waited / load.acquired : load.waited
        return "\(described(need.store, table)), \(load.waiting) waiting, \(mean) a wait"
    }

    private func described(_ store: StoreKind, _ table: BudgetTable) -> String {
        "\(store.rawValue) uses \(table[store].inUse) of \(table[store].limit)"
    }
}
