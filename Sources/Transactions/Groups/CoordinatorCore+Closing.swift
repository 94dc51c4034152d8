import Failpoints
import Stores

/// How a group is committed: SQLite's commit, with the journal's rows in it, is the decision. The graph and Redis follow,
/// and are brought there if they fail.
extension CoordinatorCore {
    // MARK: When

    /// Has the group committed as soon as those have left who are in its stores, before others come in.
    func requestClosing() {
        guard !group.isEmpty, group.closer == nil, !group.isCloseRequested else { return }
        group.isCloseRequested = true
        let (id, generation) = (makeID(), group.generation)
        // Asked for at once: whoever gives the store back does so after this.
        let hasRecords = requestAlone(id, .store(.sqlite), .exclusive, isAhead: true)
        Task { await closeAhead(as: id, generation, hasRecords: hasRecords) }
    }

    private func closeAhead(as id: UnitID, _ generation: UInt64, hasRecords: Bool) async {
        if !hasRecords { await waitAlone(id) }
        if isOpen(generation), group.usesGraph, !requestAlone(id, .store(.graph), .exclusive, isAhead: true) {
            await waitAlone(id)
        }
        // Somebody who was in has committed it meanwhile.
        guard isOpen(generation) else { return resume(locks.release(id)) }
        await close(as: id)
    }

    /// Whether a group goes on, and is not being committed.
    func isOpen(_ generation: UInt64) -> Bool {
        group.generation == generation && !group.isEmpty && group.closer == nil
    }

    private func checkNotStopped() throws {
        if case .stopped(let reason) = phase { throw TransactionError.stopped(reason) }
    }

    // MARK: Committing

    /// Commits the group, or fails it. Whoever calls this holds its stores in the name of `id`, which gives them back
    /// when that is done.
    func close(as id: UnitID) async {
        group.closer = id
        timers.cancel(group.timer)
        let generation = group.generation
        if group.usesGraph { _ = requestAlone(id, .store(.graph), .exclusive, isAhead: true) }
        // From here on no snapshot opens until the group has ended.
        if !gate.requestCommit(id) { await gate.waitForCommit(id) }
        do {
            try checkNotStopped()
            if group.usesGraph, !begun.contains(.graph) { try await beginGraph(as: id, nil) }
            try checkNotStopped()
            try runPutOff()
        } catch let error as TransactionError where error.code == .stopped {
            return failGroup(error, isFinal: true)
        } catch {
            // Unless that is done.
            guard group.generation == generation else { return }
            return failGroup(TransactionError.notBegun(.graph, error), isFinal: group.members.count == 1)
        }
        decide()
    }

    /// Tells the graph what the members have put off.
    private func runPutOff() throws {
        guard !group.unsent.isEmpty, let graph = participants.graph else { return }
        do {
            try graph.runPutOff(group.unsent)
            group.unsent = []
        } catch {
            throw TransactionError.putOff(error)
        }
    }

    /// From here to the graph's commit nothing else runs on the lane.
    private func decide() {
        let members = group.members
        let last = members[members.count - 1].number
        let began = clock.now
        Failpoint.groupClosing.pass()
        let outcome = participants.decision.decide(
            Decision(units: members.map(\.decided), trimUpTo: dueTrim(at: last)))
        switch outcome {
        case .decided: commits.add()
        case .failed(let error):
            return failGroup(
                TransactionError(
                    .storeFailed, "SQLite did not commit, and nothing happened", remedy: "See what SQLite says.",
                    underlying: error), isFinal: members.count == 1)
        case .unknown(let error):
            let failure = TransactionError(
                .outcomeUnknown, "SQLite failed within the commit, and whether it holds is unknown",
                remedy: "Close the coordinator and open it again: recovery tells.", underlying: error)
            failGroup(failure, isFinal: true)
            return stop(failure)
        }
        lastNumber = last
        for tell in group.decide() { tell(true) }
        begun.remove(.sqlite)
        participants.decision.release()
        let decided = clock.now
        for member in members {
            if member.unit.hasWrittenRecords { lastChange[.sqlite] = member.number }
            if member.hasWrittenGraph { lastChange[.graph] = member.number }
            member.unit.noteDecision(began, decided, members.count)
        }
        counters.groups += 1
        counters.committed += members.count
        // Before the graph's commit, so that Redis works meanwhile: the order of the two does not matter, since both are
        // decided.
        if members.contains(where: { !$0.unit.cache.isEmpty }) {
            cacheState.withLock { $0.queue.decide() }
            applyCache()
        }
        commitGraph()
    }

