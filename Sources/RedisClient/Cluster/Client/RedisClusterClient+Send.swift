extension RedisClusterClient: RedisCommands {
    /// Sends a command to the node that its keys belong to, and waits for the reply.
    ///
    /// Its timeout bounds everything: connecting, redirections, waits for the cluster, the reply.
    ///
    /// - Throws: ``RedisError``. ``RedisError/Code-swift.struct/refused``: keys in different slots, or a command that has no meaning here.
    ///   ``RedisError/Code-swift.struct/clusterUnavailable``, ``RedisError/Code-swift.struct/tooManyRedirections``: it has not run. Otherwise
    ///   as ``RedisConnection/send(_:)``. When a divided command fails, parts of it may have run.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        let (plan, rule) = try await self.core.plan(command)
        switch plan {
        case .one(let target):
            return try await self.core.send(command, target, rule).get()
        case .parts(let parts, let split):
            let replies = await self.core.pipeline(
                parts.map { ($0.command, .slot($0.slot), rule) }, timeout: command.timeout)
            return try CommandPlan.combine(replies, parts, split, command: command)
        case .everyMaster(let combination):
            let replies = await self.sendToEveryMaster(command).map(\.reply)
            if replies.isEmpty { throw .clusterUnavailable(self.core.call(.anyMaster, timeout: .never), now: .now) }
            return try CommandPlan.combine(replies, combination, command: command)
        }
    }

    /// Sends a command to one node, whatever its keys; redirections are followed.
    public func send(_ command: RedisCommand, to node: RedisEndpoint) async throws(RedisError) -> RESPValue {
        try Self.check(command)
        let rule = CommandRule(keys: .none, blocking: CommandTable.rule(for: command)?.blocking ?? .never)
        return try await self.core.send(command, .node(node), rule).get()
    }

    /// Sends a command to every master at the same time: SCAN, INFO, what a module needs everywhere.
    ///
    /// - Returns: each master's reply or error.
    public func sendToEveryMaster(
        _ command: RedisCommand
    ) async -> [(node: RedisEndpoint, reply: Result<RESPValue, RedisError>)] {
        let masters = self.masters
        let rule = CommandRule(keys: .none)
        do throws(RedisError) {
            try Self.check(command)
        } catch {
            return masters.map { ($0, .failure(error)) }
        }
        let replies = await self.core.pipeline(
            masters.map { (command, .node($0), rule) }, timeout: command.timeout)
        return zip(masters, replies).map { (node: $0, reply: $1) }
    }

    /// Refuses what would change or block connections that others share.
    static func check(_ command: RedisCommand) throws(RedisError) {
        switch command.effect {
        case .none:
            return
        case .changesSession:
            throw .refused(
                "it changes a connection, and a cluster's are many and shared",
                remedy: "Set it in RedisConnection.Configuration, or use a RedisConnection.", command: command.name)
        case .needsExclusiveUse:
            throw .refused(
                "other tasks' commands would come in between",
                remedy: "Use transaction(_:), a script or a function.", command: command.name)
        case .breaksReplies:
            throw .refused(
                "its replies do not follow the order that a connection relies on",
                remedy: "Use a RedisConnection to one of the nodes.", command: command.name)
        }
    }
}

extension ClusterCore {
    /// Leads one command to its end.
    func send(
        _ command: RedisCommand, _ target: RoutedCall.Target, _ rule: CommandRule
    ) async -> Result<RESPValue, RedisError> {
        let call = self.call(target, isRead: rule.isRead, timeout: command.timeout)
        let result = await self.perform(call, isBlocking: rule.blocks(command)) { connection, asks, timeout in
            var command = command
            command.timeout = timeout
            do throws(RedisError) {
                guard asks else { return .success(try await connection.send(command)) }
                let replies = await connection.batch([Self.asking(timeout), command], lease: 0)
                return replies.last ?? .failure(.unexpectedReply("no reply", command: command.name))
            } catch {
                return .failure(error)
            }
        }
        return result.mapError { $0.with(command: command.name, endpoint: nil) }
    }

    static func asking(_ timeout: RedisCommand.Timeout) -> RedisCommand {
        var asking = RedisCommand("ASKING")
        asking.timeout = timeout
        return asking
    }

    // MARK: Where a command goes

    func plan(_ command: RedisCommand) async throws(RedisError) -> (CommandPlan, CommandRule) {
        try RedisClusterClient.check(command)
        var rule: CommandRule
        if let known = CommandTable.rule(for: command) ?? self.learned.rule(command.name) {
            rule = known
        } else {
            rule = try await self.learn(command)
        }
        if rule.keys == .askServer {
            rule.keys = .none
            return (.one(try await self.askForKeys(command)), rule)
        }
        return (try CommandPlan(command, rule), rule)
    }

    private func learn(_ command: RedisCommand) async throws(RedisError) -> CommandRule {
        let words = command.name.split(separator: " ")
        var rule: CommandRule?
        // A server before Redis 7 does not know subcommands by name.
        for name in [words.joined(separator: "|"), words.first.map(String.init) ?? ""] where rule == nil {
            var question = RedisCommand("COMMAND INFO", name)
            question.timeout = command.timeout == .never ? .connection : command.timeout
            let reply = try await self.send(question, .anyMaster, CommandRule(keys: .none)).get()
            rule = LearnedCommands.rule(info: reply.elements?.first)
        }
        // What the server does not know either, it will refuse better than we could. It may learn it later: not remembered.
        guard let rule else { return CommandRule(keys: .none) }
        self.learned.learn(rule, for: command.name)
        return rule
    }

    private func askForKeys(_ command: RedisCommand) async throws(RedisError) -> RoutedCall.Target {
        let words: [RedisArgument] = command.name.split(separator: " ").map { .string(String($0)) }
        var question = RedisCommand("COMMAND GETKEYS", arguments: words + command.arguments)
        question.timeout = command.timeout == .never ? .connection : command.timeout
        let keys: [RedisArgument]
        do throws(RedisError) {
            let reply = try await self.send(question, .anyMaster, CommandRule(keys: .none)).get()
            keys = (reply.elements ?? []).compactMap { $0.bytes.map { .bytes($0) } }
        } catch {
            // Without keys, or wrong: in both cases the node that gets it knows what to say.
            guard error.reply?.code == "ERR" else { throw error }
            return .anyMaster
        }
        guard let first = keys.first else { return .anyMaster }
        let slot = RedisHashSlot(key: first)
        let slots = keys.map { RedisHashSlot(key: $0) }
        guard slots.allSatisfy({ $0 == slot }) else {
            throw .crossSlot(Array(zip(keys, slots)), command: command.name)
        }
        return .slot(slot)
    }
}

extension CommandRule {
    /// Whether the command can hold up its connection.
    func blocks(_ command: RedisCommand) -> Bool {
        switch self.blocking {
        case .never: return false
        case .always: return true
        case .withOption:
            let words = CommandWords(command)
            return (0..<words.count).contains { words.word($0) == "BLOCK" }
        }
    }
}
