/// Between which moments changes were committed, as a pure value.
///
/// A trigger notes the moment of its statement, which may lie long before the commit. A look at the database that did
/// not show a change yet tells more: the commit came after it. The later of the two is the earliest moment at which the
/// commit can have been, so that lag counted from it is never too short.
///
/// All moments are milliseconds since 1970.
struct CommitBrackets: Hashable, Sendable {
    private struct Look: Hashable {
        var moment: Double
        /// The highest number that it showed.
        var lastID: Int64
    }

    /// In the order of their moments.
    private var looks: [Look] = []
    private let capacity: Int

    /// - Parameter capacity: the most looks to remember; beyond, every other one is forgotten.
    init(capacity: Int = 1_024) {
        self.capacity = capacity
    }

    /// A look that began at a moment.
    mutating func look(at moment: Double, lastID: Int64) {
        if let last = looks.last, last.lastID >= lastID {
            // Entries that are gone had been there. What it did not show was committed after the later of the two
            // looks.
            looks[looks.count - 1].moment = moment
            return
        }
        looks.append(Look(moment: moment, lastID: lastID))
        if looks.count > capacity {
            looks = looks.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        }
    }

    /// Entries up to this number will not be asked for any more.
    mutating func forget(through id: Int64) {
        guard let keep = looks.lastIndex(where: { $0.lastID <= id }), keep > 0 else { return }
        looks.removeFirst(keep)
    }

    /// How long ago a change was committed, at most.
    ///
    /// - Parameter moment: that of the statement, if known.
    /// - Returns: nil if nothing is known at all.
    func longestAge(of id: Int64, statement moment: Int64?, now: Double) -> Double? {
        let unseen = looks.last { $0.lastID < id }?.moment
        let candidates = [unseen, moment.map(Double.init)].compactMap { $0 }
        guard let earliest = candidates.max() else { return nil }
        // A clock that was set back must not make it negative.
        return max(0, now - earliest)
    }
}
