import Failpoints
import Stores

extension CoordinatorCore {
    /// Commits a unit whose body has returned.
    ///
    /// SQLite's commit, with the journal's row in it, is the decision. The graph and Redis follow, and are brought
    /// there if they fail.
    func commit(_ unit: Unit, result: [UInt8]?) async throws -> Receipt {
        let began = clock.now
        _ = try live(unit.id)
        unit.hasReturned = true
        try seal(unit)
        try await settleMappedRows(unit)
        guard unit.hasWrittenRecords || !unit.redo.isEmpty || !unit.cache.isEmpty || result != nil else {
            let receipt = Receipt(
                number: nil, stores: [], attempts: 1, isCacheApplied: true, isRepetition: false, timings: unit.timings)
            finish(unit)
            return receipt
        }
        // Nothing is read any more, and nobody need wait for it.
        letReadersGo(unit)
        try await enter(unit.id, .sqlite, forUser: false)
        try await closeSnapshots(to: unit)

        // From here to the decision nothing else runs on the lane.
        unit.state = .committing
        timers.cancel(unit.deadline)
        let number = lastNumber + 1
        try decide(unit, number: number, result: result)
        let decided = clock.now
        unit.timings.decision = decided - began
        let writesCache = !unit.cache.isEmpty
        if writesCache {
            cacheState.withLock { $0.queue.append(unit.cache, number: number) }
            // Before the graph's commit, so that Redis works meanwhile: the order of the two does not matter, since
            // both are decided.
            applyCache()
        }
        let isGraphApplied = unit.redo.isEmpty ? true : await commitGraph(unit, number: number)
        let graphDone = clock.now
        unit.timings.graph = graphDone - decided
        counters.committed += 1
        let receipt = Receipt(
            number: number, stores: stores(of: unit), attempts: 1, isGraphApplied: isGraphApplied, isCacheApplied: true,
            isRepetition: false, timings: unit.timings)
        // Otherwise it keeps its locks until the graph has followed.
        if unit.graphRedo == nil { finish(unit) }
        var told = receipt
        if writesCache {
            told.isCacheApplied = await waitForCache(number, limit: unit.options.cacheTimeLimit)
            told.timings.cache = clock.now - graphDone
        }
        Failpoint.receipt.pass()
        return told
    }

    /// From here on no snapshot opens until the unit has ended.
    private func closeSnapshots(to unit: Unit) async throws {
        _ = try live(unit.id)
        guard !gate.requestCommit(unit.id) else { return }
        let began = clock.now
        await gate.waitForCommit(unit.id)
        unit.timings.locks += clock.now - began
        _ = try live(unit.id)
    }

    private func stores(of unit: Unit) -> Set<StoreKind> {
        var stores: Set<StoreKind> = [.sqlite]
        if !unit.redo.isEmpty { stores.insert(.graph) }
        if !unit.cache.isEmpty { stores.insert(.redis) }
        return stores
    }

    /// Checks that what the unit did can be committed, and lets go of a graph that it only read.
    private func seal(_ unit: Unit) throws {
        do {
            if unit.open.contains(.sqlite) {
                try participants.decision.checkOpen()
                try participants.decision.seal()
                unit.hasWrittenRecords = try participants.decision.hasWritten()
            }
            if unit.open.contains(.graph) {
                try participants.graph?.checkOpen()
                if unit.redo.isEmpty {
                    close(.graph)
                    unit.open.remove(.graph)
                }
            }
        } catch let error as TransactionError {
            throw error
        } catch {
            throw TransactionError(
                .storeFailed, "the transaction can't be committed", remedy: "Correct what the store names.",
                underlying: error)
        }
    }

    private func decide(_ unit: Unit, number: UInt64, result: [UInt8]?) throws {
        let row = JournalRow(number: number, graph: unit.redo, cache: unit.cache.writes)
        let decision = Decision(
            row: row, idempotencyKey: result == nil ? nil : unit.idempotencyKey, result: result,
            trimUpTo: dueTrim(at: number))
        switch participants.decision.decide(decision) {
        case .decided:
            lastNumber = number
            if unit.hasWrittenRecords { lastChange[.sqlite] = number }
            if !unit.redo.isEmpty { lastChange[.graph] = number }
            participants.decision.release()
            unit.open.remove(.sqlite)
        case .failed(let error):
            let failure = TransactionError(
                .storeFailed, "SQLite did not commit, and nothing happened", remedy: "See what SQLite says.",
                underlying: error)
            counters.rolledBack += 1
            end(unit, failure)
            throw failure
        case .unknown(let error):
            let failure = TransactionError(
                .outcomeUnknown, "SQLite failed within the commit, and whether it holds is unknown",
                remedy: "Close the coordinator and open it again: recovery tells.", underlying: error)
            end(unit, failure)
            stop(failure)
            throw failure
        }
    }

    /// Up to which number the journal may be trimmed now; nil when it isn't due.
    private func dueTrim(at number: UInt64) -> UInt64? {
        guard number >= nextTrim else { return nil }
        nextTrim = number + UInt64(configuration.trimInterval)
        let (cacheSafe, isIdle) = cacheState.withLock {
            ($0.confirmations.safe(window: configuration.journalRetention), $0.queue.isIdle)
        }
        // An idle Redis would hold the journal back.
        if participants.cache != nil, isIdle { probeCache() }
        let safe = min(
            participants.graph == nil ? .max : checkpointed, participants.cache == nil ? .max : cacheSafe)
        return min(safe, number - 1)
    }
}
