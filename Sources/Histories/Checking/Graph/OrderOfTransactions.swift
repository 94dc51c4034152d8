/// The order of transactions that does not come from what they read and wrote: within a process, and in real time.
struct OrderOfTransactions {
    /// Adds edges between each two that follow each other in a process.
    static func addProcesses(_ transactions: [ObservedTransaction], _ nodes: [Bool], to edges: inout [Dependency]) {
        var last: [Int: Int] = [:]
        for place in transactions.indices where nodes[place] {
            if let previous = last.updateValue(place, forKey: transactions[place].process) {
                edges.append(Dependency(from: previous, to: place, .process))
            }
        }
    }

    /// Adds so many edges that each transaction can be reached from all those that had ended before it began, but no more than about the
    /// number of clients for each: only from those after whose end no other one began and ended.
    static func addRealTime(_ transactions: [ObservedTransaction], _ nodes: [Bool], to edges: inout [Dependency]) {
        forEachFrontier(transactions, nodes.indices.lazy.filter { nodes[$0] }) { earlier, place in
            edges.append(Dependency(from: earlier, to: place, .realTime))
        }
    }

    /// Calls the body for pairs, the first of which ended before the second began, leaving out most of those that follow from others.
    static func forEachFrontier(
        _ transactions: [ObservedTransaction], _ places: some Sequence<Int>,
        _ body: (_ earlier: Int, _ later: Int) -> Void
    ) {
        // Transactions stand in the order in which they began.
        let places = Array(places)
        var ends = places.filter { transactions[$0].ended != nil }
        ends.sort { (transactions[$0].ended ?? 0) < (transactions[$1].ended ?? 0) }
        var nextEnd = 0
        var frontier: [Int] = []
        for place in places {
            let began = transactions[place].number
            while nextEnd < ends.count, let end = transactions[ends[nextEnd]].ended, end < began {
                let ending = transactions[ends[nextEnd]]
                frontier.removeAll { (transactions[$0].ended ?? .max) < ending.number }
                frontier.append(ends[nextEnd])
                nextEnd += 1
            }
            for earlier in frontier { body(earlier, place) }
        }
    }
}
