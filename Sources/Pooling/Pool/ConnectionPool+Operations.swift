import Logging

/// Calls of the factory, each in a task of its own. None of them keeps a pool alive that nobody else holds.
extension ConnectionPool {
    func open(_ ticket: PoolTicket) {
        guarded.withLock { guarded in
            while guarded.connections.count <= ticket.slot { guarded.connections.append(nil) }
        }
        keep(
            ticket,
            Task.detached { [weak self, factory, time] in
                let start = time.now()
                do {
                    let connection = try await factory.open()
                    if let self, self.opened(ticket, connection, took: time.now().since(start).duration) { return }
                    // Given up meanwhile, or the pool is gone.
                    await factory.close(connection)
                } catch {
                    self?.openFailed(ticket, error, took: time.now().since(start).duration)
                }
            })
    }

    private func opened(_ ticket: PoolTicket, _ connection: Connection, took: Duration) -> Bool {
        let entropy = UInt64.random(in: .min ... .max)
        var failures = 0
        let isAccepted = transition(prepare: {
            $0.operations[ticket] = nil
            failures = $0.state.failuresInARow
            // Before the state lends it to someone.
            if $0.state.isCurrent(ticket, .opening) { $0.connections[ticket.slot] = connection }
        }) { state, now, actions in
            state.opened(ticket, now: now, entropy: entropy, actions: &actions)
        }
        guard isAccepted else { return false }
        observer?.record(.opened(took: took))
        if failures > 0 { logger.info("connecting works again", metadata: ["failures": "\(failures)"]) }
        return true
    }

    private func openFailed(_ ticket: PoolTicket, _ error: any Error, took: Duration) {
        let entropy = UInt64.random(in: .min ... .max)
        let failure = ConnectFailure(error, isLasting: factory.isLasting(error))
        let (isCurrent, failures) = transition(prepare: { $0.operations[ticket] = nil }) { state, now, actions in
            let isCurrent = state.isCurrent(ticket, .opening)
            state.openFailed(ticket, failure, now: now, entropy: entropy, actions: &actions)
            return (isCurrent, state.failuresInARow)
        }
        guard isCurrent else { return }
        observer?.record(.openFailed(error, took: took))
        // An outage is told once; its attempts are details.
        logger.log(
            level: failures == 1 ? .info : .debug, "could not connect",
            metadata: ["error": "\(failure)", "inARow": "\(failures)"])
    }

    func check(_ ticket: PoolTicket, _ connection: Connection?) {
        keep(
            ticket,
            Task.detached { [weak self, factory, time] in
                let start = time.now()
                var works = false
                if let connection {
                    do {
                        try await factory.validate(connection)
                        works = connection.isUsable
                    } catch {
                        self?.logger.debug("a connection failed its probe", metadata: ["error": "\(error)"])
                    }
                }
                self?.checked(ticket, works: works, took: time.now().since(start).duration)
            })
    }

    private func checked(_ ticket: PoolTicket, works: Bool, took: Duration) {
        transition(prepare: { $0.operations[ticket] = nil }) { state, now, actions in
            state.checked(ticket, works: works, now: now, actions: &actions)
        }
        observer?.record(.validated(works: works, took: took))
    }

    func close(_ ticket: PoolTicket, _ connection: Connection?, _ reason: CloseReason) {
        logger.debug("closing a connection", metadata: ["reason": "\(reason.rawValue)"])
        keep(
            ticket,
            Task.detached { [weak self, factory] in
                if let connection { await factory.close(connection) }
                self?.transition(prepare: { $0.operations[ticket] = nil }) { state, now, actions in
                    state.closed(ticket, now: now, actions: &actions)
                }
            })
    }

    /// Remembers a task, to cancel it when it takes too long.
    private func keep(_ ticket: PoolTicket, _ task: Task<Void, Never>) {
        let isUnderWay = guarded.withLock { guarded in
            // It may have ended, or been given up, before this.
            let isUnderWay = guarded.state.isUnderWay(ticket)
            if isUnderWay { guarded.operations[ticket] = task }
            return isUnderWay
        }
        if !isUnderWay { task.cancel() }
    }
}
