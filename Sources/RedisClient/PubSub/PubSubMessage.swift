import NIOCore

/// A message that was published.
public struct RedisMessage: Sendable, Hashable {
    /// The channel it was published to.
    public let channel: String
    /// The pattern that matched, for pattern subscriptions.
    public let pattern: String?
    /// What was published, of any bytes.
    public let payload: ByteBuffer
}

/// A message of the pub/sub kind, as RESP3 pushes and RESP2 arrays both carry it.
enum PubSubMessage: Equatable {
    case message(SubscriptionKey, RedisMessage)
    /// `count` is what the server says is left of this kind (channels and patterns count together).
    case confirmation(SubscriptionKey?, isSubscribing: Bool, count: Int)
    /// Keys to forget; nil for all.
    case invalidation([ByteBuffer]?)

    init?(_ elements: [RESPValue]) {
        guard let kind = elements.first?.string else { return nil }
        switch (kind, elements.count) {
        case ("message", 3), ("smessage", 3):
            guard let channel = Self.name(elements[1]), let payload = elements[2].bytes else { return nil }
            let key = SubscriptionKey(kind: kind == "message" ? .channel : .shardChannel, name: channel)
            self = .message(key, RedisMessage(channel: channel, pattern: nil, payload: payload))
        case ("pmessage", 4):
            guard let pattern = Self.name(elements[1]), let channel = Self.name(elements[2]),
                let payload = elements[3].bytes
            else { return nil }
            self = .message(
                SubscriptionKey(kind: .pattern, name: pattern),
                RedisMessage(channel: channel, pattern: pattern, payload: payload))
        case ("subscribe", 3), ("unsubscribe", 3):
            self.init(.channel, elements, isSubscribing: kind == "subscribe")
        case ("psubscribe", 3), ("punsubscribe", 3):
            self.init(.pattern, elements, isSubscribing: kind == "psubscribe")
        case ("ssubscribe", 3), ("sunsubscribe", 3):
            self.init(.shardChannel, elements, isSubscribing: kind == "ssubscribe")
        case ("invalidate", 2):
            if elements[1].isNull {
                self = .invalidation(nil)
            } else {
                guard let keys = elements[1].elements else { return nil }
                self = .invalidation(keys.compactMap(\.bytes))
            }
        default:
            return nil
        }
    }

    private init?(_ kind: SubscriptionKind, _ elements: [RESPValue], isSubscribing: Bool) {
        guard case .integer(let count) = elements[2] else { return nil }
        let key = elements[1].isNull ? nil : Self.name(elements[1]).map { SubscriptionKey(kind: kind, name: $0) }
        self = .confirmation(key, isSubscribing: isSubscribing, count: count)
    }

    /// Channel names are text here; what is not UTF-8 still has to be told apart from "no name".
    private static func name(_ value: RESPValue) -> String? {
        value.bytes.map { String(buffer: $0) }
    }
}
