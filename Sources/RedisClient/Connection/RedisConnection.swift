import Logging
import NIOCore
import Synchronization

/// One connection to a Redis server.
///
/// Any number of tasks may send on it at the same time: commands leave in the order in which they reach the event loop, and each gets
/// its own reply. Commands are never sent again by themselves.
///
/// What a command that gave no reply may have done is told by ``RedisError/mayHaveRun``. A command that timed out or was cancelled
/// keeps its place in the order of replies, so that its late reply is dropped and never reaches another; see ``lateReplies``.
///
/// Use ``withConnection(to:configuration:eventLoop:logger:isolation:_:)``, which closes it at the end, or a pool.
public final class RedisConnection: Sendable {
    /// The server.
    public let endpoint: RedisEndpoint
    /// The protocol that was agreed upon.
    public let protocolVersion: RedisProtocolVersion
    /// The event loop that the connection lives on.
    public let eventLoop: any EventLoop
    /// Runs tasks on the connection's event loop, see ``RedisTaskExecutor``.
    public let taskExecutor: RedisTaskExecutor

    let channel: any Channel
    let handler: NIOLoopBound<RedisChannelHandler>
    let monitor: ConnectionMonitor
    let configuration: Configuration
    let logger: Logger
    private let commandTimeout: (duration: Duration, amount: TimeAmount)?
    private let mailbox = RequestMailbox()
    private let nextID = Atomic<UInt64>(1)

    init(
        endpoint: RedisEndpoint, channel: any Channel, handler: NIOLoopBound<RedisChannelHandler>,
        executor: RedisTaskExecutor, monitor: ConnectionMonitor, protocolVersion: RedisProtocolVersion,
        configuration: Configuration, logger: Logger
    ) {
        self.endpoint = endpoint
        self.channel = channel
        self.eventLoop = channel.eventLoop
        self.handler = handler
        self.taskExecutor = executor
        self.monitor = monitor
        self.protocolVersion = protocolVersion
        self.configuration = configuration
        self.logger = logger
        self.commandTimeout = configuration.commandTimeout.map { ($0, TimeAmount($0)) }
    }

    // MARK: Requests

    func makeID() -> UInt64 {
        self.nextID.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    func makeRequest(
        _ content: Request<ReplyWaiter>.Content, id: UInt64, waiter: ReplyWaiter, lease: UInt64,
        timeout: RedisCommand.Timeout
    ) -> Request<ReplyWaiter> {
        let limit: (duration: Duration, amount: TimeAmount)?
        switch timeout {
        case .connection: limit = self.commandTimeout
        case .after(let duration): limit = (duration, TimeAmount(duration))
        case .never: limit = nil
        }
        guard let limit else { return Request(id: id, content: content, waiter: waiter, lease: lease) }
        return Request(
            id: id, content: content, waiter: waiter, lease: lease, timeout: limit.duration,
            deadline: self.eventLoop.now + limit.amount)
    }

    /// Hands a request to the event loop, which may be where this runs.
    func submit(_ request: Request<ReplyWaiter>) {
        if self.eventLoop.inEventLoop {
            self.handler.value.submit(request)
        } else if self.monitor.isOpen.load(ordering: .acquiring) {
            self.post(.request(request))
        } else {
            // The event loop itself may be gone by now.
            self.refuseClosed(request)
        }
    }

    func cancel(id: UInt64) {
        if self.eventLoop.inEventLoop {
            self.handler.value.cancel(id: id)
        } else if self.isOpen {
            self.post(.cancellation(id: id))
        }
    }

    /// Lets the others go on, after what was submitted before.
    func giveBack(lease: UInt64) {
        if self.eventLoop.inEventLoop {
            self.handler.value.giveBack(lease: lease)
        } else if self.isOpen {
            self.post(.endOfExclusiveUse(lease: lease))
        }
    }

    private func post(_ letter: RequestMailbox.Letter) {
        guard self.mailbox.put(letter) else { return }
        self.eventLoop.execute { [mailbox = self.mailbox, handler = self.handler] in
            handler.value.deliver(mailbox.take())
        }
    }

    private func refuseClosed(_ request: Request<ReplyWaiter>) {
        let error = (self.monitor.closeReason ?? .closedByClient).with(
            command: nil, endpoint: self.endpoint, mayHaveRun: false)
        PendingReply(request).failed(error, waiter: request.waiter, endpoint: self.endpoint).perform()
    }
}

// MARK: - State, for pools

extension RedisConnection {
    /// Whether the connection can be used, as far as this side knows. Any thread; a moment later it may be otherwise.
    public var isOpen: Bool { self.monitor.isOpen.load(ordering: .acquiring) }

    /// Why the connection ended; nil while it is open.
    public var closeReason: RedisError? { self.monitor.closeReason }

    /// How many requests wait for replies or for their turn, late ones included.
    public var pendingRequests: Int { self.monitor.pending.load(ordering: .relaxed) }

    /// How many requests have been given up (timed out, cancelled) whose replies are still to come. Above 0 for long means that the
    /// server is frozen or blocked.
    public var lateReplies: Int { self.monitor.abandoned.load(ordering: .relaxed) }

    /// Whether the connection can go to another user: open, nothing pending, nothing subscribed, and no command was sent that changes
    /// what others mean (SELECT, AUTH, CLIENT TRACKING, …).
    public var isReusable: Bool {
        self.isOpen && self.pendingRequests == 0 && !self.monitor.isSubscribed.load(ordering: .relaxed)
            && self.monitor.isClean.load(ordering: .relaxed)
    }

    /// Calls back once when the connection has ended, on its event loop, with the reason; at once if it has ended already.
    public func onClose(_ body: @escaping @Sendable (RedisError) -> Void) {
        self.channel.closeFuture.whenComplete { [monitor = self.monitor] _ in
            body(monitor.closeReason ?? .closedByClient)
        }
    }

    /// Closes the connection now and waits until it is closed. Commands that wait for replies fail with
    /// ``RedisError/Code-swift.struct/closedByClient``. Can be called again, and is not cut short by cancellation.
    public func close() async {
        self.startClosing()
        try? await self.channel.closeFuture.get()
    }

    /// Closes the connection without waiting.
    package func startClosing() {
        guard self.isOpen else { return }
        self.eventLoop.execute { [handler = self.handler] in
            handler.value.fail(.closedByClient)
        }
    }
}
