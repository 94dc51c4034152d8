import NIOCore

/// The messages of a subscription, while its scope lasts.
///
/// Iterate it once, from one task. The sequence ends with an error when the connection ends, the server ends the subscription, or the
/// consumer does not keep up; it never skips messages.
public struct RedisSubscription: AsyncSequence, Sendable {
    /// A message.
    public typealias Element = RedisMessage

    private let stream: AsyncThrowingStream<RedisMessage, any Error>

    init(stream: AsyncThrowingStream<RedisMessage, any Error>) {
        self.stream = stream
    }

    /// Waits for messages, one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var iterator: AsyncThrowingStream<RedisMessage, any Error>.Iterator

        init(iterator: AsyncThrowingStream<RedisMessage, any Error>.Iterator) {
            self.iterator = iterator
        }

        /// The next message; nil when the task is cancelled or the scope has ended.
        ///
        /// - Throws: ``RedisError``.
        public mutating func next() async throws -> RedisMessage? {
            try await self.next(isolation: nil)
        }

        /// The same, on the caller's actor.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> RedisMessage? {
            try await self.iterator.next(isolation: actor)
        }
    }

    /// An iterator.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(iterator: self.stream.makeAsyncIterator())
    }
}

extension RedisConnection {
    /// How many messages a subscription buffers unless told otherwise.
    public static let defaultSubscriptionBuffer = 4096

    /// SUBSCRIBE: receives the messages of channels while the closure runs, then unsubscribes.
    ///
    /// The server has confirmed the subscription when the closure begins. With RESP3 the connection goes on to serve commands; with
    /// RESP2 it takes none but PING until the last subscription has ended (others are refused). Several subscriptions may overlap,
    /// also on the same channel.
    ///
    /// - Parameters:
    ///   - channels: the names; at least one.
    ///   - bufferLimit: how many messages may wait for a slow consumer. When one more comes, the sequence ends with
    ///     ``RedisError/Code-swift.struct/slowConsumer`` after those buffered: a loss is never silent, and the connection and its other users are
    ///     never held up.
    /// - Throws: ``RedisError``; what the closure throws.
    public func subscribe<Value>(
        to channels: [String], bufferLimit: Int = RedisConnection.defaultSubscriptionBuffer,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisSubscription) async throws -> sending Value
    ) async throws -> sending Value {
        try await self.subscribe(.channel, channels, bufferLimit: bufferLimit, body)
    }

    /// PSUBSCRIBE: the same for all channels that match patterns. A message that matches two patterns comes twice.
    public func psubscribe<Value>(
        to patterns: [String], bufferLimit: Int = RedisConnection.defaultSubscriptionBuffer,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisSubscription) async throws -> sending Value
    ) async throws -> sending Value {
        try await self.subscribe(.pattern, patterns, bufferLimit: bufferLimit, body)
    }

    /// SSUBSCRIBE: the same for shard channels, which belong to a cluster's slot (Redis 7).
    public func ssubscribe<Value>(
        to shardChannels: [String], bufferLimit: Int = RedisConnection.defaultSubscriptionBuffer,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisSubscription) async throws -> sending Value
    ) async throws -> sending Value {
        try await self.subscribe(.shardChannel, shardChannels, bufferLimit: bufferLimit, body)
    }

    private func subscribe<Value>(
        _ kind: SubscriptionKind, _ names: [String], bufferLimit: Int,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisSubscription) async throws -> sending Value
    ) async throws -> sending Value {
        guard !names.isEmpty else {
            throw RedisError.refused(
                "no names to subscribe to", remedy: "Give at least one.", command: kind.subscribeCommand
            ).with(command: nil, endpoint: self.endpoint)
        }
        let (stream, continuation) = AsyncThrowingStream<RedisMessage, any Error>.makeStream(
            bufferingPolicy: .bufferingOldest(Swift.max(1, bufferLimit)))
        let id = self.makeID()
        let keys = Set(names.map { SubscriptionKey(kind: kind, name: $0) })
        let value: Value
        do {
            try await self.addSubscriber(id: id, keys: keys, continuation: continuation)
            let change = SubscriptionChange(kind: kind, isSubscribing: true, names: names)
            _ = try await self.send(.subscription(change), lease: 0, timeout: .connection)
            value = try await body(RedisSubscription(stream: stream))
        } catch {
            self.removeSubscriber(id: id, continuation)
            throw error
        }
        self.removeSubscriber(id: id, continuation)
        return value
    }

    private func addSubscriber(
        id: UInt64, keys: Set<SubscriptionKey>, continuation: AsyncThrowingStream<RedisMessage, any Error>.Continuation
    ) async throws(RedisError) {
        let sink: SubscriberRegistry.Sink = { message in
            if case .dropped = continuation.yield(message) { false } else { true }
        }
        try await self.onEventLoop { handler in
            handler.subscribers.add(id: id, keys: keys, sink: sink, finish: { continuation.finish(throwing: $0) })
        }
    }

    private func removeSubscriber(id: UInt64, _ continuation: AsyncThrowingStream<RedisMessage, any Error>.Continuation)
    {
        continuation.finish()
        guard self.isOpen else { return }
        self.eventLoop.execute { [handler = self.handler] in
            let unused = Dictionary(grouping: handler.value.subscribers.remove(id: id), by: \.kind)
            for (kind, keys) in unused {
                // Nobody waits for the confirmation: it takes its place among the replies, and what is sent next comes after it.
                let change = SubscriptionChange(kind: kind, isSubscribing: false, names: keys.map(\.name))
                handler.value.submit(Request(id: 0, content: .subscription(change), waiter: .nobody))
            }
        }
    }

    /// Changes the handler on the event loop and waits until that is done.
    func onEventLoop<Value: Sendable>(
        _ change: @escaping @Sendable (RedisChannelHandler) -> Value
    ) async throws(RedisError) -> Value {
        guard self.isOpen else {
            throw (self.closeReason ?? .closedByClient).with(command: nil, endpoint: self.endpoint)
        }
        let done = self.eventLoop.submit { [handler = self.handler] in change(handler.value) }
        do {
            return try await done.get()
        } catch {
            throw .connectionLost(error, whileConnecting: false, withinReply: false)
        }
    }
}
