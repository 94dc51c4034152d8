import Stores

/// The sealed units that share the next commit: what they have done is in one transaction of SQLite and one of the graph,
/// and is decided at one moment.
///
/// A unit that ends while another one waits for its stores hands them on, with its changes in them, and waits for the
/// commit of the last one in the row (group commit: DeWitt and others, SIGMOD 1984, there for the log's disk). When
/// nobody waits, it commits at once: one caller alone never waits for company.
///
/// Lives on the lane.
struct UnitGroup {
    /// A unit whose body has returned.
    struct Member {
        let unit: Unit
        let decided: DecidedUnit

        var number: UInt64 { decided.row.number }
        var hasWrittenGraph: Bool { !decided.row.graph.isEmpty }
    }

    /// Tells this group from all before.
    private(set) var generation: UInt64 = 1
    private(set) var members: [Member] = []
    /// Whether a member has written to the graph.
    private(set) var usesGraph = false
    /// The highest of its members: those of a lower one are not waited for.
    private(set) var priority = TransactionPriority.background
    /// In whose name it is being committed; then it takes nobody in any more.
    var closer: UnitID?
    /// Whether somebody waits for the stores to commit it, before all others who want them.
    var isCloseRequested = false
    /// Whether somebody looks whether others come in.
    var isWatched = false
    /// What the members have put off in the graph, in order.
    var unsent: [PutOffWrite] = []
    var timer: Timers.ID?
    /// Whether it will be in all stores, and may be on its way there still.
    private(set) var isDecided = false
    /// Told whether it was decided, as soon as that is known.
    private var decisionWaits: [(Bool) -> Void] = []
    /// Told the same when it has ended.
    private var endWaits: [(Bool) -> Void] = []

    var isEmpty: Bool { members.isEmpty }
    /// What its members did in the graph, in order.
    var graphRedo: [GraphRedo] { members.flatMap(\.decided.row.graph) }

    mutating func add(_ member: Member) {
        members.append(member)
        if member.hasWrittenGraph { usesGraph = true }
        priority = max(priority, member.unit.options.priority)
        unsent += member.unit.unsent
    }

    func contains(idempotencyKey key: String) -> Bool {
        members.contains { $0.decided.idempotencyKey == key }
    }

    mutating func waitForEnd(_ action: @escaping (Bool) -> Void) { endWaits.append(action) }
    mutating func waitForDecision(_ action: @escaping (Bool) -> Void) { decisionWaits.append(action) }

    /// - Returns: those who have waited for that.
    mutating func decide() -> [(Bool) -> Void] {
        isDecided = true
        defer { decisionWaits = [] }
        return decisionWaits
    }

    /// Begins the next group.
    ///
    /// - Returns: those who have waited for the end of this one, or for a decision that it never had.
    mutating func end() -> [(Bool) -> Void] {
        let next = generation + 1
        defer {
            self = UnitGroup()
            generation = next
        }
        return decisionWaits + endWaits
    }
}

/// What became of a group, for one of its members.
enum GroupOutcome {
    case decided(isGraphApplied: Bool)
    /// The member is not committed.
    case failed(any Error)
}
