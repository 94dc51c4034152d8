import Pooling
public import RedisClient

extension RedisClusterPool: RedisCommands {
    /// Sends a command to the node that its keys belong to, and waits for the reply; see `RedisClusterClient/send(_:)`.
    ///
    /// Its time limit bounds everything: finding the cluster, connecting, redirections, waits, attempts, the reply.
    ///
    /// - Throws: ``RedisError``: as the cluster client; ``RedisError/Code-swift.struct/refused`` also for commands that need
    ///   ``withConnection(for:timeout:isolation:file:line:_:)``.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        try await observed(command.name) { () async throws(RedisError) in try await perform(command) }
    }

    private func observed<Value: Sendable>(
        _ name: String, _ body: () async throws(RedisError) -> Value
    ) async throws(RedisError) -> Value {
        try await ObservedOperation.run("redis", name, pool: self.name, observer: observer, body)
    }

    private func perform(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        if case .held(let error) = command.connectionUse { throw error.naming(command.name, attempts: 0) }
        let time = configuration.cluster.connection.limit(of: command.timeout)
        return try await CommandRun(command, rule: retries, time: time).all { command, timeout, limit in
            var command = command
            command.timeout = timeout
            do throws(RedisError) {
                return .success(try await self.opening.cluster(until: limit).client.send(command))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Sends a command to one node, whatever its keys.
    public func send(_ command: RedisCommand, to node: RedisEndpoint) async throws(RedisError) -> RESPValue {
        try await observed(command.name) { () async throws(RedisError) in
            try await opening.cluster(until: limit([command])).client.send(command, to: node)
        }
    }

    /// Sends a command to every master at the same time: SCAN, INFO, what a module needs everywhere.
    ///
    /// - Returns: each master's reply or error.
    /// - Throws: ``RedisError`` when the cluster is not found in time.
    public func sendToEveryMaster(
        _ command: RedisCommand
    ) async throws(RedisError) -> [(node: RedisEndpoint, reply: Result<RESPValue, RedisError>)] {
        try await observed(command.name) { () async throws(RedisError) in
            try await opening.cluster(until: limit([command])).client.sendToEveryMaster(command)
        }
    }

    /// Sends commands in one write to each node that they concern, and waits for all replies, which stand in the commands' order; see
    /// `RedisClusterClient/pipeline(_:)`.
    public func pipeline(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        if commands.isEmpty { return [] }
        let operation = ObservedOperation("redis", "PIPELINE", pool: name, observer: observer)
        let replies = await perform(commands)
        operation?.end(replies.whyNothingWasSent)
        return replies
    }

    private func perform(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        do throws(RedisError) {
            for command in commands {
                if case .held(let error) = command.connectionUse { throw error.naming(command.name, attempts: 0) }
            }
            return try await opening.cluster(until: limit(commands)).client.pipeline(commands)
        } catch {
            return commands.map { .failure(error.naming($0.name, attempts: 0)) }
        }
    }

    /// Sends commands together, see ``pipeline(_:)-([RedisCommand])``.
    public func pipeline(_ build: (inout RedisPipeline) -> Void) async -> [Result<RESPValue, RedisError>] {
        var pipeline = RedisPipeline()
        build(&pipeline)
        return await self.pipeline(pipeline.commands)
    }

    /// Runs commands as one transaction (MULTI, EXEC) on the node that serves their keys, all of which must be in one slot; see
    /// `RedisClusterClient/transaction(_:)`.
    public func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        for command in commands {
            if case .held(let error) = command.connectionUse { throw error.naming(command.name, attempts: 0) }
        }
        return try await observed("MULTI") { () async throws(RedisError) in
            try await opening.cluster(until: limit(commands)).client.transaction(commands)
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

    /// The longest time that one of the commands asks for, as a moment; nil if one may take for ever.
    private func limit(_ commands: [RedisCommand]) -> ContinuousClock.Instant? {
        var longest = Duration.zero
        for command in commands {
            guard let time = configuration.cluster.connection.limit(of: command.timeout) else { return nil }
            longest = max(longest, time)
        }
        return .now + longest
    }
}
