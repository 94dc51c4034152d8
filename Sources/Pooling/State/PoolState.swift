/// A pool's logic as a value: events go in, actions come out. It has no clock, no lock and does no I/O, and knows connections only
/// by the numbers of their slots.
///
/// Invariants: Documentation/pooling-invariants.md.
@usableFromInline
struct PoolState: Sendable {
    var settings: PoolSettings
    var phase = PoolStatus.Phase.running
    /// Whether the pool has been asked for anything: it opens no connections before that.
    var isStarted = false

    var slots: [PoolSlot] = []
    var vacant: [Int] = []
    /// Slots of idle connections, the one unused for longest first. The last is handed out first, so that a pool with little to do
    /// uses few connections and the others reach their idle timeout.
    var idle: [Int] = []
    var leased = 0
    var opening = 0
    var checking = 0
    var closing = 0

    var waiters = WaiterQueue()
    /// Those who are about to wait; true once they were cancelled. See ``announceWaiter()``.
    var announced: [WaiterID: Bool] = [:]
    /// Waiters that hold connections while they wait, by their identity.
    var holdingWaiters: Set<UInt> = []

    var failuresInARow = 0
    /// The attempts in a row that failed, where those that were under way at the same time count as one.
    var failedRounds = 0
    var lastFailedAt = PoolInstant(nanoseconds: .min)
    var backOffUntil = PoolInstant(nanoseconds: .min)
    var lastConnectFailure: ConnectFailure?

    /// When `tick` wants to be called at the latest. It may be early, never late.
    var alarm = PoolInstant.never
    var sweepAt = PoolInstant.never
    var drainDeadline = PoolInstant.never

    var counters = PoolCounters()
    var lastSerial: UInt64 = 0
    var lastWaiter: UInt64 = 0

    init(settings: PoolSettings) {
        self.settings = settings
    }

    /// Slots in use, by connections that are being closed too.
    var used: Int { idle.count + leased + opening + checking + closing }
    /// Connections that are there or on their way.
    var active: Int { used - closing }

    // MARK: Taking and giving back at once

    /// Takes an idle connection if that can be done without anything else to do. Everything else goes through ``enqueue``.
    ///
    /// - Parameter holder: a number for the task that will hold the connection and releases it before it ends; 0 when unknown.
    @usableFromInline
    mutating func acquireIdle(
        now: PoolInstant, holder: UInt, place: CodePlace, manner: LeaseManner = LeaseManner()
    ) -> PoolTicket? {
        // While anyone waits nothing is idle, so this overtakes nobody.
        guard phase == .running, let slot = idle.last, slots[slot].expires > now else { return nil }
        idle.removeLast()
        return lease(slot, now: now, holder: holder, place: place, manner)
    }

    /// Puts a connection back if that can be done without anything else to do.
    ///
    /// - Returns: how long it was held; nil when nothing was done and ``release`` must do it.
    @usableFromInline
    mutating func putBack(_ ticket: PoolTicket, now: PoolInstant) -> PoolSpan? {
        // One look at the slot: this runs for every use of a connection.
        guard phase == .running, waiters.isEmpty, active <= settings.maximum, slots.indices.contains(ticket.slot),
            let held = slots[ticket.slot].endLeaseToIdle(serial: ticket.serial, now: now)
        else { return nil }
        leased -= 1
        counters.holdNanoseconds &+= held.nanoseconds
        idle.append(ticket.slot)
        return held
    }

    /// How long a lease has been held; nil if it has ended.
    func age(of ticket: PoolTicket, now: PoolInstant) -> PoolSpan? {
        isLeased(ticket) ? now.since(slots[ticket.slot].since) : nil
    }

    // MARK: Shared by the events

    func isLeased(_ ticket: PoolTicket) -> Bool { isCurrent(ticket, .leased) }

