/// One of the places for connections.
struct PoolSlot: Sendable {
    enum Phase: UInt8, Sendable {
        case vacant, opening, idle, leased, checking, closing
    }

    var phase = Phase.vacant
    /// Whether a shutdown's deadline has passed while this was leased.
    var isRevoked = false
    /// Whether this lease was reported as held too long, or is meant to last.
    var isReported = false
    /// Whether the connection has been handed out before.
    var isUsed = false
    /// Whether this lease is not its first.
    var isReuse = false
    /// The serial of the current use, see ``PoolTicket``.
    var serial: UInt64 = 0
    /// When the current phase began. For an idle connection, and one whose keep-alive is under way: when it was last used.
    var since = PoolInstant(nanoseconds: 0)
    /// When opening, checking or closing has taken too long.
    var deadline = PoolInstant.never
    /// When the connection reaches its maximum lifetime.
    var expires = PoolInstant.never
    /// When the connection was last known to work.
    var provenAt = PoolInstant(nanoseconds: 0)
    /// Who leases it, see ``PoolState/acquireIdle(now:holder:place:)``.
    var holder: UInt = 0
    var place = CodePlace(file: "", line: 0)

    /// - Returns: whether the connection has been handed out before.
    mutating func beginLease(serial: UInt64, now: PoolInstant, holder: UInt, place: CodePlace) -> Bool {
        phase = .leased
        self.serial = serial
        since = now
        isReported = false
        isReuse = isUsed
        isUsed = true
        self.holder = holder
        self.place = place
        return isReuse
    }

    /// Ends this lease, if there is nothing else to do with the connection than to keep it.
    ///
    /// - Returns: how long it was held; nil if nothing was done.
    mutating func endLeaseToIdle(serial: UInt64, now: PoolInstant) -> PoolSpan? {
        guard phase == .leased, self.serial == serial, expires > now else { return nil }
        let held = now.since(since)
        phase = .idle
        // So that a second release of the same lease matches nothing.
        self.serial = 0
        holder = 0
        since = now
        provenAt = now
        return held
    }
}
