import Failpoints
import Stores

/// How units share commits: who hands the stores on, and who commits.
extension CoordinatorCore {
    /// The savepoint at which a unit begins in a transaction of SQLite that holds sealed ones.
    static let unitSavepoint = "trivet_unit"

    // MARK: Joining

    /// Seals a unit, which holds SQLite: it gets its number, and is committed with its group.
    ///
    /// - Throws: what keeps it from being sealed; it goes on running then.
    func seal(_ unit: Unit, result: [UInt8]?) async throws -> GroupOutcome {
        if unit.hasSavepoint {
            try participants.decision.release(savepoint: Self.unitSavepoint)
            unit.hasSavepoint = false
        }
        let number = nextNumber
        let row = JournalRow(number: number, graph: unit.redo, cache: unit.cache.writes)
        unit.state = .sealed
        unit.sealedAt = clock.now
        unit.open = []
        group.add(
            UnitGroup.Member(
                unit: unit,
                decided: DecidedUnit(
                    row: row, idempotencyKey: result == nil ? nil : unit.idempotencyKey, result: result)))
        if !unit.cache.isEmpty { cacheState.withLock { $0.queue.seal(unit.cache, number: number) } }
        // Others may be about to ask for the stores: the lane has not come to them while this body ran.
        if units.count > group.members.count { await Task.yield() }
        // Else the group has been ended meanwhile.
        if unit.outcome == nil {
            if hasEntered(besides: unit.id) || mayPassOn(unit) {
                passOn(unit)
            } else {
                await close(as: unit.id)
            }
        }
        return await withCheckedContinuation { continuation in
            if let outcome = unit.outcome {
                continuation.resume(returning: outcome)
            } else {
                unit.outcomeWait = continuation
            }
        }
    }

    /// Which the next sealed unit gets.
    var nextNumber: UInt64 { lastNumber + UInt64(group.members.count) + 1 }

    /// Lets go of what a sealed unit holds: the next ones work on with its changes.
    private func passOn(_ unit: Unit) {
        Failpoint.groupPassed.pass()
        if group.timer == nil { watchGroup() }
        let granted = locks.release(unit.id)
        for turn in unit.takeTurns() { turn.resume() }
        resume(granted)
    }

    /// Whether a unit that has not ended is within the transactions of the group's stores.
    private func hasEntered(besides id: UnitID?) -> Bool {
        let stores: [StoreKind] = group.usesGraph ? [.sqlite, .graph] : [.sqlite]
        return stores.contains { store in locks.holders(of: .store(store)).contains { $0 != id } }
    }

    /// Whether those who wait for what a unit holds may work on with its changes, so that all are committed at once.
    private func mayPassOn(_ unit: Unit) -> Bool {
        guard group.closer == nil, !group.isCloseRequested, !unit.isAlone,
            group.members.count < configuration.groups.units, let recordsBegan,
            clock.now - recordsBegan < configuration.groups.time
        else { return false }
        var isWanted = false
        for store in [StoreKind.sqlite, .graph] where locks.mode(of: .store(store), for: unit.id) != nil {
            guard let next = locks.firstWaiter(for: .store(store)) else { continue }
            guard let next = units[next], !next.needsDecided else { return false }
            isWanted = true
        }
        return isWanted
    }

    // MARK: Leaving

    /// Takes a unit out of a store's transaction, whose other changes stay.
    func leave(_ store: StoreKind, _ unit: Unit) {
        unit.open.remove(store)
        switch store {
        case .sqlite: leaveRecords(unit)
        case .graph: leaveGraph(unit)
        case .redis: break
        }
    }

    private func leaveRecords(_ unit: Unit) {
        guard !group.isEmpty else { return rollback(.sqlite) }
        do {
            try participants.decision.checkOpen()
            guard unit.hasSavepoint else { return }
            unit.hasSavepoint = false
            try participants.decision.rollback(toSavepoint: Self.unitSavepoint)
            try participants.decision.release(savepoint: Self.unitSavepoint)
        } catch {
            // SQLite has rolled the whole transaction back.
            failGroup(error)
        }
    }

