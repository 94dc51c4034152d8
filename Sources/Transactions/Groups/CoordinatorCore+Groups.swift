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
    func seal(_ unit: Unit, result: [UInt8]?) async throws {
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
        if hasEntered(besides: unit.id) || mayPassOn(unit) {
            passOn(unit)
        } else if mayShare(unit), !isAnybodyWaiting(for: unit), mayOthersCome {
            // The lane has not come to them while this body ran. They find the stores free.
            passOn(unit)
            await closeWhenDeserted(as: unit.id)
        } else {
            await close(as: unit.id)
        }
    }

    /// Whether others are there that have not been sealed, and may be about to ask for the stores. Those of a lower priority
    /// than the group's are not waited for.
    private var mayOthersCome: Bool {
        if approach.count(from: group.priority) > 0 { return true }
        return units.count > group.members.count
            && units.values.contains { $0.isRunning && $0.options.priority >= group.priority }
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
        guard mayShare(unit) else { return false }
        var isWanted = false
        for store in [StoreKind.sqlite, .graph] where locks.mode(of: .store(store), for: unit.id) != nil {
            guard let next = locks.firstWaiter(for: .store(store)) else { continue }
            guard let next = units[next], !next.needsDecided, next.options.priority >= group.priority else {
                return false
            }
            isWanted = true
        }
        return isWanted
    }

    /// Whether others may come into the group after a unit.
    private func mayShare(_ unit: Unit) -> Bool {
        guard group.closer == nil, !group.isCloseRequested, !unit.isAlone,
            group.members.count < configuration.groups.units, let recordsBegan
        else { return false }
        return clock.now - recordsBegan < configuration.groups.time
    }

    private func isAnybodyWaiting(for unit: Unit) -> Bool {
        [StoreKind.sqlite, .graph].contains { store in
            locks.mode(of: .store(store), for: unit.id) != nil && locks.firstWaiter(for: .store(store)) != nil
        }
    }

    /// Commits the group when the lane has come to everybody and nobody has come in.
    private func closeWhenDeserted(as id: UnitID) async {
        guard !group.isWatched else { return }
        group.isWatched = true
        let generation = group.generation
        var size: Int
        repeat {
            size = group.members.count
            await Task.yield()
        } while isOpen(generation) && !group.isCloseRequested && group.members.count > size && mayOthersCome
        guard group.generation == generation else { return }
        group.isWatched = false
        guard isOpen(generation), !group.isCloseRequested, !hasEntered(besides: nil),
            requestAlone(id, .store(.sqlite), .exclusive, isAhead: true)
        else { return }
        await close(as: id)
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
        let isUntold = unit.redo.count == unit.unsent.count
        if group.usesGraph, isUntold, (try? participants.graph?.checkOpen()) != nil { return }
        // It has no savepoints: whoever comes next does again what the group's members did.
        rollback(.graph)
    }

    /// Ends a store's transaction without a trace.
    func rollback(_ store: StoreKind) {
        guard begun.remove(store) else { return }
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
            if group.isEmpty { return continuation.resume(returning: true) }
            group.waitForEnd { continuation.resume(returning: $0) }
        }
    }

    /// Waits until what a unit may have seen is decided.
    ///
    /// - Returns: false if it never will be, and what the unit has done and said means nothing.
    func isDecided(_ generation: UInt64?) async -> Bool {
        await withCheckedContinuation { continuation in
            whenDecided(generation) { continuation.resume(returning: $0) }
        }
    }

    /// Calls `action` when what a unit may have seen is decided, with whether it is in the stores.
    func whenDecided(_ generation: UInt64?, _ action: @escaping (Bool) -> Void) {
        // A unit that has seen a group that failed has been ended by that. The graph may follow late.
        if group.isEmpty || group.isDecided || generation != group.generation {
            action(true)
        } else {
            group.waitForDecision(action)
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
