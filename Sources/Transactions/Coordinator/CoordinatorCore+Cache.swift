import Failpoints

/// Away from the lane, which the unit that has decided changes goes on to use for its graph's commit.
extension CoordinatorCore {
    // MARK: Bringing Redis up to date

    /// Sends what Redis lacks, if nobody does so already.
    nonisolated func applyCache() {
        guard let cache = participants.cache,
            let errand = cacheState.withLock({ $0.begin(limit: configuration.cacheBatch) })
        else { return }
        Task.detached { await self.bringOn(cache, errand) }
    }

    private nonisolated func bringOn(_ cache: any CacheParticipant, _ first: CacheState.Errand) async {
        var next: CacheState.Errand? = first
        var pause = configuration.firstPause
        while let errand = next {
            switch errand {
            case .catchUp(let loss): await catchUp(from: loss.marker, cache)
            case .send(var batch):
                // Looked at once the batch is made: a snapshot that opens later sees all that is in it.
                batch.wantsFormer = gate.hasSnapshots
                let asked = clock.now
                if await settle(await cache.apply(batch), asked) {
                    pause = configuration.firstPause
                } else {
                    try? await clock.sleep(for: pause)
                    pause = min(pause * 2, configuration.longestPause)
                }
            }
            next = cacheState.withLock { $0.next(limit: configuration.cacheBatch) }
        }
        wakeThoseWhoClose()
    }

    /// - Returns: whether Redis has answered; else it is asked again after a while.
    private nonisolated func settle(_ outcome: CacheOutcome, _ asked: ContinuousClock.Instant) async -> Bool {
        if cacheState.withLock({ $0.isStopped }) { return true }
        let oldest = gate.oldest
        switch outcome {
        case .applied(let former):
            cacheFollowed(asked) { $0.queue.confirm(former: former, oldestSnapshot: oldest) }
        case .had(let number):
            cacheFollowed(asked) { $0.queue.confirm(upTo: number, oldestSnapshot: oldest) }
        case .behind(let marker): cacheState.withLock { $0.loss = CacheLoss(marker: marker) }
        case .refused(let error): await stop(error)
        case .rejected(let key, let reason): await quarantine(key, reason)
        case .unreachable(let error):
            await noteResending()
            let isNew = cacheState.withLock { cache in
                defer { cache.failure = error }
                cache.queue.sendAgain()
                return cache.failure == nil
            }
            if isNew { logger.warning("Redis is behind", metadata: ["error": "\(error)"]) }
            // Those who wait for a confirmation look at their own limits again.
            confirmAll()
            return false
        }
        return true
    }

    private nonisolated func cacheFollowed(
        _ asked: ContinuousClock.Instant, _ confirm: (inout CacheState) -> Void
    ) {
        let (number, waits) = cacheState.withLock { cache in
            confirm(&cache)
            return (cache.queue.applied, cache.followed())
        }
        Failpoint.redisConfirmed.pass()
        noteConfirmation(of: number, asked: asked)
        for wait in waits { wait.resume(returning: true) }
        confirmAll()
    }

    private func quarantine(_ key: CacheKey, _ reason: String) {
        counters.quarantined += 1
        logger.error(
            "Redis refuses a key, which is left alone from now on",
            metadata: ["key": "\(key)", "reason": "\(reason)"])
        cacheState.withLock { $0.queue.quarantine(key, reason: reason) }
    }

    private func noteResending() {
        counters.cacheResent += 1
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
            let rows = try await participants.decision.journal(
                of: .redis, after: position, through: lastNumber)
            let lost = rows.map { (number: $0.number, writes: CacheWriteSet($0.cache)) }.filter { !$0.writes.isEmpty }
            let oldest = gate.oldest
            cacheState.withLock { cache in
                cache.confirmations.lose(after: position)
                cache.queue.restart(from: position, with: lost, oldestSnapshot: oldest)
                cache.loss = nil
            }
            confirmAll()
        } catch let error as TransactionError {
            stop(error)
        } catch let loss as CacheLoss {
            // The marker has moved since.
            cacheState.withLock { $0.loss = loss }
        } catch {
            cacheState.withLock { cache in
                cache.failure = error
                cache.queue.sendAgain()
            }
            confirmAll()
            try? await clock.sleep(for: min(configuration.firstPause * 10, configuration.longestPause))
        }
    }

    /// Whether Redis has the number in time.
    nonisolated func waitForCache(_ number: UInt64, limit: Duration) async -> Bool {
        if cacheState.withLock({ $0.queue.applied >= number }) { return true }
        var timer: Timers.ID?
        defer { timers.cancel(timer) }
        return await withCheckedContinuation { continuation in
            switch cacheState.withLock({ $0.wait(until: number, continuation) }) {
            case .over(let isApplied): continuation.resume(returning: isApplied)
            case .waits(let wait):
                timer = timers.schedule(after: limit) {
                    self.cacheState.withLock { $0.giveUp(wait) }?.resume(returning: false)
                }
            }
        }
    }

    /// Lets those look again who wait for a confirmation.
    nonisolated func confirmAll() {
        for reader in cacheState.withLock({ $0.takeReaders() }) { reader.resume() }
    }
}

extension CoordinatorCore {
    /// Begins with what Redis lacks since before the coordinator was opened.
    func bringCacheOn(_ behind: [(number: UInt64, writes: CacheWriteSet)], from number: UInt64) {
        cacheState.withLock { $0.queue.restart(from: number, with: behind, oldestSnapshot: nil) }
        if !behind.isEmpty { Failpoint.redisQueued.pass() }
        noteConfirmation(of: number, asked: clock.now)
        applyCache()
    }
}
