import NIOCore

/// Who on this connection wants which messages.
struct SubscriberRegistry {
    /// Takes one message; false when its buffer is full and the subscriber has to go.
    typealias Sink = @Sendable (RedisMessage) -> Bool

    private struct Subscriber {
        let keys: Set<SubscriptionKey>
        let sink: Sink
        let finish: @Sendable (RedisError) -> Void
    }

    private struct InvalidationSink {
        let receive: @Sendable (RedisInvalidation) -> Void
        let finish: @Sendable (RedisError) -> Void
    }

    private var subscribers: [UInt64: Subscriber] = [:]
    private var byKey: [SubscriptionKey: Set<UInt64>] = [:]
    private var invalidations: [UInt64: InvalidationSink] = [:]

    mutating func add(
        id: UInt64, keys: Set<SubscriptionKey>, sink: @escaping Sink, finish: @escaping @Sendable (RedisError) -> Void
    ) {
        self.subscribers[id] = Subscriber(keys: keys, sink: sink, finish: finish)
        for key in keys { self.byKey[key, default: []].insert(id) }
    }

    /// Removes a subscriber and returns what nobody else listens to.
    mutating func remove(id: UInt64) -> [SubscriptionKey] {
        guard let subscriber = self.subscribers.removeValue(forKey: id) else { return [] }
        var unused: [SubscriptionKey] = []
        for key in subscriber.keys {
            self.byKey[key]?.remove(id)
            if self.byKey[key]?.isEmpty ?? false {
                self.byKey[key] = nil
                unused.append(key)
            }
        }
        return unused
    }

    mutating func addInvalidations(
        id: UInt64, receive: @escaping @Sendable (RedisInvalidation) -> Void,
        finish: @escaping @Sendable (RedisError) -> Void
    ) {
        self.invalidations[id] = InvalidationSink(receive: receive, finish: finish)
    }

    /// False if there was none.
    mutating func removeInvalidations(id: UInt64) -> Bool {
        self.invalidations.removeValue(forKey: id) != nil
    }

    var hasInvalidations: Bool { !self.invalidations.isEmpty }

    func receive(_ message: PubSubMessage) {
        switch message {
        case .message(let key, let message):
            for id in self.byKey[key] ?? [] {
                guard let subscriber = self.subscribers[id], !subscriber.sink(message) else { continue }
                subscriber.finish(.slowConsumer)
            }
        case .invalidation(let keys):
            let invalidation: RedisInvalidation = keys.map { .keys($0) } ?? .all
            for sink in self.invalidations.values { sink.receive(invalidation) }
        case .confirmation(let key?, isSubscribing: false, _):
            for id in self.byKey[key] ?? [] { self.subscribers[id]?.finish(.unsubscribedByServer(key.name)) }
        case .confirmation:
            break
        }
    }

    mutating func finish(_ error: RedisError) {
        for subscriber in self.subscribers.values { subscriber.finish(error) }
        for sink in self.invalidations.values { sink.finish(error) }
        self = SubscriberRegistry()
    }
}

extension RedisError {
    static let slowConsumer = RedisError(
        .slowConsumer, "the subscriber did not keep up, and its buffer is full",
        remedy: "Raise bufferLimit, or do less for each message; messages after the buffered ones are lost.")

    static func unsubscribedByServer(_ name: String) -> RedisError {
        RedisError(
            .connectionClosed, "the server ended the subscription",
            remedy: "Subscribe again; in a cluster on the node that the channel's slot moved to.")
    }
}
