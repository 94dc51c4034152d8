import Failpoints
import Stores

extension CoordinatorCore {
    /// Runs a body as a unit, again and again as the options say, until it is committed.
    nonisolated func run<Value: Sendable>(
        _ options: TransactionOptions, readers: PooledReaders? = nil, idempotency: Idempotency<Value>?,
        _ body: @escaping @Sendable (isolated Transaction) async throws -> Value
    ) async throws -> (Value, Receipt) {
        if let outer = Self.current {
            throw TransactionError(
                .misuse,
                "a transaction was begun within the body of another one (\(outer)), and would wait for it for ever",
                remedy: "Do the inner one's work in the outer one, or begin it after the outer one has ended.")
        }
        var attempt = Attempt(options: options, readers: readers, called: clock.now)
        while true {
            do {
                approach.begin(options.priority)
                var (value, receipt) = try await self.run(attempt, idempotency: idempotency, body)
                receipt.attempts = attempt.number + attempt.repetitions
                return (value, receipt)
            } catch is RunAgain {
                await noteRepetition()
                guard clock.now - attempt.called < options.timeLimit else {
                    throw TransactionError.deadlineExceeded(options.timeLimit)
                }
                attempt.repetitions += 1
                attempt.isAlone = true
            } catch let error as TransactionError
                where error.isTransient && attempt.number < options.retry.maximumAttempts
            {
                let pause = await self.pause(options.retry, afterAttempt: attempt.number)
                guard clock.now - attempt.called + pause < options.timeLimit else { throw error }
                try await clock.sleep(for: pause)
                attempt.number += 1
                if let name = error.contended { attempt.contended.insert(name) }
            }
        }
    }

    /// Lets those on the lane first that have a higher priority and are on their way, as often as they may overtake.
    private func letOthersPass(_ priority: TransactionPriority) async {
        var overtaken = 0
        while overtaken < configuration.mostOvertaken {
            let others = approach.count(above: priority)
            guard others > 0 else { return }
            overtaken += others
            await Task.yield()
        }
    }

    private func noteRepetition() {
        counters.retries += 1
        counters.repeatedForOthers += 1
    }

    private func pause(_ policy: RetryPolicy, afterAttempt attempt: Int) -> Duration {
        counters.retries += 1
        return policy.pause(afterAttempt: attempt, random: Double.random(in: 0..<1, using: &random))
    }

