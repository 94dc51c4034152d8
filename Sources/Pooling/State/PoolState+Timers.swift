/// What happens because time passes.
extension PoolState {
    /// Does all that is due, and sets ``alarm`` to when it wants to be called again.
    ///
    /// - Parameter entropy: random bits, for the back-off after attempts to connect that took too long.
    mutating func tick(now: PoolInstant, entropy: UInt64, actions: inout [PoolAction]) {
        let expired = waiters.removeExpired(now: now)
        fail(expired, .timedOut, now: now, actions: &actions)
        for slot in slots.indices where slots[slot].deadline <= now {
            overdue(slot, now: now, entropy: entropy, actions: &actions)
        }
        if sweepAt <= now, used > 0 {
            sweepAt = now.advanced(by: settings.sweepInterval)
            sweepIdle(now: now, actions: &actions)
            reportLeaks(now: now, actions: &actions)
        }
        openAsNeeded(now: now, actions: &actions)
        finishDrainIfEmpty(actions: &actions)
        if drainDeadline <= now { endDrain(now: now, actions: &actions) }
        setAlarm()
    }

    /// A call of the factory's takes too long. Whether it ever ends is not the pool's to depend on.
    private mutating func overdue(_ slot: Int, now: PoolInstant, entropy: UInt64, actions: inout [PoolAction]) {
        let ticket = PoolTicket(slot: slot, serial: slots[slot].serial)
        switch slots[slot].phase {
        case .opening:
            actions.append(.abandon(ticket))
            let error = OperationTimedOut(limit: settings.openTimeout.duration)
            openFailed(ticket, ConnectFailure(error), now: now, entropy: entropy, actions: &actions)
        case .checking:
            actions.append(.abandon(ticket))
            checked(ticket, works: false, now: now, actions: &actions)
        case .closing:
            actions.append(.abandon(ticket))
            closed(ticket, now: now, actions: &actions)
        case .vacant, .idle, .leased:
            // Left from the phase before.
            slots[slot].deadline = .never
        }
    }

    private mutating func sweepIdle(now: PoolInstant, actions: inout [PoolAction]) {
        // Not all at once: someone who comes meanwhile should find one.
        let checkLimit = max(1, idle.count / 2)
        let candidates = idle
        idle = []
        // Each is put back before the next is judged, so that the counts hold for every one.
        for (index, slot) in candidates.enumerated() {
            let activeWithRest = active + candidates.count - index
            if slots[slot].expires <= now {
                close(slot, .expired, now: now, actions: &actions)
            } else if now.since(slots[slot].since) >= settings.idleTimeout, activeWithRest > settings.minimum {
                close(slot, .idleTimeout, now: now, actions: &actions)
            } else if now.since(slots[slot].provenAt) >= settings.keepAlive, checking < checkLimit {
                check(slot, now: now, actions: &actions)
            } else {
                idle.append(slot)
            }
        }
    }

    private mutating func reportLeaks(now: PoolInstant, actions: inout [PoolAction]) {
        guard settings.leakThreshold < .endless else { return }
        for slot in slots.indices where slots[slot].phase == .leased && !slots[slot].isReported {
            let age = now.since(slots[slot].since)
            guard age >= settings.leakThreshold else { continue }
            slots[slot].isReported = true
            counters.leaks &+= 1
            actions.append(.warn(PoolHolder(age: age.duration, place: slots[slot].place)))
        }
    }

    private mutating func setAlarm() {
        alarm = min(waiters.earliestDeadline, drainDeadline)
        if used > 0 { wake(at: sweepAt) } else { sweepAt = .never }
        for slot in slots where slot.deadline < alarm {
            switch slot.phase {
            case .opening, .checking, .closing: wake(at: slot.deadline)
            case .vacant, .idle, .leased: break
            }
        }
        let wantsMore = !waiters.isEmpty || (phase == .running && active < settings.minimum)
        if isStarted, wantsMore, failuresInARow > 0, opening == 0, used < settings.maximum { wake(at: backOffUntil) }
    }
}

/// A call of the factory's did not end in time.
struct OperationTimedOut: Error, CustomStringConvertible {
    var limit: Duration
    var description: String { "the connection was not open within \(limit)" }
}
