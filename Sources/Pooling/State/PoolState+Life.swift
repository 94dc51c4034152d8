/// Changing the size, ending, and looking in from outside.
extension PoolState {
    /// Changes the bounds. More room serves those who wait at once; with less, idle connections close now and leased ones when they
    /// come back.
    mutating func resize(minimum: Int, maximum: Int, now: PoolInstant, actions: inout [PoolAction]) {
        settings.minimum = minimum
        settings.maximum = maximum
        let excess = min(idle.count, max(0, active - maximum))
        let closing = idle.prefix(excess)
        idle.removeFirst(excess)
        for slot in closing { close(slot, .excess, now: now, actions: &actions) }
        openAsNeeded(now: now, actions: &actions)
    }

    /// Serves those who wait, takes no one new, closes what comes back; at the deadline tells those who are left.
    ///
    /// A second call can only bring the deadline forward.
    mutating func drain(deadline: PoolInstant, now: PoolInstant, actions: inout [PoolAction]) {
        guard phase != .closed else { return }
        phase = .draining
        drainDeadline = min(drainDeadline, deadline)
        wake(at: drainDeadline)
        let unused = idle
        idle = []
        for slot in unused { close(slot, .shutdown, now: now, actions: &actions) }
        finishDrainIfEmpty(actions: &actions)
    }

    mutating func finishDrainIfEmpty(actions: inout [PoolAction]) {
        guard phase == .draining, used == 0, waiters.isEmpty else { return }
        phase = .closed
        drainDeadline = .never
        actions.append(.drained(PoolDrainReport()))
    }

    mutating func endDrain(now: PoolInstant, actions: inout [PoolAction]) {
        guard phase == .draining else { return }
        let report = PoolDrainReport(
            remainingHolders: longestHolders(.max, now: now), refusedWaiters: waiters.count,
            unfinishedOperations: opening + checking + closing)
        phase = .closed
        drainDeadline = .never
        var refused: [WaiterQueue.Waiter] = []
        while let waiter = waiters.popFirst() { refused.append(waiter) }
        fail(refused, .shutDown, now: now, actions: &actions)
        for slot in slots.indices {
            let ticket = PoolTicket(slot: slot, serial: slots[slot].serial)
            switch slots[slot].phase {
            case .leased:
                slots[slot].isRevoked = true
                actions.append(.interrupt(ticket))
            case .opening:
                // A connection that still comes is the shell's to close.
                actions.append(.abandon(ticket))
                opening -= 1
                vacate(slot)
            case .checking:
                actions.append(.abandon(ticket))
                checking -= 1
                close(slot, .shutdown, now: now, actions: &actions)
            case .closing, .idle, .vacant:
                break
            }
        }
        actions.append(.drained(report))
    }

    // MARK: Looking

    /// - Parameter waitingAlso: how many to count as waiting that have just been taken out of the queue.
    func status(waitingAlso: Int = 0) -> PoolStatus {
        PoolStatus(
            phase: phase, idle: idle.count, leased: leased, opening: opening, checking: checking, closing: closing,
            waiting: waiters.count + waitingAlso, minimum: settings.minimum, maximum: settings.maximum,
            connectFailuresInARow: failuresInARow, lastConnectFailure: lastConnectFailure, counters: counters)
    }

    /// Those who hold connections, the longest first.
    func longestHolders(_ limit: Int, now: PoolInstant) -> [PoolHolder] {
        slots.lazy.filter { $0.phase == .leased }.sorted { $0.since < $1.since }.prefix(limit)
            .map { PoolHolder(age: now.since($0.since).duration, place: $0.place) }
    }
}