    /// Commits the graph's part, or does it again until it is there: the decision can't be taken back.
    private func commitGraph() {
        guard let graph = participants.graph,
            let number = group.members.last(where: { $0.hasWrittenGraph })?.number
        else { return endGroup(isGraphApplied: true) }
        do {
            try graph.commit(number: number)
        } catch let error as GraphCommitFailed {
            // The writer's place is kept until the end, so that nobody writes any more.
            begun.remove(.graph)
            holdsGraph = true
            stop(TransactionError.graphFailed(number: number, error.underlying))
            return endGroup(isGraphApplied: false)
        } catch {
            logger.error("the graph did not commit after the decision; doing it again", metadata: ["error": "\(error)"])
            return redoGraph(graph, number: number)
        }
        graphHasCommitted(group.members.count { $0.hasWrittenGraph })
        letGraphGo(graph)
        endGroup(isGraphApplied: true)
    }

    private func letGraphGo(_ graph: any GraphParticipant) {
        begun.remove(.graph)
        graph.release()
    }

    /// Does the graph's part again until it is there; each caller waits for it until its unit's time is over.
    private func redoGraph(_ graph: any GraphParticipant, number: UInt64) {
        let waits = group.members.map { member in
            let (id, left) = (member.unit.id, member.unit.options.timeLimit - (clock.now - member.unit.began))
            return timers.schedule(after: max(.zero, left)) {
                Task(executorPreference: self.lane) { await self.tell(id, .decided(isGraphApplied: false)) }
            }
        }
        let statements = group.graphRedo
        Task {
            let isDone = await redo(statements, in: graph, number: number)
            for wait in waits { timers.cancel(wait) }
            letGraphGo(graph)
            endGroup(isGraphApplied: isDone)
        }
    }

    private func tell(_ id: UnitID, _ outcome: GroupOutcome) { units[id]?.settle(outcome) }

    // MARK: The end

    /// The group is in the stores, or follows there by itself.
    private func endGroup(isGraphApplied: Bool) {
        let (members, closer) = (group.members, group.closer)
        let ends = group.end()
        if let closer {
            let oldest = gate.endCommit(closer, at: lastNumber)
            cacheState.withLock { $0.queue.forget(before: oldest) }
        }
        for member in members {
            finish(member.unit)
            member.unit.settle(.decided(isGraphApplied: isGraphApplied))
        }
        if let closer { resume(locks.release(closer)) }
        for tell in ends { tell(true) }
        wakeThoseWhoClose()
    }

    /// Takes back what all members did, and ends whoever may have seen it. They are run again.
    ///
    /// - Parameter isFinal: whether the members are told the error instead: it is the only one's own, or nothing can be
    ///   run any more.
    func failGroup(_ error: any Error, isFinal: Bool = false) {
        guard !group.isEmpty else { return }
        let (members, closer, generation, usesGraph) = (group.members, group.closer, group.generation, group.usesGraph)
        timers.cancel(group.timer)
        let ends = group.end()
        cacheState.withLock { $0.queue.withdraw() }
        for unit in units.values.sorted(by: { $0.id < $1.id }) where unit.seenGroup == generation {
            abort(unit.id, RunAgain())
        }
        // Where nobody was in it.
        rollback(.sqlite)
        if usesGraph { rollback(.graph) }
        let reason: any Error = isFinal ? error : RunAgain()
        if !isFinal {
            logger.warning(
                "transactions that shared a commit are run again",
                metadata: ["count": "\(members.count)", "error": "\(error)"])
        }
        for member in members {
            counters.rolledBack += 1
            member.unit.state = .ended(reason)
            leave(member.unit)
            member.unit.settle(.failed(reason))
        }
        if let closer {
            gate.endCommit(closer, at: lastNumber)
            resume(locks.release(closer))
        }
        for tell in ends { tell(false) }
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
        return min(safe, lastNumber)
    }
}