    func isCurrent(_ ticket: PoolTicket, _ phase: PoolSlot.Phase) -> Bool {
        slots.indices.contains(ticket.slot) && slots[ticket.slot].serial == ticket.serial
            && slots[ticket.slot].phase == phase
    }

    /// Whether an opening, check or closing has not ended.
    func isUnderWay(_ ticket: PoolTicket) -> Bool {
        isCurrent(ticket, .opening) || isCurrent(ticket, .checking) || isCurrent(ticket, .closing)
    }

    mutating func lease(
        _ slot: Int, now: PoolInstant, holder: UInt, place: CodePlace, _ manner: LeaseManner = LeaseManner()
    ) -> PoolTicket {
        lastSerial &+= 1
        let isReuse = slots[slot].beginLease(serial: lastSerial, now: now, holder: holder, place: place)
        if manner.isMeantToLast { slots[slot].isReported = true }
        leased += 1
        counters.acquired &+= 1
        if isReuse { counters.reused &+= 1 }
        return PoolTicket(slot: slot, serial: lastSerial)
    }

    /// Counts a lease's end; the caller gives the slot its next phase at once.
    mutating func endLease(_ slot: Int, now: PoolInstant) {
        leased -= 1
        slots[slot].holder = 0
        // So that a second release of the same lease matches nothing.
        slots[slot].serial = 0
        counters.holdNanoseconds &+= now.since(slots[slot].since).nanoseconds
    }

    /// A new use of a slot whose previous phase has been counted out already.
    mutating func begin(
        _ phase: PoolSlot.Phase, in slot: Int, now: PoolInstant, limit: PoolSpan
    ) -> PoolTicket {
        lastSerial &+= 1
        slots[slot].phase = phase
        slots[slot].serial = lastSerial
        slots[slot].deadline = now.advanced(by: limit)
        wake(at: slots[slot].deadline)
        return PoolTicket(slot: slot, serial: lastSerial)
    }

    mutating func wake(at moment: PoolInstant) {
        alarm = min(alarm, moment)
    }

    mutating func vacate(_ slot: Int) {
        slots[slot] = PoolSlot()
        vacant.append(slot)
    }

    /// Gives a connection that is in no phase just now to whoever is first, or keeps it, or closes it.
    ///
    /// - Parameter idleSince: when it was last used, if that is not now.
    mutating func offer(
        _ slot: Int, now: PoolInstant, idleSince: PoolInstant? = nil, actions: inout [PoolAction]
    ) {
        if phase == .closed {
            close(slot, .shutdown, now: now, actions: &actions)
        } else if slots[slot].expires <= now {
            close(slot, .expired, now: now, actions: &actions)
        } else if active >= settings.maximum {
            // This slot is in no phase, so it is not counted in `active`.
            close(slot, .excess, now: now, actions: &actions)
        } else if let waiter = waiters.popFirst() {
            holdingWaiters.remove(waiter.holder)
            let waited = now.since(waiter.since)
            counters.waited &+= 1
            counters.waitNanoseconds &+= waited.nanoseconds
            let ticket = lease(slot, now: now, holder: waiter.holder, place: waiter.place, waiter.manner)
            actions.append(.complete(waiter.id, .leased(ticket, waited: waited)))
        } else if phase == .draining {
            close(slot, .shutdown, now: now, actions: &actions)
        } else {
            slots[slot].phase = .idle
            slots[slot].since = idleSince ?? now
            slots[slot].provenAt = now
            // A probed connection goes back to its place in the order, or a keep-alive would keep it from its idle timeout.
            let since = slots[slot].since
            let index = idle.lastIndex { slots[$0].since <= since }.map { $0 + 1 } ?? 0
            idle.insert(slot, at: index)
        }
    }

    mutating func close(_ slot: Int, _ reason: CloseReason, now: PoolInstant, actions: inout [PoolAction]) {
        closing += 1
        counters.closed &+= 1
        actions.append(.close(begin(.closing, in: slot, now: now, limit: settings.closeTimeout), reason))
    }
}
