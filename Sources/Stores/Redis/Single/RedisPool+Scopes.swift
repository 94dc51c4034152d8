import Pooling
public import RedisClient

extension RedisPool {
    /// Lends a connection that nobody else uses for the scope of `body`: for WATCH, SELECT, CLIENT TRACKING, and whatever speaks of the
    /// connection itself.
    ///
    /// The connection is brought back to its configured state before anyone else gets it, or closed if that can't be done. Its commands
    /// are never sent again by themselves.
    ///
    /// ```swift
    /// try await redis.withConnection { connection in
    ///     try await connection.watch("stock") { watch in
    ///         guard let stock = try await watch.get("stock", as: Int.self), stock > 0 else { return }
    ///         _ = try await watch.transaction { $0.append("SET", "stock", stock - 1) }
    ///     }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - timeout: the longest wait; nil for the configuration's. With zero only a connection that is idle will do.
    ///   - body: must not let the connection out.
    /// - Throws: ``PoolError``, `CancellationError` if cancelled while waiting, or what `body` throws.
    public func withConnection<Value>(
        timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID,
        line: UInt = #line, _ body: (RedisConnection) async throws -> sending Value
    ) async throws -> sending Value {
        try await node.withConnection(timeout: timeout, isMeantToLast: false, file: file, line: line, body)
    }

    /// Subscribes to channels on a connection of its own, and runs the closure with their messages.
    ///
    /// Lasts as long as `body` likes. If the connection is lost the messages end with an error: subscribe again then, knowing that what was
    /// published meanwhile is lost.
    ///
    /// - Parameter bufferLimit: how many messages may wait for a slow consumer, see ``RedisConnection/subscribe(to:bufferLimit:isolation:_:)``.
    /// - Throws: ``PoolError``, ``RedisError``, `CancellationError`; what `body` throws.
    public func withSubscription<Value>(
        to channels: [String], bufferLimit: Int = RedisConnection.defaultSubscriptionBuffer,
        isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID, line: UInt = #line,
        _ body: (RedisSubscription) async throws -> sending Value
    ) async throws -> sending Value {
        try await node.withConnection(timeout: nil, isMeantToLast: true, file: file, line: line) { connection in
            try await connection.subscribe(to: channels, bufferLimit: bufferLimit, body)
        }
    }

    /// The same for all channels that match patterns (PSUBSCRIBE).
    public func withSubscription<Value>(
        toPatterns patterns: [String], bufferLimit: Int = RedisConnection.defaultSubscriptionBuffer,
        isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID, line: UInt = #line,
        _ body: (RedisSubscription) async throws -> sending Value
    ) async throws -> sending Value {
        try await node.withConnection(timeout: nil, isMeantToLast: true, file: file, line: line) { connection in
            try await connection.psubscribe(to: patterns, bufferLimit: bufferLimit, body)
        }
    }
}

extension RedisNodePool {
    /// Lends a connection for a scope.
    func withConnection<Value>(
        timeout: Duration?, isMeantToLast: Bool, isolation: isolated (any Actor)? = #isolation, file: StaticString,
        line: UInt, _ body: (RedisConnection) async throws -> sending Value
    ) async throws -> sending Value {
        let lease = try await StoreTracing.acquire("redis", pool: pool.name) {
            try await acquire(timeout: timeout, isScoped: true, isMeantToLast: isMeantToLast, file: file, line: line)
        }
        let value: Value
        do {
            value = try await body(lease.connection.connection)
        } catch {
            throw release(lease, after: error)
        }
        release(lease)
        return value
    }
}
