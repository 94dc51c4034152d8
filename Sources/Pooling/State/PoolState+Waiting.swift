/// Asking for a connection, waiting for it, and giving it back.
extension PoolState {
    /// Makes a name for someone who is about to wait, before it can be cancelled.
    ///
    /// A cancellation may come between this and ``enqueue``; then it is remembered. Each announced waiter must be enqueued, which
    /// forgets the announcement: so no more is remembered than there are calls under way.
    mutating func announceWaiter() -> WaiterID {
        lastWaiter &+= 1
        let id = WaiterID(number: lastWaiter)
        announced[id] = false
        return id
    }

    /// Gives an announced waiter a connection at once, or lets it wait, or refuses it. It completes exactly once, by an action of
    /// this event or of a later one.
    mutating func enqueue(
        _ id: WaiterID, now: PoolInstant, timeout: PoolSpan, holder: UInt, place: CodePlace,
        manner: LeaseManner = LeaseManner(), actions: inout [PoolAction]
    ) {
        var waiter = WaiterQueue.Waiter(
            id: id, since: now, deadline: now.advanced(by: timeout), holder: holder, place: place, manner: manner)
        if announced.removeValue(forKey: id) == true {
            return fail(waiter, .cancelled, now: now, actions: &actions)
        }
        guard phase == .running else { return fail(waiter, .shutDown, now: now, actions: &actions) }
        start(now: now, actions: &actions)
        while let slot = idle.popLast() {
            guard slots[slot].expires <= now else {
                let ticket = lease(slot, now: now, holder: holder, place: place, manner)
                actions.append(.complete(id, .leased(ticket, waited: .zero)))
                // An expired one may have been closed on the way.
                return openAsNeeded(now: now, actions: &actions)
            }
            close(slot, .expired, now: now, actions: &actions)
        }
        waiter.isHolding = holder != 0 && slots.contains { $0.phase == .leased && $0.holder == holder }
        if waiter.isHolding, wouldWaitForever(waiter) {
            return fail(waiter, .wouldDeadlock, now: now, actions: &actions)
        }
        if isUnreachable, now < backOffUntil, givesUp(waiter) {
            return fail(waiter, .unreachable, now: now, actions: &actions)
        }
        guard waiter.deadline > now else { return fail(waiter, .timedOut, now: now, actions: &actions) }
        if waiter.isHolding { holdingWaiters.insert(holder) }
        waiters.append(waiter)
        wake(at: waiter.deadline)
        openAsNeeded(now: now, actions: &actions)
    }

    /// Whether every connection that there can be is held by someone who waits for another one.
    ///
    /// Holders that only work will give theirs back, and what is being opened, probed or closed makes room: then it is no deadlock.
    private func wouldWaitForever(_ waiter: WaiterQueue.Waiter) -> Bool {
        guard leased == used, leased >= settings.maximum else { return false }
        return slots.allSatisfy {
            $0.phase != .leased || $0.holder == waiter.holder || holdingWaiters.contains($0.holder)
        }
    }

    /// Ends a wait. One that has ended already stays as it ended; one that has not begun will end at once.
    mutating func cancel(_ id: WaiterID, now: PoolInstant, actions: inout [PoolAction]) {
        if let waiter = waiters.remove(id) {
            fail(waiter, .cancelled, now: now, actions: &actions)
            finishDrainIfEmpty(actions: &actions)
        } else if announced[id] != nil {
            announced[id] = true
        }
    }

    /// Takes a connection back.
    ///
    /// - Returns: whether the lease was still there. A lease that ended before is no concern of the pool's state; it is a mistake of
    ///   the caller to be logged.
    @discardableResult
    mutating func release(
        _ ticket: PoolTicket, as condition: ReturnedCondition, now: PoolInstant, actions: inout [PoolAction]
    ) -> Bool {
        guard isLeased(ticket) else { return false }
        let slot = ticket.slot
        endLease(slot, now: now)
        switch condition {
        case .good:
            offer(slot, now: now, actions: &actions)
        case .suspect where phase == .closed:
            close(slot, .shutdown, now: now, actions: &actions)
        case .suspect where slots[slot].expires <= now:
            close(slot, .expired, now: now, actions: &actions)
        case .suspect:
            slots[slot].since = now
            check(slot, now: now, actions: &actions)
        case .broken:
            close(slot, .broken, now: now, actions: &actions)
        }
        openAsNeeded(now: now, actions: &actions)
        return true
    }

    /// Takes a connection back that was found broken before its user saw it: that was no acquire.
    mutating func reject(_ ticket: PoolTicket, now: PoolInstant, actions: inout [PoolAction]) {
        let isReuse = isLeased(ticket) && slots[ticket.slot].isReuse
        guard release(ticket, as: .broken, now: now, actions: &actions) else { return }
        counters.acquired &-= 1
        if isReuse { counters.reused &-= 1 }
    }

    /// Whether the deadline of a shutdown has passed for this lease.
    func isRevoked(_ ticket: PoolTicket) -> Bool { isLeased(ticket) && slots[ticket.slot].isRevoked }

    // MARK: Failing

    mutating func fail(
        _ waiter: WaiterQueue.Waiter, _ cause: WaiterFailure.Cause, now: PoolInstant, actions: inout [PoolAction]
    ) {
        fail([waiter], cause, now: now, actions: &actions)
    }

    mutating func fail(
        _ failing: [WaiterQueue.Waiter], _ cause: WaiterFailure.Cause, now: PoolInstant, actions: inout [PoolAction]
    ) {
        guard !failing.isEmpty else { return }
        // A cancelled caller is told nothing about the pool; mass cancellation should not pay for it either.
        let holders = cause == .cancelled ? [] : longestHolders(5, now: now)
        let status = cause == .cancelled ? PoolStatus() : self.status(waitingAlso: failing.count)
        for waiter in failing {
            // A waiter that never got into the queue has no mark to take away, but the task it belongs to may have one.
            if waiter.isHolding, cause != .wouldDeadlock { holdingWaiters.remove(waiter.holder) }
            let waited = now.since(waiter.since)
            counters.waitNanoseconds &+= waited.nanoseconds
            switch cause {
            case .timedOut: counters.timedOut &+= 1
            case .cancelled: counters.cancelled &+= 1
            case .wouldDeadlock: counters.deadlocks &+= 1
            case .unreachable: counters.unreachable &+= 1
            case .shutDown: break
            }
            let failure = WaiterFailure(
                cause: cause, waited: waited, limit: waiter.limit, status: status, holders: holders)
            actions.append(.complete(waiter.id, .failed(failure)))
        }
    }
}

/// How a connection comes back.
@usableFromInline
enum ReturnedCondition: Sendable, Equatable {
    /// It works.
    case good
    /// Something failed on it: it is probed before anyone else gets it.
    case suspect
    /// It does not work.
    case broken
}
