extension RedisConnection {
    /// Runs commands as one transaction: MULTI, the commands and EXEC leave in one write, so that nobody's commands come in between,
    /// neither on this connection nor on others.
    ///
    /// Redis does not roll back: a command that fails when it runs leaves the others' effects in place. Its error stands at its place
    /// in the result.
    ///
    /// - Returns: the commands' replies, in order.
    /// - Throws: ``RedisError``. With the code ``RedisError/Code-swift.struct/transactionAborted`` nothing has run: a command was refused when it
    ///   was queued (EXECABORT), and the error names it. With a lost connection, a timeout or a cancellation, all of it may have run
    ///   or nothing. If the user may not say MULTI but may run the commands, they run one by one; the error has `mayHaveRun` then.
    public func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        try await self.transaction(commands, lease: 0)
    }

    /// Runs commands as one transaction, see ``transaction(_:)-([RedisCommand])``.
    public func transaction(
        _ build: (inout RedisPipeline) -> Void
    ) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        var pipeline = RedisPipeline()
        build(&pipeline)
        return try await self.transaction(pipeline.commands, lease: 0)
    }

    func transaction(
        _ commands: [RedisCommand], lease: UInt64
    ) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        for command in commands { try self.check(command) }
        let replies = await self.batch([RedisCommand("MULTI")] + commands + [RedisCommand("EXEC")], lease: lease)
        return try TransactionReplies(commands: commands, replies: replies, endpoint: self.endpoint).results()
    }
}

/// Judges what came back for MULTI, the commands and EXEC.
struct TransactionReplies {
    let commands: [RedisCommand]
    let replies: [Result<RESPValue, RedisError>]
    let endpoint: RedisEndpoint

    func results() throws(RedisError) -> [Result<RESPValue, RedisError>] {
        guard let first = self.replies.first, let last = self.replies.last,
            self.replies.count == self.commands.count + 2
        else { throw self.unexpected("the transaction has \(self.replies.count) replies") }
        let queued = self.replies.dropFirst().dropLast()
        if case .failure(let error) = first {
            // Without MULTI the commands ran one by one, unless they were refused as well.
            let ran = queued.contains { if case .success = $0 { true } else { false } }
            throw error.with(command: nil, endpoint: self.endpoint, mayHaveRun: error.mayHaveRun || ran)
        }
        switch last {
        case .failure(let error):
            guard error.reply?.code == "EXECABORT" else { throw error }
            let cause = queued.lazy.compactMap { if case .failure(let cause) = $0 { cause } else { nil } }.first
            throw RedisError(
                .transactionAborted, cause.map { "a command was refused when queued: \($0.message)" } ?? error.message,
                remedy: cause?.remedy ?? error.remedy, reply: cause?.reply ?? error.reply,
                command: cause?.command ?? "EXEC", endpoint: self.endpoint, underlying: cause ?? error)
        case .success(let value):
            if value.isNull {
                throw RedisError(
                    .transactionAborted, "a watched key changed before EXEC",
                    remedy:
                        "Read again and repeat the WATCH scope; if that happens often, use a script or a function instead.",
                    command: "EXEC", endpoint: self.endpoint)
            }
            guard let elements = value.elements, elements.count == self.commands.count else {
                throw self.unexpected("the reply to EXEC is a \(value)")
            }
            return zip(self.commands, elements).map { command, element in
                guard case .error(let reply) = element.withoutAttributes else { return .success(element) }
                return .failure(RedisError(reply: reply, command: command.name, endpoint: self.endpoint))
            }
        }
    }

    private func unexpected(_ message: String) -> RedisError {
        RedisError.unexpectedReply(message, command: "EXEC").with(command: nil, endpoint: self.endpoint)
    }
}
