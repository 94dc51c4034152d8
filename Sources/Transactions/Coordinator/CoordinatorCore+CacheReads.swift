import Foundation

extension CoordinatorCore {
    // MARK: Units

    /// Answers a question about a key as the unit may see it: with its own changes, and with those that Redis does not
    /// have yet.
    func ask(_ query: CacheQuery, of key: CacheKey, for id: UnitID) async throws -> CacheAnswer {
        if try live(id).options.isolation != .serializable, locks.mode(of: .key(key), for: id) == nil {
            return try await viewing(id, .redis) { view in
                try await view.state.checked { try await ask(query, of: key, at: view.number, for: view.id) }
            }
        }
        try await lock(id, .key(key), .shared)
        let unit = try inBody(id)
        try checkQuarantine(key)
        let (point, hasChanges) = cacheState.withLock { ($0.queue.readPoint, $0.queue.hasChanges(of: key)) }
        guard unit.cache.effects[key] == nil, unit.loaded[key] == nil, !hasChanges else {
            return try answer(query, try await entry(of: key, for: id), key)
        }
        let answer = try await reading(key, from: point) { cache, number in
            try await cache.ask(query, of: key, after: number)
        }
        _ = try inBody(id)
        return answer
    }

    /// What a key holds as the unit may see it.
    func entry(of key: CacheKey, for id: UnitID) async throws -> CacheEntry {
        try await lock(id, .key(key), .shared)
        try checkQuarantine(key)
        let before = try await loaded(key, for: try live(id))
        let unit = try inBody(id)
        var entry = before
        entry.applyAll(unit.cache.effects[key] ?? [])
        return entry.asOf(milliseconds)
    }

    /// What the key holds without the unit's own changes.
    private func loaded(_ key: CacheKey, for unit: Unit) async throws -> CacheEntry {
        if let known = unit.loaded[key] { return known }
        if unit.cache.replacesAll(of: key) { return .absent }
        let (overlay, point) = cacheState.withLock { ($0.queue.overlay(of: key), $0.queue.readPoint) }
        let entry = try await entry(of: key, with: overlay, from: point)
        _ = try live(unit.id)
        unit.loaded[key] = entry
        return entry
    }

    /// What the key holds in Redis, with changes on it.
    private nonisolated func entry(
        of key: CacheKey, with overlay: [CacheEffect], from point: CacheQueue.ReadPoint
    ) async throws -> CacheEntry {
        var entry = CacheEntry.absent
        if overlay.first?.replacesAll != true {
            entry = try await reading(key, from: point) { cache, number in
                try await cache.load(key, after: number)
            }
        }
        entry.applyAll(overlay)
        return entry.asOf(milliseconds)
    }

    // MARK: Snapshots

    /// Answers a question about a key as of a snapshot's number.
    ///
    /// - Parameter snapshot: the snapshot; nil for none, which asks for what is there now.
    nonisolated func ask(
        _ query: CacheQuery, of key: CacheKey, at number: UInt64, for snapshot: SnapshotID? = nil
    ) async throws -> CacheAnswer {
        while true {
            if let snapshot, !gate.isOpen(snapshot) { throw TransactionError.snapshotEnded }
            try checkQuarantine(key)
            let (newness, point, overlay) = cacheState.withLock { cache in
                (
                    cache.queue.mayBeNewer(key, than: number), cache.queue.readPoint,
                    cache.queue.decidedOverlay(of: key, upTo: number)
                )
            }
            if case .kept(let entry) = newness { return try answer(query, entry, key) }
            let found: Result<CacheAnswer, any Error>
            do {
                found = .success(
                    overlay.isEmpty
                        ? try await reading(key, from: point) { cache, applied in
                            try await cache.ask(query, of: key, after: applied)
                        } : try answer(query, try await entry(of: key, with: overlay, from: point), key))
            } catch {
                found = .failure(error)
            }
            // A later change may have come between the question and its answer.
            switch cacheState.withLock({ $0.queue.mayBeNewer(key, than: number) }) {
            case .no: return try found.get()
            case .kept(let entry): return try answer(query, entry, key)
            case .underWay:
                try await checkOpen()
                try Task.checkCancellation()
                await withCheckedContinuation { continuation in
                    if !cacheState.withLock({ $0.wait(for: key, at: number, continuation) }) { continuation.resume() }
                }
            case .lost:
                throw TransactionError(
                    .snapshotTooOld, "what the Redis key \(key) held at the time of the snapshot is not known any more",
                    remedy: "Take a new snapshot.", isTransient: true)
            }
        }
    }

    // MARK: Both

    nonisolated func answer(_ query: CacheQuery, _ entry: CacheEntry, _ key: CacheKey) throws -> CacheAnswer {
        do {
            return try entry.answer(query)
        } catch {
            throw TransactionError.wrongType(key, error)
        }
    }

    /// Asks Redis, and never takes what one holds that has lost acknowledged changes for what was decided: it is
    /// brought on first.
    ///
    /// - Parameter point: taken together with the look at the changes that wait, since a task with an executor
    ///   preference may have lost its turn after it.
    nonisolated func reading<Value: Sendable>(
        _ key: CacheKey, from point: CacheQueue.ReadPoint,
        _ body: (any CacheParticipant, UInt64) async throws -> Value
    ) async throws -> Value {
        guard let cache = participants.cache else { throw TransactionError.notConfigured(.redis) }
        let asked = clock.now
        do {
            let value = try await body(cache, point.applied)
            noteConfirmation(of: point.applied, asked: asked, restarts: point.restarts)
            return value
        } catch let loss as CacheLoss {
            noteLoss(loss, restarts: point.restarts)
            throw TransactionError(
                .storeFailed, "Redis has lost acknowledged changes, and is being brought up to date",
                remedy: "It is tried again within the retry policy; a snapshot's reader tries again.",
                isTransient: true)
        } catch let mismatch as CacheTypeMismatch {
            throw TransactionError.wrongType(key, mismatch)
        } catch let error as TransactionError {
            // Redis is another coordinator's, or another history's.
            await stop(error)
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw TransactionError(
                .storeFailed, "Redis did not answer about the key \(key)",
                remedy: "It is tried again within the retry policy. See whether Redis runs.", underlying: error,
                isTransient: true)
        }
    }

    /// Has Redis brought on, unless that is done or under way since it was asked.
    private nonisolated func noteLoss(_ loss: CacheLoss, restarts: Int) {
        let isNew = cacheState.withLock { cache in
            guard cache.loss == nil, cache.queue.restarts == restarts else { return false }
            cache.loss = loss
            return true
        }
        if isNew { applyCache() }
    }

    /// Finds out whether Redis still has what it had acknowledged, if nobody else does.
    func probeCache() {
        let point = cacheState.withLock { $0.queue.readPoint }
        Task {
            let key = CacheKey(RedisFunctions.markerKey)
            // What comes of it is done within.
            _ = try? await reading(key, from: point) { cache, number in
                try await cache.ask(.exists, of: key, after: number)
            }
        }
    }

    nonisolated func checkQuarantine(_ key: CacheKey) throws {
        guard let reason = cacheState.withLock({ $0.queue.quarantined[key] }) else { return }
        throw TransactionError(
            .storeFailed,
            "the Redis key \(key) is out of step with the other stores: Redis refused a decided change of it (\(reason))",
            remedy: "Delete the key in Redis, then call Coordinator.releaseQuarantine.")
    }

    func releaseQuarantine(_ key: CacheKey) {
        cacheState.withLock { $0.queue.release(key) }
    }

    private nonisolated var milliseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
