/// Moves a budget of connections between stores (P7). A value without clock, pools or logger: at each look loads go in, new limits and
/// moves come out.
///
/// What always holds, if the limits that it returns are set in their order and nobody else changes limits: the connections of all stores
/// together never exceed the budget, because a giver's limit goes down at once and the receiver's goes up only as the giver's connections
/// have been closed; every limit stays within its store's bounds; every move has a reason.
///
/// What keeps it calm: a need has to last; a giver keeps what it used of late; without anything to spare a move must leave the receiver
/// clearly more pressed than the giver, so that the reverse would make no sense; and a store that went one way goes the other only after a
/// cool-down, which grows when that was wrong.
struct RebalancingPolicy: Sendable {
    /// New limits, to be set in this order: those that go down come first.
    struct Outcome: Sendable, Equatable {
        var limits: [(store: StoreKind, limit: Int)] = []
        var moves: [RebalancingMove] = []

        static func == (a: Outcome, b: Outcome) -> Bool {
            a.moves == b.moves && a.limits.elementsEqual(b.limits) { $0 == $1 }
        }
    }

    /// Connections taken from one store and not given to the other yet.
    struct Transfer: Sendable, Equatable {
        var from: StoreKind?
        var to: StoreKind
        var count: Int
    }

    let configuration: RebalancingConfiguration
    let budget: Int
    var trends: [StoreKind: StoreTrend] = [:]
    var transfers: [Transfer] = []
    /// What stores that are down have given: lender, borrower, count.
    var loans: [StoreKind: [StoreKind: Int]] = [:]
    private var lastLook: Duration?

    init(configuration: RebalancingConfiguration, budget: Int) {
        self.configuration = configuration
        self.budget = budget
    }

    /// - Parameters:
    ///   - loads: every store, once.
    ///   - now: the time since any moment that stays the same.
    mutating func look(at loads: [StoreLoad], now: Duration) -> Outcome {
        let elapsed = lastLook.map { now - $0 } ?? configuration.interval
        lastLook = now
        for load in loads { trends[load.store, default: StoreTrend()].look(load, elapsed: elapsed) }

        var table = BudgetTable(loads: loads)
        var outcome = Outcome()
        dropUnwantedTransfers(table)
        var step = configuration.maximumStep
        returnLoans(&table, now: now, step: &step, moves: &outcome.moves)
        serveNeeds(&table, now: now, step: &step, moves: &outcome.moves)
        grantTransfers(&table)
        outcome.limits = table.changes
        return outcome
    }

    // MARK: Giving

    /// Hands over what its giver has closed, in the order of the decisions.
    private mutating func grantTransfers(_ table: inout BudgetTable) {
        var room = budget - table.claimed
        for index in transfers.indices {
            let count = min(transfers[index].count, room, table.roomAbove(transfers[index].to))
            guard count > 0 else { continue }
            table[transfers[index].to].limit += count
            transfers[index].count -= count
            room -= count
        }
        transfers.removeAll { $0.count == 0 }
    }

    /// Forgets what nobody can use any more: it becomes part of the unused budget.
    private mutating func dropUnwantedTransfers(_ table: BudgetTable) {
        transfers.removeAll { table[$0.to].isDown || table.roomAbove($0.to) == 0 }
        // A limit may not have been taken up as it was returned.
        var excess = table.limits + transfers.reduce(0) { $0 + $1.count } - budget
        for index in transfers.indices.reversed() where excess > 0 {
            let dropped = min(excess, transfers[index].count)
            transfers[index].count -= dropped
            excess -= dropped
        }
        transfers.removeAll { $0.count == 0 }
    }

    func pending(to store: StoreKind) -> Int {
        transfers.reduce(0) { $1.to == store ? $0 + $1.count : $0 }
    }

    /// What no store has and none is about to get.
    func unused(_ table: BudgetTable) -> Int {
        max(0, budget - table.limits - transfers.reduce(0) { $0 + $1.count })
    }

    /// Takes from one store for another.
    mutating func move(
        _ count: Int, from giver: StoreKind?, to receiver: StoreKind, _ reason: RebalancingMove.Reason, detail: String,
        table: inout BudgetTable, now: Duration, moves: inout [RebalancingMove]
    ) {
        if let giver {
            table[giver].limit -= count
            if table[giver].isDown { loans[giver, default: [:]][receiver, default: 0] += count }
            if reason != .returned { trends[giver]?.went(.gave, count, now: now, coolDown: configuration.coolDown) }
        }
        if reason != .returned { trends[receiver]?.went(.received, count, now: now, coolDown: configuration.coolDown) }
        transfers.append(Transfer(from: giver, to: receiver, count: count))
        moves.append(RebalancingMove(from: giver, to: receiver, count: count, reason: reason, detail: detail))
    }

    /// Gives a store that is up again what was lent while it was down.
    private mutating func returnLoans(
        _ table: inout BudgetTable, now: Duration, step: inout Int, moves: inout [RebalancingMove]
    ) {
        for lender in StoreKind.allCases {
            guard let borrowers = loans[lender], table.has(lender), !table[lender].isDown else { continue }
            let detail = "\(lender.rawValue) works again"
            // What a borrower never got is still there.
            var owed = borrowers.values.reduce(0, +)
            var sources: [(from: StoreKind?, most: Int)] = [(nil, unused(table))]
            sources += StoreKind.allCases.map { ($0, min(borrowers[$0] ?? 0, table.roomBelow($0))) }
            for (from, most) in sources {
                let count = min(owed, most, step, table.roomAbove(lender) - pending(to: lender))
                guard count > 0 else { continue }
                move(count, from: from, to: lender, .returned, detail: detail, table: &table, now: now, moves: &moves)
                owed -= count
                step -= count
                if let from { loans[lender]?[from] = (borrowers[from] ?? 0) - count }
            }
            // The rest is for the next look, unless there is nothing that could be returned.
            if step > 0 || owed == 0 { loans[lender] = nil }
        }
    }
}
