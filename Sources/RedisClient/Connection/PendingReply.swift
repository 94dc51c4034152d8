import NIOCore

/// A request that is written, or about to be, and the replies it has so far.
struct PendingReply<Waiter: Sendable> {
    private enum Names {
        case one(String)
        case many([RedisCommand])
        case change(SubscriptionChange)
    }

    let id: UInt64
    let timeout: Duration
    let deadline: NIODeadline?
    /// Nil once it gave up.
    private(set) var waiter: Waiter?
    private let names: Names
    /// Whether `names` are those of many commands, asked for each reply without copying them.
    private let isBatch: Bool
    private var remaining: Int
    private var reply: Result<RESPValue, RedisError> = .success(.null)
    private var replies: [Result<RESPValue, RedisError>] = []

    init(_ request: Request<Waiter>) {
        self.id = request.id
        self.timeout = request.timeout
        self.deadline = request.deadline
        self.waiter = request.waiter
        if case .batch = request.content { self.isBatch = true } else { self.isBatch = false }
        switch request.content {
        case .command(let command):
            self.names = .one(command.name)
            self.remaining = 1
        case .batch(let commands):
            self.names = .many(commands)
            self.remaining = commands.count
            self.replies.reserveCapacity(commands.count)
        case .subscription(let change):
            self.names = .change(change)
            self.remaining = change.names.count
        case .exclusiveUse:
            self.names = .one("WATCH")
            self.remaining = 1
        }
    }

    var change: SubscriptionChange? {
        if case .change(let change) = self.names { change } else { nil }
    }

    var hasFailed: Bool {
        if case .failure = self.reply { true } else { false }
    }

    /// Takes a reply. True when it was the last; nil when no such reply can be meant.
    mutating func receive(_ value: consuming RESPValue, endpoint: RedisEndpoint) -> Bool? {
        let value = value
        // Nearly all: a pipeline's reply that is no error needs no name.
        if self.isBatch, value.isPlain {
            if self.waiter != nil { self.replies.append(.success(value)) }
            self.remaining -= 1
            return self.remaining == 0
        }
        switch self.names {
        case .one(let name):
            self.reply = Self.result(value, name, endpoint)
            return true
        case .many(let commands):
            if self.waiter != nil {
                self.replies.append(Self.result(value, commands[commands.count - self.remaining].name, endpoint))
            }
            self.remaining -= 1
            return self.remaining == 0
        case .change(let change):
            // One error answers for all the names.
            guard case .error = value.withoutAttributes else { return nil }
            self.reply = Self.result(value, change.command.name, endpoint)
            return true
        }
    }

    /// Takes the confirmation of one name.
    mutating func receiveConfirmation() -> Bool {
        self.remaining -= 1
        return self.remaining == 0
    }

    /// The waiter is told by the caller; the replies still to come are for nobody.
    mutating func abandon() {
        self.waiter = nil
        self.replies = []
    }

    var outcome: Outcome {
        if case .many = self.names { .many(self.replies) } else { .one(self.reply) }
    }

    /// What the waiter is told when the rest of the replies will not come.
    func failed(_ error: RedisError, waiter: Waiter, endpoint: RedisEndpoint) -> Completion<Waiter> {
        switch self.names {
        case .one(let name):
            Completion(waiter: waiter, outcome: .one(.failure(error.with(command: name, endpoint: endpoint))))
        case .change(let change):
            Completion(
                waiter: waiter, outcome: .one(.failure(error.with(command: change.command.name, endpoint: endpoint))))
        case .many(let commands):
            Completion(
                waiter: waiter,
                outcome: .many(
                    self.replies
                        + commands.dropFirst(self.replies.count).map {
                            .failure(error.with(command: $0.name, endpoint: endpoint))
                        }))
        }
    }

    private static func result(
        _ value: RESPValue, _ command: String, _ endpoint: RedisEndpoint
    ) -> Result<RESPValue, RedisError> {
        switch value {
        case .error(let reply):
            return .failure(RedisError(reply: reply, command: command, endpoint: endpoint))
        case .attributed:
            guard case .error(let reply) = value.withoutAttributes else { return .success(value) }
            return .failure(RedisError(reply: reply, command: command, endpoint: endpoint))
        default:
            return .success(value)
        }
    }
}

extension RESPValue {
    /// Whether it is no error, nor has one behind attributes.
    fileprivate var isPlain: Bool {
        switch self {
        case .error, .attributed: false
        default: true
        }
    }
}
