/// What is known of Redis: by units on the lane, by the task that brings Redis on, and by snapshots' readers, none of whom
/// waits for another.
struct CacheState {
    /// A caller that waits until Redis has a number.
    struct Wait {
        typealias ID = UInt64

        var id: ID
        var number: UInt64
        var continuation: CheckedContinuation<Bool, Never>
    }

    /// What becomes of a caller who would wait until Redis has a number.
    enum Waiting {
        /// It need not: Redis has it, or never will.
        case over(Bool)
        case waits(Wait.ID)
    }

    /// What whoever brings Redis on does next.
    enum Errand {
        case send(CacheBatch)
        case catchUp(CacheLoss)
    }

    var queue: CacheQueue
    var confirmations = CacheConfirmations()
    /// What Redis was noticed to have lost.
    var loss: CacheLoss?
    /// What last kept Redis from taking changes; nil when nothing does.
    var failure: (any Error)?
    /// Whether somebody brings Redis on.
    private(set) var isApplying = false
    private(set) var isStopped = false
    /// Whether somebody waits for Redis to have everything.
    var isClosing = false
    private var waits: [Wait] = []
    private var lastWait: Wait.ID = 0
    /// Reads of snapshots that wait for changes of Redis to be confirmed.
    private var readers: [CheckedContinuation<Void, Never>] = []

    init(applied: UInt64) {
        queue = CacheQueue(applied: applied)
    }

    // MARK: Bringing Redis on

    /// What is to be done first by a caller who has nothing to do with Redis yet; nil if somebody else sees to it, or
    /// there is nothing.
    mutating func begin(limit: Int) -> Errand? {
        isApplying ? nil : next(limit: limit)
    }

    /// What is to be done next; nil when there is nothing, and whoever comes then begins anew.
    mutating func next(limit: Int) -> Errand? {
        isApplying = false
        if isStopped { return nil }
        let errand = loss.map(Errand.catchUp) ?? queue.next(limit: limit).map(Errand.send)
        isApplying = errand != nil
        return errand
    }

    /// Redis has taken changes.
    ///
    /// - Returns: those who have waited for them.
    mutating func followed() -> [CheckedContinuation<Bool, Never>] {
        failure = nil
        let number = queue.applied
        guard let first = waits.firstIndex(where: { $0.number <= number }) else { return [] }
        let done = waits[first...].filter { $0.number <= number }.map(\.continuation)
        waits.removeAll { $0.number <= number }
        return done
    }

    // MARK: Waiting

    /// Keeps a caller until Redis has a number.
    mutating func wait(until number: UInt64, _ continuation: CheckedContinuation<Bool, Never>) -> Waiting {
        if queue.applied >= number { return .over(true) }
        if isStopped { return .over(false) }
        lastWait += 1
        waits.append(Wait(id: lastWait, number: number, continuation: continuation))
        return .waits(lastWait)
    }

    mutating func giveUp(_ id: Wait.ID) -> CheckedContinuation<Bool, Never>? {
        waits.firstIndex { $0.id == id }.map { waits.remove(at: $0).continuation }
    }

    /// Keeps a read until something is confirmed.
    ///
    /// - Returns: false if it need not wait for that.
    mutating func wait(for key: CacheKey, at number: UInt64, _ continuation: CheckedContinuation<Void, Never>) -> Bool {
        guard !isStopped, queue.mayBeNewer(key, than: number) == .underWay else { return false }
        readers.append(continuation)
        return true
    }

    /// The reads that wait, which are to look again.
    mutating func takeReaders() -> [CheckedContinuation<Void, Never>] {
        defer { readers = [] }
        return readers
    }

    /// Who waits for what; empty when nobody does.
    var left: [String] {
        (waits.isEmpty ? [] : ["\(waits.count) waits for Redis"])
            + (readers.isEmpty ? [] : ["\(readers.count) waits for confirmation"])
            + (isApplying ? ["a task that applies to Redis"] : [])
    }

    /// From now on nothing is confirmed any more.
    ///
    /// - Returns: those who wait for it in vain.
    mutating func stop() -> [CheckedContinuation<Bool, Never>] {
        isStopped = true
        defer { waits = [] }
        return waits.map(\.continuation)
    }
}
