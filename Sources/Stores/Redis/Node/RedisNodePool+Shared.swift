import Pooling
import RedisClient

/// Shared use.
extension RedisNodePool {
    typealias Instant = ContinuousClock.Instant
    typealias Turn = SharedLanes<SharedRedis>.Turn

    /// Runs the closure with a connection that others use at the same time.
    ///
    /// - Parameters:
    ///   - weight: how many commands it sends.
    ///   - limit: until when to wait for a connection; nil for the pool's acquire timeout alone.
    /// - Throws: when there is no connection, and only then: the closure has not run.
    func withShared<Value: Sendable>(
        weight: Int = 1, until limit: Instant?, _ body: (RedisConnection) async -> Value
    ) async throws(RedisError) -> Value {
        let turn: Turn
        if let now = takeNow(weight) {
            turn = now
        } else {
            turn = try await waitForTurn(weight, until: limit)
        }
        let value = await body(turn.link.connection)
        end(turn)
        return value
    }

    // MARK: Turns

    /// A turn that needs no waiting, if there is one. It must be ended.
    func takeNow(_ weight: Int = 1) -> Turn? {
        let turn = takeUntold(weight)
        if isObserved, turn != nil { pool.tellAcquired() }
        return turn
    }

    /// The same without a word to the observer.
    func takeUntold(_ weight: Int = 1) -> Turn? {
        var turn = takeNow(weight, isWaiting: false)
        if isObserved { turn?.since = .preciseNow() }
        return turn
    }

    private func takeNow(_ weight: Int, isWaiting: Bool) -> Turn? {
        let (front, count) = guarded.withLock { ($0.lanes.takeFront(weight), $0.lanes.turns) }
        guard let front else { return takeAny(weight, isWaiting: isWaiting) }
        if count & 0xff == 0 { lookAround() }
        return front
    }

    private func takeAny(_ weight: Int, isWaiting: Bool) -> Turn? {
        let (choice, turns) = guarded.withLock { ($0.lanes.take(weight, isWaiting: isWaiting), $0.lanes.turns) }
        switch choice {
        case .use(let turn, let wantsAnother):
            if turns & 0xff == 0 { lookAround() }
            return wantsAnother ? spread(turn) : turn
        case .none:
            guard let lease = pool.acquireIfIdle(isMeantToLast: true) else { return nil }
            return join(lease, weight)
        case .ended:
            return nil
        }
    }

    private func join(_ lease: PoolLease<PooledRedis>, _ weight: Int, insteadOf crowded: Turn? = nil) -> Turn {
        let retiresAt = pool.expiry(of: lease)
        let (turn, isSurplus) = guarded.withLock {
            $0.lanes.join(SharedRedis(lease), retiresAt: retiresAt, weight: weight)
        }
        if isSurplus { pool.release(lease) }
        if crowded?.end() ?? false { giveBackUnneeded() }
        return turn
    }

    /// All lanes are full: shares one more connection, now if one is idle.
    private func spread(_ turn: Turn) -> Turn {
        if let lease = pool.acquireIfIdle(isMeantToLast: true) { return join(lease, turn.weight, insteadOf: turn) }
        let status = pool.status
        guarded.withLock { $0.lanes.postponeGrowth() }
        if status.total < status.maximum, status.connectFailuresInARow == 0 { open() }
        return turn
    }

    func end(_ turn: Turn) {
        if turn.end() { giveBackUnneeded() }
        if isObserved { pool.tellReleased(held: PoolInstant.preciseNow().since(turn.since)) }
    }

    /// Ends a turn that was taken for one command, which succeeded and waited for nothing: the turn's time is the operation's.
    func end(untold turn: Turn, after command: RedisCommand) {
        if turn.end() { giveBackUnneeded() }
        if isObserved { pool.tellUsed("redis", command.name, took: PoolInstant.preciseNow().since(turn.since)) }
    }

    func giveBackUnneeded() {
        while let unneeded = guarded.withLock({ $0.lanes.takeUnneeded() }) { giveBack(unneeded) }
    }

