/// Opening connections: as many as are needed, few at a time, and one at a time while connecting fails.
extension PoolState {
    /// Begins to keep the minimum of connections, if that has not begun yet.
    mutating func start(now: PoolInstant, actions: inout [PoolAction]) {
        guard !isStarted, phase == .running else { return }
        isStarted = true
        openAsNeeded(now: now, actions: &actions)
    }

    /// Opens connections for those who wait, and up to the minimum.
    ///
    /// Nobody's connection in particular: what is opened goes to whoever is first then, so it does not matter if the task that
    /// caused it is gone.
    mutating func openAsNeeded(now: PoolInstant, actions: inout [PoolAction]) {
        guard isStarted, phase != .closed else { return }
        // After a failure one attempt at a time asks whether the server is back; its success lets the others go.
        let limit = failuresInARow > 0 ? 1 : settings.maximumOpening
        while opening < limit, used < settings.maximum {
            let isBelowMinimum = phase == .running && active < settings.minimum
            guard isBelowMinimum || waiters.count > opening else { return }
            guard now >= backOffUntil else { return wake(at: backOffUntil) }
            let slot = vacant.popLast() ?? slots.endIndex
            if slot == slots.endIndex { slots.append(PoolSlot()) }
            opening += 1
            slots[slot].since = now
            actions.append(.open(begin(.opening, in: slot, now: now, limit: settings.openTimeout)))
            if sweepAt == .never {
                sweepAt = now.advanced(by: settings.sweepInterval)
            }
            wake(at: sweepAt)
        }
    }

    /// A connection is open.
    ///
    /// - Parameter entropy: random bits, for its lifetime.
    /// - Returns: false when it came too late, and is the caller's to close.
    mutating func opened(_ ticket: PoolTicket, now: PoolInstant, entropy: UInt64, actions: inout [PoolAction]) -> Bool {
        guard isCurrent(ticket, .opening) else { return false }
        opening -= 1
        counters.opened &+= 1
        failuresInARow = 0
        failedRounds = 0
        backOffUntil = PoolInstant(nanoseconds: .min)
        slots[ticket.slot].expires = now.advanced(by: settings.lifetime(entropy: entropy))
        offer(ticket.slot, now: now, actions: &actions)
        openAsNeeded(now: now, actions: &actions)
        return true
    }

    /// Whether connecting fails and no connection is left that could become free.
    var isUnreachable: Bool { failuresInARow > 0 && idle.isEmpty && leased == 0 && checking == 0 }

    /// Whether a waiter does not wait for a store that is unreachable. Nobody waits for what further attempts will not mend.
    func givesUp(_ waiter: WaiterQueue.Waiter) -> Bool {
        waiter.manner.failsWhenUnreachable || lastConnectFailure?.isLasting ?? false
    }

    /// A connection could not be opened.
    ///
    /// - Parameter entropy: random bits, for the back-off.
    mutating func openFailed(
        _ ticket: PoolTicket, _ failure: ConnectFailure, now: PoolInstant, entropy: UInt64, actions: inout [PoolAction]
    ) {
        guard isCurrent(ticket, .opening) else { return }
        opening -= 1
        // Several that were under way when the server went away say the same once: eight of them are no reason to wait for
        // the longest pause at once.
        if slots[ticket.slot].since > lastFailedAt || failedRounds == 0 { failedRounds += 1 }
        lastFailedAt = now
        vacate(ticket.slot)
        counters.openFailed &+= 1
        lastConnectFailure = failure
        failuresInARow += 1
        let pause = settings.backOff(failures: failedRounds, entropy: entropy)
        backOffUntil = max(backOffUntil, now.advanced(by: pause))
        if isUnreachable {
            let leaving = waiters.removeAll(where: givesUp)
            fail(leaving, .unreachable, now: now, actions: &actions)
        }
        finishDrainIfEmpty(actions: &actions)
        openAsNeeded(now: now, actions: &actions)
    }
}
