extension CoordinatorCore {
    /// Takes a lock for a unit, or waits for it.
    ///
    /// - Throws: ``TransactionError`` for a deadlock, the lock's time limit, or the unit's end.
    func lock(_ id: UnitID, _ name: LockName, _ mode: LockMode) async throws {
        _ = try live(id)
        repeat {
            let held = locks.mode(of: name, for: id)
            if held == mode || held == .exclusive { return }
            try await acquire(id, name, mode)
        } while try await !noteGroup(try live(id), name)
    }

    private func acquire(_ id: UnitID, _ name: LockName, _ mode: LockMode) async throws {
        while try live(id).isWaitingForLock { await turn(try live(id)) { $0.isWaitingForLock } }
        let unit = try live(id)
        switch locks.request(name, mode, for: id, priority: unit.options.priority, work: worth) {
        case .granted: return
        case .waiting: break
        case .deadlocked(let deadlocks):
            for deadlock in deadlocks { breakUp(deadlock) }
            _ = try live(id)
            if locks.mode(of: name, for: id) == mode { return }
        }
        unit.isWaitingForLock = true
        let began = clock.now
        let span = StatementSpan.lockWait()
        let limit = unit.options.lockTimeLimit
        var timer: Timers.ID?
        defer {
            span?.end()
            timers.cancel(timer)
            unit.isWaitingForLock = false
            unit.timings.locks += clock.now - began
            for turn in unit.takeTurns() { turn.resume() }
        }
        // Looked at within the closure, here as wherever the core waits: a task with an executor preference loses its
        // turn right before.
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            if case .ended(let error) = unit.state { return continuation.resume(throwing: error) }
            if locks.wait(of: id) == nil { return continuation.resume() }
            unit.lockWait = continuation
            timer = timers.schedule(after: limit) {
                Task(executorPreference: self.lane) { await self.lockTimedOut(id, name, limit) }
            }
        }
        _ = try live(id)
    }

    /// What a deadlock's end would cost: checkpoints are never its victims.
    private func worth(_ id: UnitID) -> Int { units[id]?.worth ?? .max }

    /// Takes a lock for a checkpoint.
    ///
    /// - Throws: `CancellationError`.
    func lockAlone(_ id: UnitID, _ name: LockName, _ mode: LockMode) async throws {
        if requestAlone(id, name, mode) { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if locks.wait(of: id) == nil { return continuation.resume() }
                loneWaits[id] = continuation
                if Task.isCancelled { giveUp(id) }
            }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
    }

    /// Asks for a lock for a checkpoint or a group.
    ///
    /// - Parameter isAhead: whether it goes before all who wait for the lock already.
    /// - Returns: whether it has it; else that is to be waited for.
    func requestAlone(_ id: UnitID, _ name: LockName, _ mode: LockMode, isAhead: Bool = false) -> Bool {
        switch locks.request(name, mode, for: id, priority: isAhead ? nil : .normal, work: worth) {
        case .granted: return true
        case .waiting: return false
        case .deadlocked(let deadlocks):
            for deadlock in deadlocks { breakUp(deadlock) }
            return locks.wait(of: id) == nil
        }
    }

    /// Waits for the lock that was asked for.
    func waitAlone(_ id: UnitID) async {
        // Nobody gives it up.
        try? await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            if locks.wait(of: id) == nil { continuation.resume() } else { loneWaits[id] = continuation }
        }
    }

    /// Ends the wait of a ``lockAlone(_:_:_:)``, if it still waits.
    private func giveUp(_ id: UnitID) {
        guard let wait = loneWaits.removeValue(forKey: id) else { return }
        resume(locks.release(id))
        wait.resume(throwing: CancellationError())
    }

    /// Waits until another task of the same body is done with what only one can do at a time.
    func turn(_ unit: Unit, while isBusy: (Unit) -> Bool) async {
        await withCheckedContinuation { continuation in
            if unit.isRunning, isBusy(unit) { unit.turns.append(continuation) } else { continuation.resume() }
        }
    }

    private func breakUp(_ deadlock: Deadlock) {
        counters.deadlocks += 1
        logger.debug("a deadlock was broken", metadata: ["cycle": "\(deadlock)", "victim": "\(deadlock.victim)"])
        abort(deadlock.victim, TransactionError.deadlock(deadlock))
    }

    private func lockTimedOut(_ id: UnitID, _ name: LockName, _ limit: Duration) {
        guard let unit = units[id], unit.lockWait != nil, let wait = locks.wait(of: id), wait.name == name else {
            return
        }
        let holders = wait.holders.map { holder in
            units[holder].map { "\(holder) for \(clock.now - $0.began)" } ?? "\(holder)"
        }
        abort(
            id,
            TransactionError(
                .lockTimedOut,
                "\(name) was not free within \(limit); held by \(holders.isEmpty ? "nobody now" : holders.joined(separator: ", "))",
                remedy: "Hold locks for a shorter time, or allow a longer wait with TransactionOptions.lockTimeLimit."))
    }

    /// Lets those go on whose locks have been granted.
    func resume(_ granted: [UnitID]) {
        for id in granted {
            if let unit = units[id] {
                unit.lockWait?.resume()
                unit.lockWait = nil
            } else {
                loneWaits.removeValue(forKey: id)?.resume()
            }
        }
    }
}
