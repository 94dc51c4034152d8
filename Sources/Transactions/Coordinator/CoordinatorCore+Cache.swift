/// A caller that waits until Redis has a number.
struct CacheWait {
    var number: UInt64
    var continuation: CheckedContinuation<Bool, Never>
}

extension CoordinatorCore {
    // MARK: Bringing Redis up to date

    /// Sends what Redis lacks, if nobody does so already.
    func applyCache() {
        guard !isApplyingCache, let cache = participants.cache, !cacheQueue.isIdle else { return }
        isApplyingCache = true
        Task { await applyAll(to: cache) }
    }

    private func applyAll(to cache: any CacheParticipant) async {
        defer { isApplyingCache = false }
        var pause = configuration.firstPause
        while let batch = cacheQueue.next(limit: configuration.cacheBatch) {
            if case .stopped = phase { return }
            let outcome = await cache.apply(batch, wantsFormer: !snapshots.isEmpty)
            if case .stopped = phase { return }
            switch outcome {
            case .applied(let former):
                cacheFailure = nil
                pause = configuration.firstPause
                _ = cacheQueue.confirm(former: former, oldestSnapshot: snapshots.values.min())
                tell(upTo: cacheQueue.applied)
            case .behind(let marker):
                await catchUp(from: marker, cache)
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
                try? await clock.sleep(for: pause)
                pause = min(pause * 2, configuration.longestPause)
            }
        }
    }

    private func tell(upTo number: UInt64) {
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
        do {
            let trimmed = try await participants.decision.trimmed()
            let position = max(marker ?? 0, trimmed)
            if (marker ?? 0) < trimmed { try await cache.discardManagedKeys(configuration.managedKeys) }
            try await cache.reset(to: position)
            let rows = try await participants.decision.journal(after: position, through: lastNumber)
            cacheQueue.restart(from: position, with: rows.map { ($0.number, CacheWriteSet($0.cache)) })
        } catch {
            cacheFailure = error
            cacheQueue.sendAgain()
            try? await clock.sleep(for: configuration.firstPause)
        }
    }

    /// Whether Redis has the number in time.
    func waitForCache(_ number: UInt64, limit: Duration) async -> Bool {
        if cacheQueue.applied >= number { return true }
        if case .stopped = phase { return false }
        let timer = Task {
            try await clock.sleep(for: limit)
            giveUpCacheWait(number)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            cacheWaits.append(CacheWait(number: number, continuation: continuation))
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

    // MARK: Units

    /// Answers a question about a key as the unit may see it: with its own changes, and with those that Redis does not
    /// have yet.
    func ask(_ query: CacheQuery, of key: CacheKey, for id: UnitID) async throws -> CacheAnswer {
        let cache = try requireCache()
        try await lock(id, .key(key), .shared)
        let unit = try live(id)
        try checkQuarantine(key)
        let own = unit.cache.effects[key] ?? []
        if !own.isEmpty || unit.loaded[key] != nil || !cacheQueue.overlay(of: key).isEmpty {
            var entry = try await loaded(key, for: unit, cache)
            entry.applyAll(unit.cache.effects[key] ?? [])
            return try answer(query, entry, key)
        }
        do {
            let answer = try await cache.ask(query, of: key)
            _ = try live(id)
            return answer
        } catch let mismatch as CacheTypeMismatch {
            throw TransactionError.wrongType(key, mismatch)
        }
    }

    /// Adds a change to the unit's.
    func write(_ effect: CacheEffect, to key: CacheKey, for id: UnitID) async throws {
        let cache = try requireCache()
        try await lock(id, .key(key), .exclusive)
        let unit = try live(id)
        try checkQuarantine(key)
        if effect.neededType != nil {
            // Before anything is decided: a change that Redis refuses can't be undone in the other stores then.
            var entry = try await loaded(key, for: unit, cache)
            do {
                for earlier in unit.cache.effects[key] ?? [] { try entry.apply(earlier) }
                try entry.apply(effect)
            } catch {
                throw TransactionError.wrongType(key, error)
            }
        }
        unit.cache.add(effect, to: key)
        unit.work += 1
    }

    /// What the key holds without the unit's own changes.
    private func loaded(_ key: CacheKey, for unit: Unit, _ cache: any CacheParticipant) async throws -> CacheEntry {
        if let known = unit.loaded[key] { return known }
        if unit.cache.replacesAll(of: key) { return .absent }
        let overlay = cacheQueue.overlay(of: key)
        var entry = overlay.first?.replacesAll == true ? .absent : try await cache.load(key)
        entry.applyAll(overlay)
        _ = try live(unit.id)
        unit.loaded[key] = entry
        return entry
    }

    private func answer(_ query: CacheQuery, _ entry: CacheEntry, _ key: CacheKey) throws -> CacheAnswer {
        do {
            return try entry.answer(query)
        } catch {
            throw TransactionError.wrongType(key, error)
        }
    }

    private func requireCache() throws -> any CacheParticipant {
        guard let cache = participants.cache else { throw TransactionError.notConfigured(.redis) }
        return cache
    }

    private func checkQuarantine(_ key: CacheKey) throws {
        guard let reason = cacheQueue.quarantined[key] else { return }
        throw TransactionError(
            .storeFailed,
            "the Redis key \(key) is out of step with the other stores: Redis refused a decided change of it (\(reason))",
            remedy: "Delete the key in Redis, then call Coordinator.releaseQuarantine.")
    }

    // MARK: Snapshots

    /// Answers a question about a key as of a snapshot's number.
    func ask(_ query: CacheQuery, of key: CacheKey, at number: UInt64) async throws -> CacheAnswer {
        let cache = try requireCache()
        while true {
            try checkQuarantine(key)
            if case .kept(let entry) = cacheQueue.mayBeNewer(key, than: number) { return try answer(query, entry, key) }
            let overlay = cacheQueue.overlay(of: key, upTo: number)
            let found: CacheAnswer
            if overlay.isEmpty {
                do {
                    found = try await cache.ask(query, of: key)
                } catch let mismatch as CacheTypeMismatch {
                    throw TransactionError.wrongType(key, mismatch)
                }
            } else {
                var entry = overlay.first?.replacesAll == true ? .absent : try await cache.load(key)
                entry.applyAll(overlay)
                found = try answer(query, entry, key)
            }
            // A later change may have come between the question and its answer.
            switch cacheQueue.mayBeNewer(key, than: number) {
            case .no: return found
            case .kept(let entry): return try answer(query, entry, key)
            case .underWay:
                try checkOpen()
                await withCheckedContinuation { confirmationWaits.append($0) }
            case .lost:
                throw TransactionError(
                    .snapshotTooOld, "what the Redis key \(key) held at the time of the snapshot is not known any more",
                    remedy: "Take a new snapshot.", isTransient: true)
            }
        }
    }
}

extension CoordinatorCore {
    /// Begins with what Redis lacks since before the coordinator was opened.
    func bringCacheOn(_ behind: [(number: UInt64, writes: CacheWriteSet)], from number: UInt64) {
        cacheQueue.restart(from: number, with: behind)
        applyCache()
    }
}
