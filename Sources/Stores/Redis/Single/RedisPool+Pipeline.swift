public import RedisClient

extension RedisPool {
    /// Sends commands in one write and waits for all replies, which stand in the commands' order.
    ///
    /// One command's error does not touch the others. It is no transaction: other tasks' commands can run in between. A pipeline with a
    /// blocking command gets a connection of its own; the others share one, unless they are so many that they would fill it.
    ///
    /// If one of the commands is refused (see ``RedisPool``), none is sent, and each error says because of which.
    public func pipeline(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        if commands.isEmpty { return [] }
        let operation = ObservedOperation("redis", "PIPELINE", pool: node.pool.name, observer: node.observer)
        let replies = await perform(commands)
        operation?.end(replies.whyNothingWasSent)
        return replies
    }

    private func perform(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        var isBlocking = false
        for command in commands {
            switch command.connectionUse {
            case .shared: continue
            case .exclusive: isBlocking = true
            case .held(let error): return commands.map { .failure($0 == command ? error : .notSent(with: command, $0)) }
            }
        }
        do throws(RedisError) {
            return try await repeating(
                commands, isBlocking: isBlocking, { await $0.pipeline(commands) },
                // What has an answer, or may have one to come, is not asked again: the whole is repeated or nothing.
                failure: \.whyNothingWasSent)
        } catch {
            return commands.map { .failure(error.naming($0.name, attempts: 0)) }
        }
    }

    /// Sends commands together, see ``pipeline(_:)-([RedisCommand])``.
    ///
    /// ```swift
    /// let replies = await redis.pipeline { commands in
    ///     commands.append("SET", "greeting", "hello")
    ///     commands.append("INCRBY", "visits", 1)
    /// }
    /// ```
    public func pipeline(_ build: (inout RedisPipeline) -> Void) async -> [Result<RESPValue, RedisError>] {
        var pipeline = RedisPipeline()
        build(&pipeline)
        return await self.pipeline(pipeline.commands)
    }

    /// Runs commands as one transaction: MULTI, the commands and EXEC leave in one write, so that nobody's commands come in between.
    ///
    /// It shares a connection with others, since nothing of it stays there. For a transaction that depends on watched keys use
    /// ``withConnection(timeout:isolation:file:line:_:)`` and ``RedisConnection/watch(_:isolation:_:)``.
    ///
    /// - Returns: the commands' replies, in order.
    /// - Throws: ``RedisError``, as ``RedisConnection/transaction(_:)-([RedisCommand])``.
    public func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        for command in commands {
            if case .held(let error) = command.connectionUse { throw error }
        }
        return try await ObservedOperation.run("redis", "MULTI", pool: node.pool.name, observer: node.observer) {
            () async throws(RedisError) in
            try await repeating(
                commands, isBlocking: false,
                { connection -> Result<[Result<RESPValue, RedisError>], RedisError> in
                    do throws(RedisError) {
                        return .success(try await connection.transaction(commands))
                    } catch {
                        return .failure(error)
                    }
                },
                failure: { result in if case .failure(let error) = result, !error.mayHaveRun { error } else { nil } }
            ).get()
        }
    }

    /// Runs commands as one transaction, see ``transaction(_:)-([RedisCommand])``.
    public func transaction(
        _ build: (inout RedisPipeline) -> Void
    ) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        var pipeline = RedisPipeline()
        build(&pipeline)
        return try await transaction(pipeline.commands)
    }

    /// Several commands in one write, again if nothing of them was sent.
    ///
    /// - Parameter failure: the error of a result that may be repeated.
    /// - Throws: when there is no connection.
    private func repeating<Value: Sendable>(
        _ commands: [RedisCommand], isBlocking: Bool, _ body: (RedisConnection) async -> Value,
        failure: (Value) -> RedisError?
    ) async throws(RedisError) -> Value {
        let time = commands.compactMap { configuration.connection.limit(of: $0.timeout) }.max()
        let hasLimit = !isBlocking && commands.allSatisfy { configuration.connection.limit(of: $0.timeout) != nil }
        let limit = hasLimit ? time.map { ContinuousClock.now + $0 } : nil
        var attempts = 0
        while true {
            attempts += 1
            let value =
                isBlocking
                ? try await node.withExclusive(until: limit, body)
                : try await node.withShared(weight: commands.count, until: limit, body)
            guard let error = failure(value) else { return value }
            let pause = retries.pause(
                after: error, isRead: false, attempts: attempts, left: limit.map { $0 - .now },
                entropy: .random(in: .min ... .max))
            guard let pause, await CommandRun.sleep(pause) else { return value }
        }
    }
}

extension [Result<RESPValue, RedisError>] {
    /// The error of a pipeline that failed as a whole, of which the server certainly did nothing. Otherwise each reply may be an error of its own, and
    /// the pipeline has succeeded.
    var whyNothingWasSent: RedisError? {
        guard case .failure(let first)? = self.first else { return nil }
        let isNothing = allSatisfy { if case .failure(let error) = $0 { !error.mayHaveRun } else { false } }
        return isNothing ? first : nil
    }
}

extension RedisError {
    fileprivate static func notSent(with refused: RedisCommand, _ command: RedisCommand) -> RedisError {
        RedisError(
            .refused, "not sent, because \(refused.name) in the same pipeline is refused here",
            remedy: "Take that command out of the pipeline.", command: command.name)
    }
}
