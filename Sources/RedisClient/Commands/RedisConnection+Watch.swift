import Synchronization

extension RedisConnection {
    /// Optimistic locking: WATCHes keys, lets the closure read and then run one transaction that takes effect only if none of the keys
    /// has changed since.
    ///
    /// WATCH belongs to the connection, so nobody else may use it meanwhile: what other tasks send **waits** until the scope ends, in
    /// order, at most for its own timeout (the error says that it was not sent). Within the closure send with the
    /// ``RedisWatch`` given, never with the connection: that would wait for the scope itself. Keep the scope short.
    ///
    /// However the closure ends, the keys are unwatched and the others go on. A thrown error before the transaction leaves no effects.
    ///
    /// ```swift
    /// try await connection.watch("stock") { watch in
    ///     guard let stock = try await watch.get("stock", as: Int.self), stock > 0 else { return }
    ///     _ = try await watch.transaction { $0.append("SET", "stock", stock - 1) }
    /// }
    /// ```
    ///
    /// - Throws: ``RedisError``; what the closure throws. Expiry and eviction of a watched key count as changes.
    public func watch<Key: RESPRenderable, Value>(
        _ keys: Key..., isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisWatch) async throws -> sending Value
    ) async throws -> sending Value {
        let lease = self.makeID()
        _ = try await self.send(.exclusiveUse, lease: 0, timeout: .connection, id: lease)
        let watch = RedisWatch(connection: self, lease: lease)
        let value: Value
        do {
            try await watch.watch(keys)
            value = try await body(watch)
        } catch {
            self.endExclusiveUse(watch)
            throw error
        }
        self.endExclusiveUse(watch)
        return value
    }

    /// Needs no waiting: what others send now is written after UNWATCH.
    private func endExclusiveUse(_ watch: RedisWatch) {
        if watch.isWatching {
            let request = Request(
                id: self.makeID(), content: .command(RedisCommand("UNWATCH")), waiter: ReplyWaiter.nobody,
                lease: watch.lease)
            self.submit(request)
        }
        self.giveBack(lease: watch.lease)
    }
}

/// The exclusive use of a connection with watched keys. All its commands go before those of tasks that wait.
public final class RedisWatch: RedisCommands {
    private let connection: RedisConnection
    let lease: UInt64
    private let watching = Atomic<Bool>(false)

    init(connection: RedisConnection, lease: UInt64) {
        self.connection = connection
        self.lease = lease
    }

    var isWatching: Bool { self.watching.load(ordering: .acquiring) }

    /// Watches more keys. None means nothing.
    public func watch(_ keys: [some RESPRenderable]) async throws(RedisError) {
        let command = RedisCommand("WATCH", keys)
        if command.arguments.isEmpty { return }
        self.watching.store(true, ordering: .releasing)
        _ = try await self.connection.send(.command(command), lease: self.lease, timeout: .connection)
    }

    /// Sends a command at once, outside of the transaction: for reading what the transaction depends on.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        try self.connection.check(command)
        return try await self.connection.send(.command(command), lease: self.lease, timeout: command.timeout)
    }

    /// Runs commands as one transaction if no watched key has changed; see ``RedisConnection/transaction(_:)-([RedisCommand])``.
    /// Afterwards nothing is watched any more.
    ///
    /// - Throws: ``RedisError``, with the code ``RedisError/Code-swift.struct/transactionAborted`` if a key has changed: nothing has run.
    public func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        let results = try await self.connection.transaction(commands, lease: self.lease)
        self.watching.store(false, ordering: .releasing)
        return results
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
