import NIOCore

/// The rules of one connection: who waits for which reply, who may send, what a reply belongs to.
///
/// A plain value: events go in, what to do comes out; the channel handler does it. `now` is passed in.
///
/// Invariants (ConnectionStateTests checks them on random sequences):
/// - Each waiter comes out exactly once, as part of one completion.
/// - Replies go to requests in the order in which the requests were to be written. A request whose waiter gave up keeps its place
///   until its replies have come, so that nobody else receives them.
/// - While a lease is out, only requests with that lease are written; the others wait in order.
struct ConnectionState<Waiter: Sendable> {
    enum SubmitAction {
        /// Write these commands. The waiter is remembered.
        case write(Request<Waiter>.Content)
        /// Nothing to do now.
        case parked
        case complete(Completion<Waiter>)
    }

    enum ReceiveAction {
        case none
        case complete(Completion<Waiter>)
        case message(PubSubMessage)
        /// A push that is none of pub/sub's or tracking's.
        case unknownPush
        /// The stream of replies makes no sense; close with this error.
        case close(RedisError)
    }

    let endpoint: RedisEndpoint
    let maximumPending: Int
    var protocolVersion: RedisProtocolVersion = .resp2
    private(set) var pending = ReplyOrder<PendingReply<Waiter>>()
    private(set) var parked = CircularBuffer<Request<Waiter>>()
    /// Requests whose waiter gave up and whose replies are still to come.
    private(set) var abandoned = 0
    /// The exclusive use that is granted; 0 for none.
    private(set) var lease: UInt64 = 0
    /// What the server was told to subscribe to, as of the last request written.
    private(set) var subscriptions: Set<SubscriptionKey> = []
    /// What the server last said it has: channels with patterns, and shard channels.
    private var confirmed = (regular: 0, shard: 0)
    private(set) var closed: RedisError?

    init(endpoint: RedisEndpoint, maximumPending: Int) {
        self.endpoint = endpoint
        self.maximumPending = maximumPending
    }

    var isIdle: Bool { self.pending.isEmpty && self.parked.isEmpty && self.lease == 0 && self.subscriptions.isEmpty }
}

// MARK: - Requests

extension ConnectionState {
    mutating func submit(_ request: Request<Waiter>) -> SubmitAction {
        if let closed { return self.refuse(request, closed.with(command: nil, endpoint: nil, mayHaveRun: false)) }
        if request.lease != self.lease {
            // A lease that is out is never waited for by those of an earlier one: theirs has ended for good.
            guard request.lease == 0 else { return self.refuse(request, .scopeEnded) }
            if self.parked.count >= self.maximumPending {
                return self.refuse(request, .tooManyPending(self.parked.count))
            }
            self.parked.append(request)
            return .parked
        }
        return self.admit(request)
    }

    private mutating func admit(_ request: Request<Waiter>) -> SubmitAction {
        if self.pending.count >= self.maximumPending {
            return self.refuse(request, .tooManyPending(self.pending.count))
        }
        switch request.content {
        case .exclusiveUse:
            self.lease = request.id
            return .complete(Completion(waiter: request.waiter, outcome: .one(.success(.null))))
        case .command(let command):
            if self.isRESP2Subscriber, command.name != "PING" { return self.refuse(request, .subscriberMode) }
        case .batch(let commands):
            if self.isRESP2Subscriber { return self.refuse(request, .subscriberMode) }
            if commands.isEmpty { return .complete(Completion(waiter: request.waiter, outcome: .many([]))) }
        case .subscription(let change):
            let keys = change.names.map { SubscriptionKey(kind: change.kind, name: $0) }
            if change.isSubscribing { self.subscriptions.formUnion(keys) } else { self.subscriptions.subtract(keys) }
        }
        self.pending.append(PendingReply(request))
        return .write(request.content)
    }

    private var isRESP2Subscriber: Bool { self.protocolVersion == .resp2 && !self.subscriptions.isEmpty }

    private func refuse(_ request: Request<Waiter>, _ error: RedisError) -> SubmitAction {
        .complete(self.failure(of: request, error))
    }

    private func failure(of request: Request<Waiter>, _ error: RedisError) -> Completion<Waiter> {
        PendingReply(request).failed(error, waiter: request.waiter, endpoint: self.endpoint)
    }

    /// Ends an exclusive use; what waited for it can go on until the next one begins.
    mutating func giveBack(lease: UInt64) -> [SubmitAction] {
        guard self.lease == lease else { return [] }
        self.lease = 0
        var actions: [SubmitAction] = []
        while self.lease == 0, let request = self.parked.popFirst() {
            actions.append(self.admit(request))
        }
        return actions
    }

    /// A task was cancelled.
    mutating func cancel(id: UInt64) -> Completion<Waiter>? {
        if let index = self.parked.firstIndex(where: { $0.id == id }) {
            return self.failure(of: self.parked.remove(at: index), .cancelled(sent: false))
        }
        guard let place = self.pending.places.first(where: { self.pending[$0]?.id == id }) else { return nil }
        return self.abandon(at: place, .cancelled(sent: true))
    }

