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
        guard !isApplyingCache, let cache = participants.cache, !cacheQueue.isIdle || cacheLoss != nil else { return }
        isApplyingCache = true
        Task { await applyAll(to: cache) }
    }

    private func applyAll(to cache: any CacheParticipant) async {
        defer { isApplyingCache = false }
        var pause = configuration.firstPause
        while true {
            if case .stopped = phase { return }
            if let loss = cacheLoss {
                await catchUp(from: loss.marker, cache)
                continue
            }
            guard let batch = cacheQueue.next(limit: configuration.cacheBatch) else { return }
            let asked = clock.now
            let outcome = await cache.apply(batch, wantsFormer: !snapshots.isEmpty)
            if case .stopped = phase { return }
            switch outcome {
            case .applied(let former):
                cacheQueue.confirm(former: former, oldestSnapshot: snapshots.values.min())
                pause = configuration.firstPause
                cacheFollowed(asked)
            case .had(let number):
                cacheQueue.confirm(upTo: number, oldestSnapshot: snapshots.values.min())
                pause = configuration.firstPause
                cacheFollowed(asked)
            case .behind(let marker):
                cacheLoss = CacheLoss(marker: marker)
            case .refused(let error):
                stop(error)
                return
            case .rejected(let key, let reason):
                counters.quarantined += 1
                logger.error(
                    "Redis refuses a key, which is left alone from now on",
                    metadata: ["key": "\(key)", "reason": "\(reason)"])
                cacheQueue.quarantine(key, reason: reason)
            case .unreachable(let error):
                counters.cacheResent += 1
                if cacheFailure == nil { logger.warning("Redis is behind", metadata: ["error": "\(error)"]) }
                cacheFailure = error
                cacheQueue.sendAgain()
                // Those who wait for a confirmation look at their own limits again.
                confirmAll()
                try? await clock.sleep(for: pause)
                pause = min(pause * 2, configuration.longestPause)
            }
        }
    }

    func noteConfirmation(of number: UInt64, asked: ContinuousClock.Instant) {
        confirmations.note(number, asked: asked, answered: clock.now, window: configuration.journalRetention)
    }

    private func cacheFollowed(_ asked: ContinuousClock.Instant) {
        cacheFailure = nil
        Failpoint.redisConfirmed.pass()
        let number = cacheQueue.applied
        noteConfirmation(of: number, asked: asked)
        cacheWaits.removeAll { wait in
            guard wait.number <= number else { return false }
            wait.continuation.resume(returning: true)
            return true
        }
        confirmAll()
        if cacheQueue.isIdle { wakeIdleWaits() }
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
            confirmations.lose(after: position)
            cacheQueue.restart(from: position, with: lost)
            cacheLoss = nil
            confirmAll()
        } catch let error as TransactionError {
            stop(error)
        } catch let loss as CacheLoss {
            // The marker has moved since.
            cacheLoss = loss
        } catch {
            cacheFailure = error
            cacheQueue.sendAgain()
            confirmAll()
            try? await clock.sleep(for: min(configuration.firstPause * 10, configuration.longestPause))
        }
    }

    /// Whether Redis has the number in time.
    func waitForCache(_ number: UInt64, limit: Duration) async -> Bool {
        var timer: Task<Void, any Error>?
        defer { timer?.cancel() }
        return await withCheckedContinuation { continuation in
            if cacheQueue.applied >= number { return continuation.resume(returning: true) }
            if case .stopped = phase { return continuation.resume(returning: false) }
            cacheWaits.append(CacheWait(number: number, continuation: continuation))
            timer = Task {
                try await clock.sleep(for: limit)
                giveUpCacheWait(number)
            }
        }
    }

    private func giveUpCacheWait(_ number: UInt64) {
        guard let index = cacheWaits.firstIndex(where: { $0.number == number }) else { return }
        cacheWaits.remove(at: index).continuation.resume(returning: false)
    }

    func confirmAll() {
        let waits = confirmationWaits
        confirmationWaits = []
        for wait in waits { wait.resume() }
    }
}

extension CoordinatorCore {
    /// Begins with what Redis lacks since before the coordinator was opened.
    func bringCacheOn(_ behind: [(number: UInt64, writes: CacheWriteSet)], from number: UInt64) {
        cacheQueue.restart(from: number, with: behind)
        if !behind.isEmpty { Failpoint.redisQueued.pass() }
        noteConfirmation(of: number, asked: clock.now)
        applyCache()
    }
}
