/// What the choice among shared connections depends on, besides their load.
protocol SharedLink: Sendable {
    /// Whether the connection is open.
    var isUsable: Bool { get }
    /// Whether a command has timed out on it and nothing has come since.
    var isSilent: Bool { get }
}

/// Which shared connection a command takes, and how many are shared: a value without clock, lock and I/O.
///
/// A connection is shared ("a lane") for as long as commands are under way on it; then it goes back to its pool. A command goes to the
/// first lane that has room, not to the one with the least load: few connections with many commands each make few and large writes,
/// and lanes that are not needed any more run empty by themselves. Silent lanes are avoided as long as there is another choice.
///
/// Invariants (SharedLanesRandomTests): the loads are the weights of the turns that are out; a lane without load is there only while
/// someone waits for one or another is full; each lane comes out exactly once to be given back, and without load; no more lanes that answer than the
/// maximum.
struct SharedLanes<Link: SharedLink>: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// The right to send on a lane, until `end`.
    struct Turn: Sendable {
        let lane: UInt64
        let weight: Int
        let link: Link
    }

    struct Lane: Sendable {
        let id: UInt64
        let link: Link
        /// From when on it takes no more commands; nil for never.
        let retiresAt: Instant?
        var load = 0
        /// Whether it takes no more commands, and ends with those that it has.
        var isLeaving = false
        var isUnused = true
    }

    enum Choice: Sendable {
        /// Send; if `wantsAnother`, try to share one more connection.
        case use(Turn, wantsAnother: Bool)
        /// A connection is needed first.
        case none
        /// No one new is served.
        case ended
    }

    /// The most lanes that answer.
    var maximum: Int
    /// The load of a full lane.
    let depth: Int
    private(set) var lanes: [Lane] = []
    /// Tasks that wait for a lane.
    private(set) var waiting = 0
    private(set) var isEnding = false
    /// Turns taken on lanes that had been used before: the pool that lent the connection does not know of them.
    private(set) var reuses = 0
    private(set) var turns: UInt64 = 0
    private var lastID: UInt64 = 0
    private var growsFrom: UInt64 = 0

    init(maximum: Int, depth: Int) {
        self.maximum = max(1, maximum)
        self.depth = max(1, depth)
    }

    // MARK: Turns

    /// - Parameter isWaiting: whether the task was there before the end.
    mutating func take(_ weight: Int, isWaiting: Bool = false) -> Choice {
        if isEnding, !isWaiting { return .ended }
        var least: Int?
        var silent: Int?
        var answering = 0
        for index in lanes.indices where !lanes[index].isLeaving && lanes[index].link.isUsable {
            let load = lanes[index].load
            if lanes[index].link.isSilent {
                if silent.map({ load < lanes[$0].load }) ?? true { silent = index }
                continue
            }
            if hasRoom(index, for: weight) { return .use(turn(index, weight), wantsAnother: false) }
            answering += 1
            if least.map({ load < lanes[$0].load }) ?? true { least = index }
        }
        guard let index = least ?? silent else { return .none }
        let wantsAnother = answering < maximum && turns >= growsFrom && !isEnding
        return .use(turn(index, weight), wantsAnother: wantsAnother)
    }

    private func hasRoom(_ index: Int, for weight: Int) -> Bool {
        lanes[index].load == 0 || lanes[index].load + weight <= depth
    }

    private mutating func turn(_ index: Int, _ weight: Int) -> Turn {
        turns &+= 1
        lanes[index].load += weight
        if lanes[index].isUnused { lanes[index].isUnused = false } else { reuses &+= 1 }
        return Turn(lane: lanes[index].id, weight: weight, link: lanes[index].link)
    }

    /// Ends a turn.
    ///
    /// - Returns: a lane to give back, if one is not needed any more; then ask ``takeUnneeded()`` for more.
    mutating func end(_ turn: Turn) -> Link? {
        guard let index = lanes.firstIndex(where: { $0.id == turn.lane }) else { return nil }
        lanes[index].load -= turn.weight
        return lanes[index].load == 0 || lanes.count > 1 ? takeUnneeded() : nil
    }

    // MARK: Lanes

    /// Takes in a connection that was idle, for a turn that finds no room.
    ///
    /// - Returns: the turn, and whether the connection is to be given back because meanwhile there is room elsewhere.
    mutating func join(_ link: Link, retiresAt: Instant?, weight: Int) -> (turn: Turn, isSurplus: Bool) {
        var answering = 0
        for index in lanes.indices where isAnswering(lanes[index]) {
            if hasRoom(index, for: weight) { return (turn(index, weight), true) }
            answering += 1
        }
        if answering >= maximum,
            let index = lanes.indices.filter({ isAnswering(lanes[$0]) }).min(by: { lanes[$0].load < lanes[$1].load })
        {
            return (turn(index, weight), true)
        }
        append(link, retiresAt)
        return (turn(lanes.endIndex - 1, weight), false)
    }

    /// Takes in a connection for those who wait, or because all lanes are full.
    ///
    /// - Returns: false if it is to be given back.
    mutating func add(_ link: Link, retiresAt: Instant?) -> Bool {
        let answering = lanes.indices.filter { isAnswering(lanes[$0]) }
        let isCrowded = !answering.isEmpty && answering.count < maximum && !answering.contains { hasRoom($0, for: 1) }
        guard waiting > 0 || (isCrowded && !isEnding) else { return false }
        append(link, retiresAt)
        return true
    }

    private mutating func append(_ link: Link, _ retiresAt: Instant?) {
        lastID &+= 1
        lanes.append(Lane(id: lastID, link: link, retiresAt: retiresAt))
    }

    private func isAnswering(_ lane: Lane) -> Bool { !lane.isLeaving && lane.link.isUsable && !lane.link.isSilent }

    /// Takes out a lane that has no load and is not waited for.
    mutating func takeUnneeded() -> Link? {
        guard let index = lanes.firstIndex(where: { $0.load == 0 && (waiting == 0 || !isAnswering($0)) }) else {
            return nil
        }
        return lanes.remove(at: index).link
    }

    /// Lets the last lanes go, so that not more than some stay; each ends with the commands that it has.
    mutating func leave(_ number: Int, keeping kept: Int) {
        var count = lanes.count { !$0.isLeaving }
        for index in lanes.indices.reversed().filter({ !lanes[$0].isLeaving }).prefix(number) where count > kept {
            lanes[index].isLeaving = true
            count -= 1
        }
    }

    /// Lets those go whose time has come.
    mutating func retire(now: Instant) {
        for index in lanes.indices where lanes[index].retiresAt.map({ $0 <= now }) ?? false {
            lanes[index].isLeaving = true
        }
    }

    /// There was no connection for one more lane: no other attempt for some turns.
    mutating func postponeGrowth() {
        growsFrom = turns &+ 256
    }

    // MARK: Waiting and ending

    mutating func beginWaiting() { waiting += 1 }

    /// Then ask ``takeUnneeded()``.
    mutating func endWaiting() { waiting -= 1 }

    /// From here on only those are served who wait already. Then ask ``takeUnneeded()``.
    mutating func end() { isEnding = true }
}
