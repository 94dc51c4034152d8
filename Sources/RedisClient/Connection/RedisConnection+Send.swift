extension RedisConnection: RedisCommands {
    /// Sends a command and waits for its reply.
    ///
    /// Safe from any task, also concurrently. Returns at once when the task is cancelled.
    ///
    /// - Throws: ``RedisError``: the server's own errors, a lost connection, a timeout, cancellation. Its
    ///   ``RedisError/mayHaveRun`` tells whether the command may have taken effect.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        try self.check(command)
        return try await self.reply(to: .command(command), lease: 0, timeout: command.timeout).get()
    }

    /// Sends commands in one write and waits for all replies, which stand in the commands' order.
    ///
    /// One command's error does not touch the others. A timeout, a cancellation or a lost connection ends all that have no reply yet,
    /// each with its own error; the time is the longest that a command asks for.
    ///
    /// It is no transaction: other connections' commands can run in between.
    public func pipeline(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        await self.pipeline(commands, lease: 0)
    }

    // MARK: For all kinds of use

    /// Refuses what does not fit a connection that others may share.
    func check(_ command: RedisCommand) throws(RedisError) {
        switch command.effect {
        case .none, .changesSession:
            return
        case .needsExclusiveUse:
            throw .refused(
                "other tasks' commands would come in between",
                remedy: "Use transaction(_:) or watch(_:isolation:_:), which keep a transaction together.",
                command: command.name
            ).with(command: nil, endpoint: self.endpoint)
        case .breaksReplies:
            throw .refused(
                "its replies do not follow the order that a connection relies on",
                remedy: "Use subscribe(to:), configure the protocol, or open a connection of another kind.",
                command: command.name
            ).with(command: nil, endpoint: self.endpoint)
        }
    }

    func send(
        _ content: Request<ReplyWaiter>.Content, lease: UInt64, timeout: RedisCommand.Timeout, id: UInt64? = nil
    ) async throws(RedisError) -> RESPValue {
        try await self.reply(to: content, lease: lease, timeout: timeout, id: id).get()
    }

    func reply(
        to content: Request<ReplyWaiter>.Content, lease: UInt64, timeout: RedisCommand.Timeout, id: UInt64? = nil
    ) async -> Result<RESPValue, RedisError> {
        let id = id ?? self.makeID()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Result<RESPValue, RedisError>, Never>) in
                self.start(content, id: id, waiter: .one(continuation), lease: lease, timeout: timeout)
            }
        } onCancel: {
            self.cancel(id: id)
        }
    }

    func pipeline(_ commands: [RedisCommand], lease: UInt64) async -> [Result<RESPValue, RedisError>] {
        if commands.isEmpty { return [] }
        for command in commands {
            do throws(RedisError) {
                try self.check(command)
            } catch {
                // None of them has been sent, so that the caller can mend the one and send all.
                return commands.map {
                    .failure(
                        $0 == command
                            ? error : .notSent(because: command).with(command: $0.name, endpoint: self.endpoint))
                }
            }
        }
        return await self.batch(commands, lease: lease)
    }

    /// Writes commands together without looking at what they are.
    func batch(_ commands: [RedisCommand], lease: UInt64) async -> [Result<RESPValue, RedisError>] {
        let id = self.makeID()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<[Result<RESPValue, RedisError>], Never>) in
                self.start(
                    .batch(commands), id: id, waiter: .many(continuation), lease: lease,
                    timeout: Self.longest(commands))
            }
        } onCancel: {
            self.cancel(id: id)
        }
    }

    func start(
        _ content: Request<ReplyWaiter>.Content, id: UInt64, waiter: ReplyWaiter, lease: UInt64,
        timeout: RedisCommand.Timeout
    ) {
        let request = self.makeRequest(content, id: id, waiter: waiter, lease: lease, timeout: timeout)
        if Task.isCancelled {
            PendingReply(request).failed(.cancelled(sent: false), waiter: waiter, endpoint: self.endpoint).perform()
            return
        }
        self.submit(request)
        // A cancellation between the check above and the submission found nothing to cancel. One that comes after this check finds
        // the request; saying it twice does no harm.
        if Task.isCancelled { self.cancel(id: id) }
    }

    static func longest(_ commands: [RedisCommand]) -> RedisCommand.Timeout {
        var longest: Duration?
        for command in commands {
            switch command.timeout {
            case .connection: continue
            case .never: return .never
            case .after(let duration): longest = max(longest ?? duration, duration)
            }
        }
        return longest.map { .after($0) } ?? .connection
    }
}

extension RedisError {
    static func notSent(because command: RedisCommand) -> RedisError {
        RedisError(
            .refused, "not sent, because \(command.name) in the same pipeline is refused here",
            remedy: "Take that command out of the pipeline.")
    }
}
