extension RedisClusterClient {
    /// Runs commands as one transaction (MULTI, EXEC) on the node that serves their keys, all of which must be in one slot; see
    /// ``RedisConnection/transaction(_:)-([RedisCommand])``.
    ///
    /// - Throws: ``RedisError``; ``RedisError/Code-swift.struct/refused`` when keys are in different slots.
    public func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        if commands.isEmpty { return [] }
        var target = RoutedCall.Target.anyMaster
        var keys: [(RedisArgument, RedisHashSlot)] = []
        for command in commands {
            let (plan, rule) = try await self.core.plan(command)
            switch plan {
            case .one(let own):
                guard case .slot(let slot) = own else { continue }
                let place = CommandWords(command).keys(rule.keys).first
                keys.append((place.map { command.arguments[$0] } ?? .string(command.name), slot))
                target = own
            case .parts(let parts, _):
                keys += parts.flatMap { part in part.command.arguments.prefix(1).map { ($0, part.slot) } }
            case .everyMaster:
                throw .refused(
                    "it goes to every master, and a transaction to one", remedy: "Send it by itself.",
                    command: command.name)
            }
        }
        guard Set(keys.map(\.1)).count <= 1 else { throw .crossSlot(keys, command: "MULTI") }
        let call = self.core.call(target, timeout: ClusterCore.longest(commands))
        return try await self.core.perform(call) { connection, asks, timeout in
            var block = [RedisCommand("MULTI")] + commands + [RedisCommand("EXEC")]
            for index in block.indices { block[index].timeout = timeout }
            if asks { block.insert(ClusterCore.asking(timeout), at: 0) }
            let replies = await connection.batch(block, lease: 0)
            do throws(RedisError) {
                return .success(
                    try TransactionReplies(
                        commands: commands, replies: asks ? Array(replies.dropFirst()) : replies,
                        endpoint: connection.endpoint
                    ).results())
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// Runs commands as one transaction, see ``transaction(_:)-([RedisCommand])``.
    public func transaction(
        _ build: (inout RedisPipeline) -> Void
    ) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        var pipeline = RedisPipeline()
        build(&pipeline)
        return try await self.transaction(pipeline.commands)
    }
}
