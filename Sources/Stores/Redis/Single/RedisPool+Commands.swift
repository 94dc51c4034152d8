import Pooling
public import RedisClient

extension RedisPool: RedisCommands {
    /// Sends a command on a connection that others use too, or, if it can block, on one of its own; and waits for the reply.
    ///
    /// - Throws: ``RedisError``: as ``RedisConnection/send(_:)``; ``RedisError/Code-swift.struct/refused`` for commands that need
    ///   ``withConnection(timeout:isolation:file:line:_:)``; when there was no connection in time, with the ``PoolError`` in
    ///   ``RedisError/underlying`` and the code of the last failure to connect, or ``RedisError/Code-swift.struct/noConnection``.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        // Nearly always a connection is there, the command succeeds, and nobody traces: as few steps as possible then.
        guard !StoreTracing.isOn, case .shared = command.connectionUse else { return try await observe(command) }
        let start = PoolInstant.roughlyNow()
        guard let turn = node.takeUntold() else { return try await observe(command) }
        switch await turn.link.connection.reply(to: command, within: firstTimeout(of: command)) {
        case .success(let value):
            node.end(untold: turn, after: command)
            return value
        case .failure(let error):
            if node.isObserved { node.pool.tellAcquired() }
            node.end(turn)
            return try await observe(command, since: turn.since) { pool throws(RedisError) in
                try await pool.run(command, since: start).again(after: error) { command, timeout, limit in
                    await pool.share(command, timeout, limit)
                }
            }
        }
    }

    private func observe(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        try await observe(command, since: .preciseNow()) { pool throws(RedisError) in try await pool.perform(command) }
    }

    private func observe(
        _ command: RedisCommand, since began: PoolInstant,
        _ body: (RedisPool) async throws(RedisError) -> RESPValue
    ) async throws(RedisError) -> RESPValue {
        guard
            let operation = ObservedOperation(
                "redis", command.name, pool: node.pool.name, observer: node.observer, since: began)
        else { return try await body(self) }
        do throws(RedisError) {
            let reply = try await body(self)
            operation.end()
            return reply
        } catch {
            operation.end(error)
            throw error
        }
    }

    private func perform(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        switch command.connectionUse {
        case .shared: break
        case .exclusive: return try await sendBlocking(command)
        case .held(let error): throw error.naming(command.name, attempts: 0)
        }
        return try await run(command, since: .roughlyNow()).all { command, timeout, limit in
            await self.share(command, timeout, limit)
        }
    }

    private func firstTimeout(of command: RedisCommand) -> RedisCommand.Timeout {
        guard command.isRead else { return command.timeout }
        return retries.timeout(isRead: true, attempts: 0, left: configuration.connection.limit(of: command.timeout))
    }

    private func run(_ command: RedisCommand, since start: PoolInstant) -> CommandRun {
        CommandRun(
            command, rule: retries, time: configuration.connection.limit(of: command.timeout), since: start)
    }

    private func share(
        _ command: RedisCommand, _ timeout: RedisCommand.Timeout, _ limit: ContinuousClock.Instant?
    ) async -> Result<RESPValue, RedisError> {
        do throws(RedisError) {
            return try await node.withShared(until: limit) { await $0.reply(to: command, within: timeout) }
        } catch {
            return .failure(error)
        }
    }

    /// A blocking command's time limit is for its reply; a connection is waited for as long as the pool allows.
    private func sendBlocking(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        var attempts = 0
        while true {
            attempts += 1
            let result = try await node.withExclusive(until: nil) { await $0.result(of: command) }
            switch result {
            case .success(let value):
                return value
            case .failure(let error):
                // Only what has not run: how long the server waits is not known here.
                let pause = retries.pause(
                    after: error, isRead: false, attempts: attempts, left: nil, entropy: .random(in: .min ... .max))
                guard let pause, await CommandRun.sleep(pause) else {
                    throw error.naming(command.name, attempts: attempts)
                }
            }
        }
    }
}

extension RedisConnection {
    /// A reply as a value, for scopes that do not throw.
    func result(of command: RedisCommand) async -> Result<RESPValue, RedisError> {
        do throws(RedisError) {
            return .success(try await send(command))
        } catch {
            return .failure(error)
        }
    }
}

extension RedisConnection.Configuration {
    /// How long a command may take in all; nil for no limit.
    func limit(of timeout: RedisCommand.Timeout) -> Duration? {
        switch timeout {
        case .connection: commandTimeout
        case .after(let duration): duration
        case .never: nil
        }
    }
}