    private func giveBack(_ link: SharedRedis) {
        // Replies to commands that were given up may be still to come: then it is probed first.
        if link.connection.isReusable { pool.release(link.lease) } else { pool.release(link.lease, verdict: .validate) }
    }

    /// A lane that is never without load would never reach its maximum lifetime in the pool, and could keep those out who wait there.
    private func lookAround() {
        guarded.withLock { $0.lanes.retire(now: .roughlyNow()) }
        makeRoom()
    }

    // MARK: Waiting

    private func waitForTurn(_ weight: Int, until limit: Instant?) async throws(RedisError) -> Turn {
        let start = Instant.now
        let longest = pool.configuration.acquireTimeout.map { start + $0 }
        let limit = [limit, longest].compactMap { $0 }.min()
        let seenFailures = guarded.withLock { guarded -> UInt64? in
            guard !guarded.lanes.isEnding else { return nil }
            guarded.lanes.beginWaiting()
            return guarded.failures
        }
        guard let seenFailures else { throw .closed(pool: name, endpoint) }
        defer { endWaiting(since: start) }
        while true {
            let seen = changed.generation
            if var turn = takeNow(weight, isWaiting: true) {
                guarded.withLock { $0.waits.waited += 1 }
                if let observer {
                    turn.since = .preciseNow()
                    observer.record(.acquired(waited: .now - start))
                }
                return turn
            }
            let failure = guarded.withLock { $0.failures == seenFailures ? nil : $0.lastFailure }
            if let failure { throw fail(failure, since: start) }
            if Task.isCancelled { throw fail(CancellationError(), since: start) }
            let now = Instant.now
            if let limit, now >= limit {
                throw fail(pool.timedOut(after: now - start, limit: limit - start), since: start)
            }
            open()
            await changed.wait(after: seen, until: limit)
        }
    }

    private func fail(_ error: any Error, since start: Instant) -> RedisError {
        guarded.withLock { guarded in
            if error is CancellationError { guarded.waits.cancelled += 1 }
            if (error as? PoolError)?.code == .acquireTimedOut { guarded.waits.timedOut += 1 }
        }
        observer?.record(.acquireFailed(error, waited: .now - start))
        return .noConnection(error, endpoint)
    }

    private func endWaiting(since start: Instant) {
        let waited = PoolSpan(.now - start).nanoseconds
        let opener = guarded.withLock { guarded -> Task<Void, Never>? in
            guarded.waits.waitNanoseconds += waited
            guarded.lanes.endWaiting()
            // Nobody needs what it waits for. If it was for growth, the next turn asks again.
            return guarded.lanes.waiting == 0 ? guarded.opener : nil
        }
        opener?.cancel()
        giveBackUnneeded()
    }

    /// Lets one task wait in the pool, however many wait for what it gets.
    private func open() {
        let begins = guarded.withLock { guarded in
            defer { guarded.isOpening = true }
            return !guarded.isOpening
        }
        guard begins else { return }
        let task = Task.detached { await self.openLane() }
        guarded.withLock { guarded in
            // It may have ended before this.
            if guarded.isOpening { guarded.opener = task }
        }
    }

    private func openLane() async {
        do {
            let lease = try await pool.acquire(
                timeout: .seconds(Int64.max), isMeantToLast: true, failsWhenUnreachable: failsWhenUnreachable)
            let retiresAt = pool.expiry(of: lease)
            let isAdded = guarded.withLock { $0.lanes.add(SharedRedis(lease), retiresAt: retiresAt) }
            if !isAdded { pool.release(lease) }
        } catch {
            guarded.withLock { guarded in
                guard !(error is CancellationError) else { return }
                guarded.failures &+= 1
                guarded.lastFailure = error
            }
        }
        guarded.withLock { guarded in
            guarded.isOpening = false
            guarded.opener = nil
        }
        changed.fire()
        // Those who waited for it may all have left meanwhile.
        giveBackUnneeded()
    }
}
