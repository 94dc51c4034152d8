import Failpoints

/// A caller that waits until Redis has a number.
struct CacheWait {
    var number: UInt64
    var continuation: CheckedContinuation<Bool, Never>
}

extension CoordinatorCore {
    // MARK: Bringing Redis up to date

    /// Sends what Redis lacks, if nobody does so already.
    func applyCache() {
        guard !isApplyingCache, let cache = participants.cache else { return }
        guard let batch = nextBatch() else {
            guard cacheLoss != nil else { return }
            isApplyingCache = true
            Task { await applyAll(to: cache, nil) }
            return
        }
        isApplyingCache = true
        // Away from the lane, which the unit that has decided this goes on to use.
        Task.detached { await self.applyAll(to: cache, batch) }
    }

    /// - Parameter first: what is sent first; nil where Redis has to be brought on before.
    private nonisolated func applyAll(to cache: any CacheParticipant, _ first: CacheBatch?) async {
        var next = first
        var pause = configuration.firstPause
        repeat {
            if let batch = next {
                let asked = clock.now
                let outcome = await cache.apply(batch)
                if await settle(outcome, asked) {
                    pause = configuration.firstPause
                } else {
                    try? await clock.sleep(for: pause)
                    pause = min(pause * 2, configuration.longestPause)
                }
            }
            next = await batchAfterCatchingUp(cache)
        } while next != nil
    }

    private func nextBatch() -> CacheBatch? {
        if cacheLoss != nil { return nil }
        if case .stopped = phase { return nil }
        let hasSnapshots = gate.hasSnapshots
        return cacheState.withLock { cache in
            var batch = cache.queue.next(limit: configuration.cacheBatch)
            batch?.wantsFormer = hasSnapshots
            return batch
        }
    }

    /// What is sent next; nil when there is nothing, and whoever comes next begins anew.
    private func batchAfterCatchingUp(_ cache: any CacheParticipant) async -> CacheBatch? {
        while let loss = cacheLoss {
            if case .stopped = phase { break }
            await catchUp(from: loss.marker, cache)
        }
        let batch = nextBatch()
        if batch == nil { isApplyingCache = false }
        return batch
    }

    /// - Returns: whether Redis has answered; else it is asked again after a while.
    private func settle(_ outcome: CacheOutcome, _ asked: ContinuousClock.Instant) -> Bool {
        if case .stopped = phase { return true }
        switch outcome {
        case .applied(let former):
            let oldest = gate.oldest
            cacheState.withLock { $0.queue.confirm(former: former, oldestSnapshot: oldest) }
            cacheFollowed(asked)
        case .had(let number):
            let oldest = gate.oldest
            cacheState.withLock { $0.queue.confirm(upTo: number, oldestSnapshot: oldest) }
            cacheFollowed(asked)
        case .behind(let marker): cacheLoss = CacheLoss(marker: marker)
        case .refused(let error): stop(error)
        case .rejected(let key, let reason):
            counters.quarantined += 1
            logger.error(
                "Redis refuses a key, which is left alone from now on",
                metadata: ["key": "\(key)", "reason": "\(reason)"])
            cacheState.withLock { $0.queue.quarantine(key, reason: reason) }
        case .unreachable(let error):
            counters.cacheResent += 1
            if cacheFailure == nil { logger.warning("Redis is behind", metadata: ["error": "\(error)"]) }
            cacheFailure = error
            cacheState.withLock { $0.queue.sendAgain() }
            // Those who wait for a confirmation look at their own limits again.
            confirmAll()
            return false
        }
        return true
    }

    /// - Parameter restarts: how often Redis had been brought on when it was asked; nil where that can't have happened
    ///   since.
    nonisolated func noteConfirmation(
        of number: UInt64, asked: ContinuousClock.Instant, restarts: Int? = nil
    ) {
        let answered = clock.now
        cacheState.withLock { cache in
            guard restarts == nil || cache.queue.restarts == restarts else { return }
            cache.confirmations.note(number, asked: asked, answered: answered, window: configuration.journalRetention)
        }
    }

    private func cacheFollowed(_ asked: ContinuousClock.Instant) {
        cacheFailure = nil
        Failpoint.redisConfirmed.pass()
        let (number, isIdle) = cacheState.withLock { ($0.queue.applied, $0.queue.isIdle) }
        noteConfirmation(of: number, asked: asked)
        cacheWaits.removeAll { wait in
            guard wait.number <= number else { return false }
            wait.continuation.resume(returning: true)
            return true
        }
        confirmAll()
        if isIdle { wakeIdleWaits() }
    }

    /// Redis has lost what it had acknowledged: what the journal still holds is applied again.
    private func catchUp(from marker: UInt64?, _ cache: any CacheParticipant) async {
        logger.error(
            "Redis has lost acknowledged changes", metadata: ["marker": "\(marker.map(String.init) ?? "none")"])
        Failpoint.lossBefore.pass()
        do {
            let trimmed = try await participants.decision.trimmed()
            let position = max(marker ?? 0, trimmed)
            if (marker ?? 0) < trimmed { try await cache.discardManagedKeys(configuration.managedKeys) }
            if position != marker { try await cache.reset(from: marker, to: position) }
            Failpoint.lossReset.pass()
            let rows = try await participants.decision.journal(after: position, through: lastNumber)
            let lost = rows.map { (number: $0.number, writes: CacheWriteSet($0.cache)) }.filter { !$0.writes.isEmpty }
            cacheState.withLock { cache in
                cache.confirmations.lose(after: position)
                cache.queue.restart(from: position, with: lost)
            }
            cacheLoss = nil
            confirmAll()
        } catch let error as TransactionError {
            stop(error)
        } catch let loss as CacheLoss {
            // The marker has moved since.
            cacheLoss = loss
        } catch {
            cacheFailure = error
            cacheState.withLock { $0.queue.sendAgain() }
            confirmAll()
            try? await clock.sleep(for: min(configuration.firstPause * 10, configuration.longestPause))
        }
    }

    /// Whether Redis has the number in time.
    func waitForCache(_ number: UInt64, limit: Duration) async -> Bool {
        var timer: Timers.ID?
        defer { timers.cancel(timer) }
        return await withCheckedContinuation { continuation in
            if cacheState.withLock({ $0.queue.applied >= number }) { return continuation.resume(returning: true) }
            if case .stopped = phase { return continuation.resume(returning: false) }
            cacheWaits.append(CacheWait(number: number, continuation: continuation))
            timer = timers.schedule(after: limit) {
                Task(executorPreference: self.lane) { await self.giveUpCacheWait(number) }
            }
        }
    }

    private func giveUpCacheWait(_ number: UInt64) {
        guard let index = cacheWaits.firstIndex(where: { $0.number == number }) else { return }
        cacheWaits.remove(at: index).continuation.resume(returning: false)
    }

    /// Lets those look again who wait for a confirmation.
    nonisolated func confirmAll() {
        for wait in cacheState.withLock({ $0.takeWaits() }) { wait.resume() }
    }
}

extension CoordinatorCore {
    /// Begins with what Redis lacks since before the coordinator was opened.
    func bringCacheOn(_ behind: [(number: UInt64, writes: CacheWriteSet)], from number: UInt64) {
        cacheState.withLock { $0.queue.restart(from: number, with: behind) }
        if !behind.isEmpty { Failpoint.redisQueued.pass() }
        noteConfirmation(of: number, asked: clock.now)
        applyCache()
    }
}
