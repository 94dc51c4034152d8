/// Probing connections, and seeing them closed.
extension PoolState {
    mutating func check(_ slot: Int, now: PoolInstant, actions: inout [PoolAction]) {
        checking += 1
        actions.append(.check(begin(.checking, in: slot, now: now, limit: settings.checkTimeout)))
    }

    /// A probe has ended. One that comes too late is ignored.
    mutating func checked(_ ticket: PoolTicket, works: Bool, now: PoolInstant, actions: inout [PoolAction]) {
        guard isCurrent(ticket, .checking) else { return }
        checking -= 1
        if works {
            offer(ticket.slot, now: now, idleSince: slots[ticket.slot].since, actions: &actions)
        } else {
            counters.checksFailed &+= 1
            close(ticket.slot, .broken, now: now, actions: &actions)
        }
        openAsNeeded(now: now, actions: &actions)
    }

    /// Idle connections were found broken without anybody taking them.
    mutating func discard(idle broken: [Int], now: PoolInstant, actions: inout [PoolAction]) {
        for slot in broken {
            guard let index = idle.firstIndex(of: slot) else { continue }
            idle.remove(at: index)
            close(slot, .broken, now: now, actions: &actions)
        }
        openAsNeeded(now: now, actions: &actions)
    }

    /// A connection is closed, and its slot free.
    mutating func closed(_ ticket: PoolTicket, now: PoolInstant, actions: inout [PoolAction]) {
        guard isCurrent(ticket, .closing) else { return }
        closing -= 1
        vacate(ticket.slot)
        finishDrainIfEmpty(actions: &actions)
        openAsNeeded(now: now, actions: &actions)
    }
}
