import Logging

/// From the state's actions to what is really done: objects are looked up under the lock, used outside of it.
extension ConnectionPool {
    enum Effect {
        case open(PoolTicket)
        case check(PoolTicket, Connection?)
        case close(PoolTicket, Connection?, CloseReason)
        case interrupt(Connection)
        case cancel(Task<Void, Never>)
        case resume(CheckedContinuation<WaiterOutcome, Never>, WaiterOutcome)
        case warn(PoolHolder)
        case drained(PoolDrainReport, [CheckedContinuation<PoolDrainReport, Never>], [AsyncStream<Never>.Continuation])
        case setTimer(PoolInstant, serial: UInt64)
    }

    /// One event: lock, transition, unlock, perform.
    ///
    /// - Parameter prepare: what belongs under the same lock, before the event.
    @discardableResult
    func transition<Result: Sendable>(
        prepare: (inout Guarded) -> Void = { _ in },
        _ event: (inout PoolState, PoolInstant, inout [PoolAction]) -> Result
    ) -> Result {
        let now = time.now()
        let (result, effects) = guarded.withLock { guarded -> (Result, [Effect]) in
            prepare(&guarded)
            var actions: [PoolAction] = []
            let result = event(&guarded.state, now, &actions)
            var effects = actions.compactMap { guarded.resolve($0) }
            if let moment = guarded.nextTimer(now: now) {
                effects.append(.setTimer(moment, serial: guarded.timerSerial))
            }
            return (result, effects)
        }
        // Outside the lock: resuming a task may run it here and now, and it may come back to this pool.
        for effect in effects { perform(effect) }
        return result
    }

    private func perform(_ effect: Effect) {
        switch effect {
        case .open(let ticket):
            open(ticket)
        case .check(let ticket, let connection):
            check(ticket, connection)
        case .close(let ticket, let connection, let reason):
            observer?.record(.closing(reason))
            close(ticket, connection, reason)
        case .interrupt(let connection):
            factory.interrupt(connection)
        case .cancel(let task):
            task.cancel()
        case .resume(let continuation, let outcome):
            continuation.resume(returning: outcome)
        case .warn(let holder):
            observer?.record(.heldTooLong(holder))
            logger.warning(
                "a connection is held for a long time; is it ever given back?",
                metadata: ["acquiredAt": "\(holder.place)", "heldFor": "\(holder.age)"])
        case .drained(let report, let waiting, let runs):
            if !report.isComplete {
                logger.warning(
                    "shut down at the deadline, before everything was given back",
                    metadata: [
                        "holders": "\(report.remainingHolders.prefix(5).map(\.description))",
                        "refusedWaiters": "\(report.refusedWaiters)",
                        "unfinishedOperations": "\(report.unfinishedOperations)",
                    ])
            }
            for continuation in waiting { continuation.resume(returning: report) }
            for run in runs { run.finish() }
        case .setTimer(let moment, let serial):
            setTimer(moment, serial: serial)
        }
    }

    // MARK: Timer

    /// Lets `tick` be called at a moment. The task holds the pool only while it calls.
    private func setTimer(_ moment: PoolInstant, serial: UInt64) {
        // Detached: a timer, like a connection, belongs to no task that happened to need it, nor to its task-local values.
        let timer = Task.detached { [weak self, time] in
            do { try await time.sleep(until: moment) } catch { return }
            self?.timerFired()
        }
        let replaced = guarded.withLock { guarded in
            // Another call may have set one meanwhile.
            guard guarded.timerSerial == serial else { return timer as Task<Void, Never>? }
            defer { guarded.timer = timer }
            return guarded.timer
        }
        replaced?.cancel()
    }

    private func timerFired() {
        let entropy = UInt64.random(in: .min ... .max)
        let failures = transition(prepare: { $0.timerMoment = .never }) { state, now, actions in
            let before = state.counters.openFailed
            state.tick(now: now, entropy: entropy, actions: &actions)
            return (state.counters.openFailed - before, state.lastConnectFailure)
        }
        if failures.0 > 0, let failure = failures.1 {
            for _ in 0..<failures.0 {
                observer?.record(.openFailed(failure.error, took: configuration.connectTimeout))
            }
            logger.info("could not connect", metadata: ["error": "\(failure)"])
        }
    }
}

extension ConnectionPool.Guarded {
    /// Looks up what an action is about.
    fileprivate mutating func resolve(_ action: PoolAction) -> ConnectionPool.Effect? {
        switch action {
        case .open(let ticket): return .open(ticket)
        case .check(let ticket): return .check(ticket, connections[ticket.slot])
        case .close(let ticket, let reason):
            // From here on only the closing task has it.
            let connection = connections[ticket.slot]
            connections[ticket.slot] = nil
            return .close(ticket, connection, reason)
        case .interrupt(let ticket): return connections[ticket.slot].map { .interrupt($0) }
        case .abandon(let ticket): return operations.removeValue(forKey: ticket).map { .cancel($0) }
        case .complete(let id, let outcome): return waiting.removeValue(forKey: id).map { .resume($0, outcome) }
        case .warn(let holder): return .warn(holder)
        case .drained(let report):
            self.report = report
            defer {
                draining = []
                runs = []
            }
            return .drained(report, draining, runs)
        }
    }

    /// When a new timer is to call, if the present one comes too late.
    fileprivate mutating func nextTimer(now: PoolInstant) -> PoolInstant? {
        guard state.alarm < timerMoment else { return nil }
        // Not more often than this: deadlines of many waiters come close together.
        let soonest = now.advanced(by: PoolSpan(nanoseconds: 1_000_000))
        let moment = max(state.alarm, soonest)
        guard moment < timerMoment else { return nil }
        timerMoment = moment
        timerSerial &+= 1
        return moment
    }
}
