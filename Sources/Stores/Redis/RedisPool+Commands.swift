public import RedisClient

extension RedisPool: RedisCommands {
    /// Sends a command on a connection that others use too, or, if it can block, on one of its own; and waits for the reply.
    ///
    /// - Throws: ``RedisError``: as ``RedisConnection/send(_:)``; ``RedisError/Code-swift.struct/refused`` for commands that need
    ///   ``withConnection(timeout:isolation:file:line:_:)``; when there was no connection in time, with the ``PoolError`` in
    ///   ``RedisError/underlying`` and the code of the last failure to connect, or ``RedisError/Code-swift.struct/noConnection``.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        switch command.connectionUse {
        case .shared:
            return try await perform(command) { attempt, limit throws(RedisError) in
                try await self.node.withShared(until: limit) { await $0.result(of: attempt) }.get()
            }
        case .exclusive:
            return try await sendBlocking(command)
        case .held(let error):
            throw error.naming(command.name, attempts: 0)
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
                guard let pause, await Self.sleep(pause) else { throw error.naming(command.name, attempts: attempts) }
            }
        }
    }

    /// Leads a command to its end: attempts and pauses, within its time limit.
    ///
    /// - Parameter attempt: sends once, and waits for a connection until the limit at most.
    func perform(
        _ command: RedisCommand,
        _ attempt: (RedisCommand, ContinuousClock.Instant?) async throws(RedisError) -> RESPValue
    ) async throws(RedisError) -> RESPValue {
        let isRead = command.isRead
        let start = ContinuousClock.now
        let limit = configuration.connection.limit(of: command.timeout).map { start + $0 }
        var attempts = 0
        while true {
            var current = command
            if attempts > 0 || isRead {
                let left = limit.map { max(.milliseconds(1), $0 - .now) }
                let time = retries.attemptTimeout(isRead: isRead, attempts: attempts, left: left)
                current.timeout = time.map { .after($0) } ?? .never
            }
            attempts += 1
            do throws(RedisError) {
                return try await attempt(current, limit)
            } catch {
                let left = limit.map { $0 - .now }
                let pause = retries.pause(
                    after: error, isRead: isRead, attempts: attempts, left: left, entropy: .random(in: .min ... .max))
                guard let pause, await Self.sleep(pause) else { throw error.naming(command.name, attempts: attempts) }
            }
        }
    }

    /// - Returns: false if the task was cancelled.
    static func sleep(_ pause: Duration) async -> Bool {
        do {
            try await Task.sleep(for: pause)
            return true
        } catch {
            return false
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
