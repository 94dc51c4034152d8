import Failpoints
import Stores

extension CoordinatorCore {
    /// Commits a unit whose body has returned, with its group.
    ///
    /// - Parameter tell: called when it is committed, or its group has failed; that may be after this has returned.
    /// - Throws: what keeps the unit from being sealed. Then `tell` is not called.
    func commit(
        _ unit: Unit, result: [UInt8]?, _ tell: @escaping (Result<Receipt, any Error>) -> Void
    ) async throws {
        _ = try live(unit.id)
        unit.hasReturned = true
        try check(unit)
        try await settleMappedRows(unit)
        guard unit.hasWrittenRecords || !unit.redo.isEmpty || !unit.cache.isEmpty || result != nil else {
            return tell(.success(try await endReading(unit)))
        }
        // Nothing is read any more, and nobody need wait for it.
        letReadersGo(unit)
        try await enter(unit.id, .sqlite, forUser: false)
        _ = try live(unit.id)

        let number = nextNumber
        unit.settled = { outcome in
            switch outcome {
            case .decided(let isInGraph): self.conclude(unit, number, isGraphApplied: isInGraph, tell)
            case .failed(let error): tell(.failure(error))
            }
        }
        do {
            try await seal(unit, result: result)
        } catch {
            unit.settled = nil
            throw error
        }
    }

    /// Tells the caller of a unit that is decided, as soon as Redis has its changes or takes too long to.
    private func conclude(
        _ unit: Unit, _ number: UInt64, isGraphApplied: Bool, _ tell: @escaping (Result<Receipt, any Error>) -> Void
    ) {
        let told = clock.now
        var receipt = Receipt(
            number: number, stores: stores(of: unit), attempts: 1, isGraphApplied: isGraphApplied, isCacheApplied: true,
            isRepetition: false, groupSize: unit.groupSize, timings: unit.timings)
        if let decided = unit.decidedAt { receipt.timings.graph = told - decided }
        func tellNow() {
            if !unit.cache.isEmpty { receipt.timings.cache = clock.now - told }
            Failpoint.receipt.pass()
            tell(.success(receipt))
        }
        if unit.cache.isEmpty || cacheState.withLock({ $0.queue.applied >= number }) { return tellNow() }
        Task {
            receipt.isCacheApplied = await waitForCache(number, limit: unit.options.cacheTimeLimit)
            tellNow()
        }
    }

    /// Ends a unit that has changed nothing. What it has seen counts only if it is decided.
    private func endReading(_ unit: Unit) async throws -> Receipt {
        let seen = unit.seenGroup
        finish(unit)
        guard await isDecided(seen) else { throw Ended(error: RunAgain()) }
        return Receipt(
            number: nil, stores: [], attempts: 1, isCacheApplied: true, isRepetition: false, timings: unit.timings)
    }

    private func stores(of unit: Unit) -> Set<StoreKind> {
        var stores = StoreSet.sqlite
        if !unit.redo.isEmpty { stores.insert(.graph) }
        if !unit.cache.isEmpty { stores.insert(.redis) }
        return stores.kinds
    }

    /// Checks that what the unit did can be committed, and lets go of a graph that it only read.
    private func check(_ unit: Unit) throws {
        do {
            if unit.open.contains(.sqlite) {
                try participants.decision.checkOpen()
                try participants.decision.seal()
                unit.hasWrittenRecords = try participants.decision.hasWritten()
            }
            if unit.open.contains(.graph) {
                try participants.graph?.checkOpen()
                if unit.redo.isEmpty { leave(.graph, unit) }
            }
        } catch let error as TransactionError {
            throw error
        } catch let again as RunAgain {
            throw again
        } catch {
            throw TransactionError(
                .storeFailed, "the transaction can't be committed", remedy: "Correct what the store names.",
                underlying: error)
        }
    }
}
