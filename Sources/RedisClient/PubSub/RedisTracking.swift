import NIOCore

/// The invalidations of client-side caching, while tracking is on.
///
/// When the consumer does not keep up, what is lost is replaced by ``RedisInvalidation/all``, which covers it: forgetting too much is
/// always right. The sequence ends with an error when the connection ends: forget everything then.
public struct RedisInvalidations: AsyncSequence, Sendable {
    /// What is to be forgotten.
    public typealias Element = RedisInvalidation

    private let stream: AsyncThrowingStream<RedisInvalidation, any Error>

    init(stream: AsyncThrowingStream<RedisInvalidation, any Error>) {
        self.stream = stream
    }

    /// Waits for invalidations, one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var iterator: AsyncThrowingStream<RedisInvalidation, any Error>.Iterator

        init(iterator: AsyncThrowingStream<RedisInvalidation, any Error>.Iterator) {
            self.iterator = iterator
        }

        /// The next invalidation; nil when the task is cancelled or tracking has ended.
        ///
        /// - Throws: ``RedisError``.
        public mutating func next() async throws -> RedisInvalidation? {
            try await self.next(isolation: nil)
        }

        /// The same, on the caller's actor.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> RedisInvalidation? {
            try await self.iterator.next(isolation: actor)
        }
    }

    /// An iterator.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(iterator: self.stream.makeAsyncIterator())
    }
}

extension RedisConnection {
    /// Which keys CLIENT TRACKING watches.
    public enum Tracking: Sendable, Hashable {
        /// Keys that this connection has read.
        case readKeys
        /// BCAST: all keys with one of these prefixes; none means all keys.
        case prefixes([String])
    }

    /// CLIENT TRACKING ON: receives invalidations on this connection while the closure runs, then turns tracking off.
    ///
    /// Needs RESP3. One at a time for each connection, since the server has one mode for each.
    ///
    /// The order between replies and invalidations is kept up to this client's decoder; tasks that handle them run in their own order.
    /// A cache must therefore mark a key as being read before it sends the command, and drop the value if an invalidation for the key
    /// arrived meanwhile.
    ///
    /// - Parameters:
    ///   - tracking: which keys.
    ///   - includeOwnWrites: whether this connection's own writes invalidate too (without NOLOOP).
    ///   - bufferLimit: how many invalidations may wait for a slow consumer before they become ``RedisInvalidation/all``.
    /// - Throws: ``RedisError``; what the closure throws.
    public func withTracking<Value>(
        _ tracking: Tracking = .readKeys, includeOwnWrites: Bool = true, bufferLimit: Int = 4096,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisInvalidations) async throws -> sending Value
    ) async throws -> sending Value {
        guard self.protocolVersion == .resp3 else {
            throw RedisError.refused(
                "invalidations need RESP3, and this connection speaks RESP2",
                remedy: "Use Redis 6 or newer, and do not configure RESP2.", command: "CLIENT TRACKING"
            ).with(command: nil, endpoint: self.endpoint)
        }
        let (stream, continuation) = AsyncThrowingStream<RedisInvalidation, any Error>.makeStream(
            bufferingPolicy: .bufferingNewest(Swift.max(2, bufferLimit)))
        let id = self.makeID()
        let value: Value
        do {
            try await self.startTracking(id: id, tracking, includeOwnWrites: includeOwnWrites, continuation)
            value = try await body(RedisInvalidations(stream: stream))
        } catch {
            self.stopTracking(id: id, continuation)
            throw error
        }
        self.stopTracking(id: id, continuation)
        return value
    }

    private func startTracking(
        id: UInt64, _ tracking: Tracking, includeOwnWrites: Bool,
        _ continuation: AsyncThrowingStream<RedisInvalidation, any Error>.Continuation
    ) async throws(RedisError) {
        let isFirst = try await self.onEventLoop { handler in
            guard !handler.subscribers.hasInvalidations else { return false }
            handler.subscribers.addInvalidations(
                id: id,
                receive: { invalidation in
                    // What falls out of the buffer is covered by what comes in.
                    if case .dropped = continuation.yield(invalidation) { continuation.yield(.all) }
                },
                finish: { continuation.finish(throwing: $0) })
            return true
        }
        guard isFirst else {
            throw RedisError.refused(
                "tracking is on already", remedy: "Share that scope's invalidations, or use another connection.",
                command: "CLIENT TRACKING"
            ).with(command: nil, endpoint: self.endpoint)
        }
        var command = RedisCommand("CLIENT TRACKING", "ON")
        if case .prefixes(let prefixes) = tracking {
            command.arguments.append("BCAST")
            for prefix in prefixes { command.arguments += ["PREFIX", .string(prefix)] }
        }
        if !includeOwnWrites { command.arguments.append("NOLOOP") }
        _ = try await self.send(command)
    }

    private func stopTracking(
        id: UInt64, _ continuation: AsyncThrowingStream<RedisInvalidation, any Error>.Continuation
    ) {
        continuation.finish()
        guard self.isOpen else { return }
        self.eventLoop.execute { [handler = self.handler] in
            guard handler.value.subscribers.removeInvalidations(id: id) else { return }
            handler.value.submit(
                Request(id: 0, content: .command(RedisCommand("CLIENT TRACKING", "OFF")), waiter: .nobody))
        }
    }
}
