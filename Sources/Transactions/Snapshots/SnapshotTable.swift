/// What a snapshot, or a unit's view of the stores, is called here.
struct SnapshotID: Hashable, Sendable, Comparable, CustomStringConvertible {
    let rawValue: UInt64

    var description: String { "snapshot \(rawValue)" }

    static func < (a: SnapshotID, b: SnapshotID) -> Bool { a.rawValue < b.rawValue }
}

/// When snapshots may open and when a unit may commit, as a pure value.
///
/// SQLite and the graph commit one after the other, and a snapshot opens a reader of each. So none opens from before the
/// first commit until after the last, and no commit begins while one opens. Whoever waits to commit goes first: there
/// is one at a time, and readers would never leave it a gap.
struct SnapshotTable {
    /// The last decided number that SQLite and the graph both show.
    private(set) var number: UInt64
    /// Snapshots that have not ended, by the number that they read at.
    private(set) var open: [SnapshotID: UInt64] = [:]
    /// Those of `open` whose readers have not all begun.
    private var opening: Set<SnapshotID> = []
    /// Those that come after the commit, in order.
    private var waiting: [SnapshotID] = []
    private var commit: Commit?
    private var lastID: UInt64 = 0

    private struct Commit {
        var unit: UnitID
        var isUnderWay: Bool
        /// Whether somebody read when it was asked for: then Redis's old values are kept, and others may read at that number too.
        var isRead: Bool
    }

    init(number: UInt64) {
        self.number = number
    }

    /// The oldest number that an open snapshot reads at, or one that may come; nil if there is none.
    var oldest: UInt64? { open.values.min() ?? (commit?.isRead == true ? number : nil) }
    /// Below which number nothing is read any more, by a later snapshot either.
    var oldestNeeded: UInt64 { oldest ?? number }
    /// Whether a unit commits, or waits to.
    var hasCommit: Bool { commit != nil }
    /// Whether the readers of a snapshot have not all begun.
    func isOpening(_ id: SnapshotID) -> Bool { opening.contains(id) }
    var isEmpty: Bool { open.isEmpty && waiting.isEmpty && commit == nil }

    // MARK: Snapshots

    /// - Returns: its name, and whether its readers may begin; else it waits until ``endCommit(_:at:)`` names it.
    mutating func begin() -> (id: SnapshotID, isIn: Bool) {
        lastID += 1
        let id = SnapshotID(rawValue: lastID)
        guard commit == nil else {
            waiting.append(id)
            return (id, false)
        }
        enter(id)
        return (id, true)
    }

    /// Begins one whose readers show the stores at a number already; also beside a commit, which it comes before.
    ///
    /// - Returns: nil if that number is not the last one any more, or what Redis held at it may not be known.
    mutating func begin(at number: UInt64) -> SnapshotID? {
        guard number == self.number, commit?.isRead != false else { return nil }
        lastID += 1
        let id = SnapshotID(rawValue: lastID)
        open[id] = number
        return id
    }

    private mutating func enter(_ id: SnapshotID) {
        open[id] = number
        opening.insert(id)
    }

    /// Takes back the request of one that waits.
    ///
    /// - Returns: false if it does not wait.
    mutating func withdraw(_ id: SnapshotID) -> Bool {
        guard let index = waiting.firstIndex(of: id) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// The readers of a snapshot have begun, or never will.
    ///
    /// - Returns: whether the commit that has waited for it goes on.
    mutating func isOpen(_ id: SnapshotID) -> Bool {
        guard opening.remove(id) != nil, opening.isEmpty, commit?.isUnderWay == false else { return false }
        commit?.isUnderWay = true
        return true
    }

    /// Nothing is read at a snapshot any more, though its readers may not have begun yet.
    ///
    /// - Returns: false if it has ended before.
    mutating func end(_ id: SnapshotID) -> Bool {
        open.removeValue(forKey: id) != nil
    }

    // MARK: Commits

    /// - Returns: whether the commit may begin; else it waits until ``isOpen(_:)`` says so.
    mutating func requestCommit(_ unit: UnitID) -> Bool {
        commit = Commit(unit: unit, isUnderWay: opening.isEmpty, isRead: !open.isEmpty)
        return opening.isEmpty
    }

    /// Whether a unit waits to commit.
    func isWaiting(_ unit: UnitID) -> Bool { commit?.unit == unit && commit?.isUnderWay == false }
    /// Whether a unit commits, or waits to.
    func isCommitting(_ unit: UnitID) -> Bool { commit?.unit == unit }

    /// The stores show the same number again, or the unit does not commit.
    ///
    /// - Returns: the snapshots that may begin now.
    mutating func endCommit(_ unit: UnitID, at number: UInt64) -> [SnapshotID] {
        guard isCommitting(unit) else { return [] }
        commit = nil
        self.number = max(self.number, number)
        let entering = waiting
        waiting = []
        for id in entering { enter(id) }
        return entering
    }
}