    /// Runs a body as a unit, once.
    ///
    /// Off the lane, so that its caller goes on as soon as it has ended: on the lane that would come after all units that
    /// are about to begin.
    private nonisolated func run<Value: Sendable>(
        _ attempt: Attempt, idempotency: Idempotency<Value>?,
        _ body: @escaping @Sendable (isolated Transaction) async throws -> Value
    ) async throws -> (Value, Receipt) {
        let id = makeID()
        // Before the caller can be cancelled, of which the lane may hear first.
        statements.withLock { $0.isDoomed[id] = false }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (caller: CheckedContinuation<(Value, Receipt), any Error>) in
                Task(executorPreference: lane) { await self.begin(id, attempt, idempotency, body, caller) }
            }
        } onCancel: {
            interruptStatement(of: id, because: CancellationError())
            Task(executorPreference: lane) { await self.abort(id, CancellationError()) }
        }
    }

    private func begin<Value: Sendable>(
        _ id: UnitID, _ attempt: Attempt, _ idempotency: Idempotency<Value>?,
        _ body: @escaping @Sendable (isolated Transaction) async throws -> Value,
        _ caller: CheckedContinuation<(Value, Receipt), any Error>
    ) async {
        await letOthersPass(attempt.options.priority)
        approach.end(attempt.options.priority)
        do {
            let unit = try makeUnit(id, attempt) { caller.resume(throwing: $0) }
            let transaction = Transaction(core: self, id: id)
            // At once, where the system has that: another turn on the lane would come after all that waits for it.
            if #available(macOS 26, *) {
                unit.task = Task.immediate { await carryOut(unit, transaction, attempt, idempotency, body, caller) }
            } else {
                unit.task = Task { await carryOut(unit, transaction, attempt, idempotency, body, caller) }
            }
            if case .ended = unit.state { unit.task?.cancel() }
        } catch {
            statements.withLock { $0.forget(id) }
            caller.resume(throwing: error)
        }
    }

    private func makeUnit(
        _ id: UnitID, _ attempt: Attempt, fail: @escaping (any Error) -> Void
    ) throws -> Unit {
        // The caller may have been cancelled on the way here.
        if let cause = statements.withLock({ $0.causes[id] }) { throw cause }
        try checkOpen()
        let options = attempt.options
        let left = options.timeLimit - (clock.now - attempt.called)
        guard left > .zero else { throw TransactionError.deadlineExceeded(options.timeLimit) }
        guard units.count < configuration.maximumUnits else {
            throw TransactionError(
                .overloaded, "\(units.count) transactions run or wait already",
                remedy: "Send fewer at a time, or raise CoordinatorConfiguration.maximumUnits.", isTransient: true)
        }
        let unit = Unit(id: id, attempt, began: clock.now)
        unit.fail = fail
        unit.deadline = timers.schedule(after: left) {
            let error = TransactionError.deadlineExceeded(options.timeLimit)
            self.interruptStatement(of: id, because: error)
            Task(executorPreference: self.lane) { await self.timeIsOver(for: id, error) }
        }
        units[id] = unit
        return unit
    }

    /// A unit has ended without being committed, and nobody has told the caller.
    struct Ended: Error {
        var error: any Error
    }

    private func carryOut<Value: Sendable>(
        _ unit: Unit, _ transaction: Transaction, _ attempt: Attempt, _ idempotency: Idempotency<Value>?,
        _ body: @Sendable (isolated Transaction) async throws -> Value,
        _ caller: CheckedContinuation<(Value, Receipt), any Error>
    ) async {
        defer { endings[unit.id] = nil }
        do {
            try await perform(unit, transaction, attempt, idempotency, body, caller)
        } catch let ended as Ended {
            caller.resume(throwing: ended.error)
        } catch {
            abort(unit.id, statements.withLock { $0.causes[unit.id] } ?? error)
        }
    }

    /// Runs the body and commits. When this returns the caller is told, or will be by the unit's group; when it throws the unit is not committed, and may
    /// be ended already.
    private func perform<Value: Sendable>(
        _ unit: Unit, _ transaction: Transaction, _ attempt: Attempt, _ idempotency: Idempotency<Value>?,
        _ body: @Sendable (isolated Transaction) async throws -> Value,
        _ caller: CheckedContinuation<(Value, Receipt), any Error>
    ) async throws {
        if unit.options.isolation != .serializable { try await takeReaders(unit, from: attempt.readers) }
        // First, since it may wait for a group's end, which must not wait for this unit.
        if let idempotency, let earlier = try await earlierResult(unit, idempotency) {
            return caller.resume(returning: earlier)
        }
        for name in attempt.contended.sorted(by: { $0.description < $1.description }) {
            try await lock(unit.id, name, .exclusive)
        }
        let began = clock.now
        unit.timings.admission = began - attempt.called
        _ = try live(unit.id)
        let value = try await Self.$current.withValue(unit.id) { try await body(transaction) }
        unit.timings.body = clock.now - began
        try await commit(unit, result: try idempotency?.encode(value)) { result in
            caller.resume(with: result.map { (value, $0) })
        }
    }

    /// Before it has any lock, so that nobody who waits for a lock of its keeps a reader from it.
    private func takeReaders(_ unit: Unit, from pools: PooledReaders?) async throws {
        guard let pools else {
            throw TransactionError(
                .unsupported, "the coordinator has no readers for transactions below serializable",
                remedy: "Use serializable.")
        }
        let readers = try await pools.acquire()
        do {
            _ = try live(unit.id)
            unit.readers = readers
        } catch {
            readers.giveBack()
            throw error
        }
    }

    /// What an earlier transaction with the same idempotency key has returned.
    private func earlierResult<Value>(
        _ unit: Unit, _ idempotency: Idempotency<Value>
    ) async throws -> (Value, Receipt)? {
        try await lock(unit.id, .idempotencyKey(idempotency.key), .exclusive)
        unit.idempotencyKey = idempotency.key
        while group.contains(idempotencyKey: idempotency.key) {
            await groupEnd()
            _ = try live(unit.id)
        }
        guard let stored = try await storedResult(of: idempotency.key, for: unit) else { return nil }
        let value = try idempotency.decode(stored.value)
        finish(unit)
        let isPending = cacheState.withLock { $0.queue.pending.contains { $0.number == stored.number } }
        let isApplied = isPending ? await waitForCache(stored.number, limit: unit.options.cacheTimeLimit) : true
        return (
            value,
            Receipt(
                number: stored.number, stores: [], attempts: 1, isCacheApplied: isApplied, isRepetition: true,
                timings: unit.timings)
        )
    }

    /// What is committed under a key, which the unit has locked.
    private func storedResult(of key: String, for unit: Unit) async throws -> StoredResult? {
        if let readers = unit.readers {
            let stored = try await readers.sqlite?.read { try Journal.storedResult(of: key, in: $0) }
            _ = try live(unit.id)
            return stored ?? nil
        }
        try await enter(unit.id, .sqlite)
        return try participants.decision.storedResult(of: key)
    }

    // MARK: Ending

    /// Ends a unit that is not sealed yet: nothing of it stays. Does nothing for others.
    ///
    /// Its caller is told why only when what it may have seen is decided: otherwise that means nothing, and it is run again.
    func abort(_ id: UnitID, _ error: any Error) {
        guard let unit = units[id], unit.isRunning else { return }
        let (tell, seen) = (unit.fail, unit.seenGroup)
        let hasEndedGroup = end(unit, error)
        guard let tell else { return }
        if Self.isAtOnce(error) { return tell(error) }
        if hasEndedGroup { return tell(RunAgain()) }
        whenDecided(seen) { isTrue in tell(isTrue ? error : RunAgain()) }
    }

    /// Whether an error says nothing of what the body has seen.
    private static func isAtOnce(_ error: any Error) -> Bool {
        guard let error = error as? TransactionError else { return error is CancellationError || error is RunAgain }
        return error.isTransient || [.deadlineExceeded, .lockTimedOut, .stopped].contains(error.code)
    }

    /// - Returns: whether the group that it may have seen has ended with it, undecided.
    private func end(_ unit: Unit, _ error: any Error) -> Bool {
        counters.rolledBack += 1
        let isUndecided = !group.isEmpty && group.generation == unit.seenGroup
        unit.state = .ended(error)
        // The body may still run, and is told why it can't go on.
        endings[unit.id] = error
        Failpoint.rollbackBefore.pass()
        leave(unit)
        unit.task?.cancel()
        return isUndecided && group.generation != unit.seenGroup
    }

    /// The unit has been committed, or had nothing to commit.
    func finish(_ unit: Unit) {
        unit.state = .committed
        leave(unit)
    }

    /// Gives back everything that the unit has.
    func leave(_ unit: Unit) {
        unit.fail = nil
        statements.withLock { $0.forget(unit.id) }
        timers.cancel(unit.deadline)
        letReadersGo(unit)
        for store in StoreKind.allCases where unit.open.contains(store) { leave(store, unit) }
        if case .ended = unit.state { Failpoint.rollbackAfter.pass() }
        units[unit.id] = nil
        closeGroup(insteadOfPassing: unit)
        let granted = locks.release(unit.id)
        if let wait = unit.lockWait, case .ended(let error) = unit.state {
            unit.lockWait = nil
            wait.resume(throwing: error)
        }
        for turn in unit.takeTurns() { turn.resume() }
        resume(granted)
        if units.isEmpty { wakeIdleWaits() }
    }

    // MARK: Statements

    /// Marks the unit's statement as the one that runs on the lane, so that it can be interrupted from outside.
    nonisolated func performing<Value>(_ id: UnitID, _ body: () throws -> Value) throws -> Value {
        let isDoomed = statements.withLock { statements in
            statements.current = id
            return statements.isDoomed[id] == true
        }
        defer { statements.withLock { $0.current = nil } }
        if isDoomed { throw CancellationError() }
        return try body()
    }

    /// Makes the unit's statement fail if one runs, and keeps further ones from running: the lane may be held by it,
    /// and can't be asked.
    nonisolated func interruptStatement(of id: UnitID, because cause: any Error) {
        statements.withLock { statements in
            guard statements.isDoomed[id] != nil else { return }
            statements.isDoomed[id] = true
            if statements.causes[id] == nil { statements.causes[id] = cause }
            guard statements.current == id else { return }
            participants.decision.interrupt()
            participants.graph?.interrupt()
        }
    }
}
