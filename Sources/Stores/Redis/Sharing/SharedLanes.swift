import Pooling

/// A connection that is shared: what the choice among several depends on.
protocol SharedLink: AnyObject, Sendable {
    /// Whether the connection is open.
    var isUsable: Bool { get }
    /// Whether a command has timed out on it and nothing has come since.
    var isSilent: Bool { get }
    /// How many commands are under way on it. Rises only through ``SharedLanes``, and falls from any thread.
    var load: Int { get }

    /// Changes the load, and returns what it is then.
    @discardableResult
    func changeLoad(by weight: Int) -> Int
}

/// Which shared connection a command takes, and how many are shared: a value without clock, lock and I/O.
///
/// A connection is shared ("a lane") for as long as commands are under way on it; then it goes back to its pool. A command goes to the
/// first lane that has room, not to the one with the least load: few connections with many commands each make few and large writes,
/// and lanes that are not needed any more run empty by themselves. Silent lanes are avoided as long as there is another choice.
///
/// The end of a turn is told to the link alone, which costs no lock; only when a link has no load any more its lane is looked at.
///
/// Invariants (SharedLanesRandomTests): the loads are the weights of the turns that are out; each lane comes out exactly once to be given
/// back, and without load; when all turns have ended and nobody waits, no lane is left; no closed connection is chosen, and no silent one beside
/// one that answers.
struct SharedLanes<Link: SharedLink>: Sendable {
    /// The right to send on a lane, until `end`.
    struct Turn: Sendable {
        let weight: Int
        let link: Link
        /// When it began, if that is measured.
        var since = PoolInstant.never

        /// Ends the turn.
        ///
        /// - Returns: whether the link has no load any more: then ask ``SharedLanes/takeUnneeded()``.
        func end() -> Bool { link.changeLoad(by: -weight) == 0 }
    }

    struct Lane: Sendable {
        let link: Link
        /// From when on it takes no more commands.
        let retiresAt: PoolInstant
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
    private(set) var lanes: [Lane] = [] {
        didSet { front = lanes.first.flatMap { $0.isLeaving || $0.isUnused ? nil : $0.link } }
    }
    /// The first lane, if it takes commands and has been used before.
    private var front: Link?
    /// Tasks that wait for a lane.
    private(set) var waiting = 0
    private(set) var isEnding = false
    /// Turns taken on lanes that had been used before: the pool that lent the connection does not know of them.
    private(set) var reuses = 0
    private(set) var turns: UInt64 = 0
    private var growsFrom: UInt64 = 0

    init(maximum: Int, depth: Int) {
        self.maximum = max(1, maximum)
        self.depth = max(1, depth)
    }

    // MARK: Turns

    /// The usual case of ``take(_:isWaiting:)``, in a few steps: the first lane answers and has room. Otherwise nil, and nothing has happened.
    mutating func takeFront(_ weight: Int) -> Turn? {
        guard let front, !isEnding, front.isUsable, !front.isSilent else { return nil }
        let load = front.load
        guard load == 0 || load + weight <= depth else { return nil }
        front.changeLoad(by: weight)
        turns &+= 1
        reuses &+= 1
        return Turn(weight: weight, link: front)
    }

    /// - Parameter isWaiting: whether the task was there before the end.
    mutating func take(_ weight: Int, isWaiting: Bool = false) -> Choice {
        if isEnding, !isWaiting { return .ended }
        var least: Int?
        var silent: Int?
        var answering = 0
        for index in lanes.indices where !lanes[index].isLeaving && lanes[index].link.isUsable {
            if lanes[index].link.isSilent {
                if silent.map({ isLess(index, $0) }) ?? true { silent = index }
                continue
            }
            if hasRoom(index, for: weight) { return .use(turn(index, weight), wantsAnother: false) }
            answering += 1
            if least.map({ isLess(index, $0) }) ?? true { least = index }
        }
        guard let index = least ?? silent else { return .none }
        let wantsAnother = answering < maximum && turns >= growsFrom && !isEnding
        return .use(turn(index, weight), wantsAnother: wantsAnother)
    }

    private func hasRoom(_ index: Int, for weight: Int) -> Bool {
        let load = lanes[index].link.load
        return load == 0 || load + weight <= depth
    }

    private func isLess(_ a: Int, _ b: Int) -> Bool { lanes[a].link.load < lanes[b].link.load }

    private mutating func turn(_ index: Int, _ weight: Int) -> Turn {
        turns &+= 1
        lanes[index].link.changeLoad(by: weight)
        if lanes[index].isUnused { lanes[index].isUnused = false } else { reuses &+= 1 }
        return Turn(weight: weight, link: lanes[index].link)
    }

    // MARK: Lanes

    /// Takes in a connection that was idle, for a turn that finds no room.
    ///
    /// - Returns: the turn, and whether the connection is to be given back because meanwhile there is room elsewhere.
    mutating func join(_ link: Link, retiresAt: PoolInstant, weight: Int) -> (turn: Turn, isSurplus: Bool) {
        var answering = 0
        for index in lanes.indices where isAnswering(lanes[index]) {
            if hasRoom(index, for: weight) { return (turn(index, weight), true) }
            answering += 1
        }
        if answering >= maximum, let index = lanes.indices.filter({ isAnswering(lanes[$0]) }).min(by: isLess) {
            return (turn(index, weight), true)
        }
        append(link, retiresAt)
        return (turn(lanes.endIndex - 1, weight), false)
    }

    /// Takes in a connection for those who wait, or because all lanes are full.
    ///
    /// - Returns: false if it is to be given back.
    mutating func add(_ link: Link, retiresAt: PoolInstant) -> Bool {
        let answering = lanes.indices.filter { isAnswering(lanes[$0]) }
        let isCrowded = !answering.isEmpty && answering.count < maximum && !answering.contains { hasRoom($0, for: 1) }
        guard waiting > 0 || (isCrowded && !isEnding) else { return false }
        append(link, retiresAt)
        return true
    }

    private mutating func append(_ link: Link, _ retiresAt: PoolInstant) {
        lanes.append(Lane(link: link, retiresAt: retiresAt))
    }

    private func isAnswering(_ lane: Lane) -> Bool { !lane.isLeaving && lane.link.isUsable && !lane.link.isSilent }

    /// Takes out a lane that has no load and is not waited for.
    mutating func takeUnneeded() -> Link? {
        guard let index = lanes.firstIndex(where: { $0.link.load == 0 && (waiting == 0 || !isAnswering($0)) }) else {
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
    mutating func retire(now: PoolInstant) {
        for index in lanes.indices where lanes[index].retiresAt <= now {
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