    private func leaveGraph(_ unit: Unit) {
        guard let graph = participants.graph, group.usesGraph else { return rollback(.graph) }
        if unit.redo.count == unit.unsent, (try? graph.checkOpen()) != nil { return }
        // It has no savepoints: whoever comes next does again what the members did.
        graph.rollback()
        group.isGraphStale = true
    }

    /// Ends a store's transaction without a trace.
    func rollback(_ store: StoreKind) {
        guard begun.remove(store) != nil else { return }
        switch store {
        case .sqlite:
            participants.decision.rollback()
            participants.decision.release()
        case .graph:
            participants.graph?.rollback()
            participants.graph?.release()
        case .redis: break
        }
    }

    /// Sees to it that the group is committed if a unit that is about to give back its locks was the last one in its
    /// stores, and whoever gets them now must not see what is not decided.
    func closeGroup(insteadOfPassing unit: Unit) {
        guard !group.isEmpty, !hasEntered(besides: unit.id), !mayPassOn(unit) else { return }
        requestClosing()
    }

    // MARK: Limits

    /// Bounds how long the members wait for others: first nobody comes in any more, then those who are in have to go,
    /// and are run again alone.
    private func watchGroup() {
        let (generation, limit) = (group.generation, configuration.groups.time)
        group.timer = timers.schedule(after: limit) {
            Task(executorPreference: self.lane) { await self.endAdmission(to: generation, clearingAfter: limit) }
        }
    }

    private func endAdmission(to generation: UInt64, clearingAfter limit: Duration) {
        guard isOpen(generation) else { return }
        requestClosing()
        group.timer = timers.schedule(after: limit) {
            Task(executorPreference: self.lane) { await self.clear(generation) }
        }
    }

    /// Ends the units that the group waits for.
    private func clear(_ generation: UInt64) {
        guard isOpen(generation) else { return }
        requestClosing()
        for store in [StoreKind.sqlite, .graph] {
            for id in locks.holders(of: .store(store)) { abort(id, RunAgain()) }
        }
    }

    /// A unit's time is over.
    func timeIsOver(for id: UnitID, _ error: any Error) {
        if case .sealed = units[id]?.state {
            // It can't be taken out of its group.
            clear(group.generation)
        } else {
            abort(id, error)
        }
    }

    // MARK: Waiting

    /// Waits until the present group, if there is one, is in the stores.
    ///
    /// - Returns: false if it never will be.
    @discardableResult
    func groupEnd() async -> Bool {
        await withCheckedContinuation { continuation in
            if group.isEmpty { continuation.resume(returning: true) } else { group.waitForEnd(continuation) }
        }
    }

    /// Waits until what a unit may have seen is decided.
    ///
    /// - Returns: false if it never will be, and what the unit has done and said means nothing.
    func isDecided(_ generation: UInt64?) async -> Bool {
        await withCheckedContinuation { continuation in
            // A unit that has seen a group that failed has been ended by that.
            if group.isEmpty || generation != group.generation {
                continuation.resume(returning: true)
            } else {
                group.waitForEnd(continuation)
            }
        }
    }

    /// A unit has got a lock: what it reads from here on may be of sealed units.
    ///
    /// - Returns: false if it has to ask for the lock again.
    func noteGroup(_ unit: Unit, _ name: LockName) async throws -> Bool {
        guard !group.isEmpty else { return true }
        guard unit.needsDecided else {
            unit.seenGroup = group.generation
            return true
        }
        switch name {
        // Nothing that anybody has changed.
        case .graphViews, .idempotencyKey: return true
        case .key, .named:
            await groupEnd()
            _ = try live(unit.id)
            return true
        case .store: break
        }
        // The group needs the store to end.
        requestClosing()
        resume(locks.release(name, of: unit.id))
        await groupEnd()
        _ = try live(unit.id)
        return false
    }
}
