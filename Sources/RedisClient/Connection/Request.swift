import NIOCore

/// What a caller asks of a connection, until it is written or refused.
struct Request<Waiter: Sendable>: Sendable {
    enum Content: Sendable {
        /// One command with one reply.
        case command(RedisCommand)
        /// Commands written together, answered together.
        case batch([RedisCommand])
        /// SUBSCRIBE and its relatives: a confirmation for each name, or one error.
        case subscription(SubscriptionChange)
        /// Nothing to write: everybody else's requests wait from here on, until the lease is given back.
        case exclusiveUse
    }

    let id: UInt64
    let content: Content
    let waiter: Waiter
    /// The exclusive use that the request belongs to; 0 for none.
    var lease: UInt64 = 0
    var timeout: Duration = .zero
    /// When the waiter gives up; nil for never.
    var deadline: NIODeadline?
}

/// What a request came to.
enum Outcome: Sendable {
    case one(Result<RESPValue, RedisError>)
    case many([Result<RESPValue, RedisError>])
}

/// A waiter and what it is told. Each waiter is told once.
struct Completion<Waiter: Sendable>: Sendable {
    let waiter: Waiter
    let outcome: Outcome
}

/// A change to what the connection is subscribed to.
struct SubscriptionChange: Sendable, Hashable {
    let kind: SubscriptionKind
    let isSubscribing: Bool
    let names: [String]

    var command: RedisCommand {
        RedisCommand(isSubscribing ? kind.subscribeCommand : kind.unsubscribeCommand, names)
    }
}

/// The three kinds of subscription that Redis has.
enum SubscriptionKind: Sendable, Hashable {
    case channel
    case pattern
    case shardChannel

    var subscribeCommand: String {
        switch self {
        case .channel: "SUBSCRIBE"
        case .pattern: "PSUBSCRIBE"
        case .shardChannel: "SSUBSCRIBE"
        }
    }

    var unsubscribeCommand: String {
        switch self {
        case .channel: "UNSUBSCRIBE"
        case .pattern: "PUNSUBSCRIBE"
        case .shardChannel: "SUNSUBSCRIBE"
        }
    }
}

/// A subscription's identity on one connection.
struct SubscriptionKey: Sendable, Hashable {
    let kind: SubscriptionKind
    let name: String
}
