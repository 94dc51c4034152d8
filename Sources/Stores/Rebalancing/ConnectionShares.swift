/// How a budget is divided before anything is known of the load.
enum ConnectionShares {
    /// Gives each store its least, then the rest in proportion to the room that each has above it.
    ///
    /// - Returns: a share within each store's bounds, in order; they add up to the budget, or to all upper bounds if the budget is
    ///   larger. Nil when the budget is less than all lower bounds together.
    static func divide(_ budget: Int, among bounds: [ClosedRange<Int>]) -> [Int]? {
        var shares = bounds.map(\.lowerBound)
        var rest = budget - shares.reduce(0, +)
        guard rest >= 0 else { return nil }
        let room = bounds.map { $0.upperBound - $0.lowerBound }
        let allRoom = room.reduce(0, +)
        guard rest < allRoom else { return bounds.map(\.upperBound) }
        let part = Double(rest) / Double(allRoom)
        for index in shares.indices {
            let extra = Int(Double(room[index]) * part)
            shares[index] += extra
            rest -= extra
        }
        // What rounding down has left, to those with the most room left.
        let order = shares.indices.sorted { bounds[$0].upperBound - shares[$0] > bounds[$1].upperBound - shares[$1] }
        for index in order where rest > 0 && shares[index] < bounds[index].upperBound {
            shares[index] += 1
            rest -= 1
        }
        return shares
    }
}
