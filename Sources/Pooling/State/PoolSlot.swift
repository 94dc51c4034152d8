/// One of the places for connections.
struct PoolSlot: Sendable {
    enum Phase: UInt8, Sendable {
        case vacant, opening, idle, leased, checking, closing
    }

    var phase = Phase.vacant
    /// Whether a shutdown's deadline has passed while this was leased.
    var isRevoked = false
    /// Whether this lease was reported as held too long.
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
}