    /// The time has come for some, perhaps: gives up on all whose deadline has passed.
    mutating func expire(now: NIODeadline) -> [Completion<Waiter>] {
        var completions: [Completion<Waiter>] = []
        for place in self.pending.places {
            guard let entry = self.pending[place], let deadline = entry.deadline, deadline <= now else { continue }
            let error = RedisError.timeout(after: entry.timeout, sent: true)
            if let completion = self.abandon(at: place, error) { completions.append(completion) }
        }
        if self.parked.contains(where: { $0.deadline.map { $0 <= now } ?? false }) {
            var rest = CircularBuffer<Request<Waiter>>()
            for request in self.parked {
                if let deadline = request.deadline, deadline <= now {
                    completions.append(self.failure(of: request, .timeout(after: request.timeout, sent: false)))
                } else {
                    rest.append(request)
                }
            }
            self.parked = rest
        }
        return completions
    }

    /// When ``expire(now:)`` is due next.
    var nextDeadline: NIODeadline? {
        let written = self.pending.places.lazy.compactMap { place in
            self.pending[place].flatMap { $0.waiter == nil ? nil : $0.deadline }
        }.min()
        let waiting = self.parked.lazy.compactMap(\.deadline).min()
        guard let written, let waiting else { return written ?? waiting }
        return min(written, waiting)
    }

    private mutating func abandon(at place: Int, _ error: RedisError) -> Completion<Waiter>? {
        guard let entry = self.pending[place], let waiter = entry.waiter else { return nil }
        let completion = entry.failed(error, waiter: waiter, endpoint: self.endpoint)
        self.pending[place]?.abandon()
        self.abandoned += 1
        return completion
    }

    /// The connection ended.
    mutating func close(_ error: RedisError) -> [Completion<Waiter>] {
        guard self.closed == nil else { return [] }
        self.closed = error
        var completions: [Completion<Waiter>] = []
        while let entry = self.pending.popFirst() {
            guard let waiter = entry.waiter else { continue }
            let sent = error.with(command: nil, endpoint: nil, mayHaveRun: true)
            completions.append(entry.failed(sent, waiter: waiter, endpoint: self.endpoint))
        }
        while let request = self.parked.popFirst() {
            completions.append(self.failure(of: request, error.with(command: nil, endpoint: nil, mayHaveRun: false)))
        }
        self.abandoned = 0
        self.lease = 0
        self.subscriptions = []
        return completions
    }
}

// MARK: - Replies

extension ConnectionState {
    mutating func receive(_ value: consuming RESPValue) -> ReceiveAction {
        // Handed on and not copied: this runs once for each reply.
        let value = value
        switch value {
        case .push(let elements):
            guard let message = PubSubMessage(elements) else { return .unknownPush }
            return self.receive(message)
        case .array(let elements) where self.takesArraysAsMessages:
            if let message = PubSubMessage(elements) { return self.receive(message) }
        default:
            break
        }
        guard !self.pending.isEmpty,
            let isLast = self.pending[self.pending.firstPlace]?.receive(value, endpoint: self.endpoint)
        else { return .close(self.unasked) }
        return isLast ? self.completeFirst() : .none
    }

    /// A RESP2 server sends messages as arrays, once there is something to be sent.
    private var takesArraysAsMessages: Bool {
        guard self.protocolVersion == .resp2 else { return false }
        return self.confirmed.regular + self.confirmed.shard > 0 || self.pending.first?.change != nil
    }

    private var unasked: RedisError {
        RedisError(
            .protocolViolation, "the server sent a reply that no command waits for",
            remedy: "Check that the endpoint is a Redis server and that nothing in between changes the bytes.",
            endpoint: self.endpoint)
    }

    private mutating func receive(_ message: PubSubMessage) -> ReceiveAction {
        guard case .confirmation(let key, let isSubscribing, let count) = message else { return .message(message) }
        if key?.kind == .shardChannel { self.confirmed.shard = count } else { self.confirmed.regular = count }
        guard let change = self.pending.first?.change, change.isSubscribing == isSubscribing,
            key.map({ change.kind == $0.kind && change.names.contains($0.name) }) ?? true
        else {
            // The server ended a subscription by itself, as when a slot moves to another node.
            if let key, !isSubscribing { self.subscriptions.remove(key) }
            return .message(message)
        }
        let isLast = self.pending[self.pending.firstPlace]?.receiveConfirmation() ?? false
        return isLast ? self.completeFirst() : .none
    }

    private mutating func completeFirst() -> ReceiveAction {
        guard let entry = self.pending.popFirst() else { return .none }
        if let change = entry.change, change.isSubscribing, entry.hasFailed {
            self.subscriptions.subtract(change.names.map { SubscriptionKey(kind: change.kind, name: $0) })
        }
        guard let waiter = entry.waiter else {
            self.abandoned -= 1
            return .none
        }
        return .complete(Completion(waiter: waiter, outcome: entry.outcome))
    }
}
