import Logging
import NIOCore

/// Joins the channel to ``ConnectionState``: reads replies, writes commands, keeps the time. It decides nothing itself.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let eventLoop: any EventLoop
    let monitor = ConnectionMonitor()
    let jobs = JobQueue()
    let executor: RedisTaskExecutor
    let logger: Logger
    private var replies: ReplyReader
    var subscribers = SubscriberRegistry()
    private var context: ChannelHandlerContext?
    private var outbound = ByteBuffer()
    /// While above 0 somebody will flush at the end of what is going on.
    private var batches = 0
    private var isFlushScheduled = false
    private var isEstablished = false
    private var lastError: (any Error)?
    private var timer: (due: NIODeadline, scheduled: NIOScheduledCallback)?

    /// A buffer that has grown beyond this for one large request is not kept for the next.
    private static let retainedCapacity = 64 << 10

    init(
        endpoint: RedisEndpoint, configuration: RedisConnection.Configuration, eventLoop: any EventLoop, logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.logger = logger
        self.replies = ReplyReader(
            decoder: RESPDecoder(limits: configuration.limits),
            state: ConnectionState(endpoint: endpoint, maximumPending: configuration.maximumPendingCommands))
        self.executor = RedisTaskExecutor(queue: self.jobs, eventLoop: eventLoop)
    }

    /// The handler for closures that run on the event loop.
    var bound: NIOLoopBound<RedisChannelHandler> { NIOLoopBound(self, eventLoop: self.eventLoop) }

    var state: ConnectionState<ReplyWaiter> {
        get { self.replies.state }
        _modify { yield &self.replies.state }
    }

    /// The connection is in its user's hands: from here on losing it has other causes.
    func established(_ version: RedisProtocolVersion) {
        self.isEstablished = true
        // The database and name that were configured are what everybody expects.
        self.monitor.isClean.store(true, ordering: .relaxed)
        self.state.protocolVersion = version
    }

    // MARK: Requests

    func submit(_ request: Request<ReplyWaiter>) {
        let deadline = request.deadline
        switch self.state.submit(request) {
        case .write(let content):
            self.write(content)
        case .parked:
            break
        case .complete(let completion):
            self.tell(completion)
        }
        self.publish()
        if let deadline { self.ensureTimer(deadline) }
    }

    func cancel(id: UInt64) {
        if let completion = self.state.cancel(id: id) { self.tell(completion) }
    }

    func giveBack(lease: UInt64) {
        self.beginBatch()
        for action in self.state.giveBack(lease: lease) {
            switch action {
            case .write(let content): self.write(content)
            case .parked: break
            case .complete(let completion): self.tell(completion)
            }
        }
        self.publish()
        self.endBatch()
    }

    func deliver(_ letters: [RequestMailbox.Letter]) {
        self.beginBatch()
        for letter in letters {
            switch letter {
            case .request(let request): self.submit(request)
            case .cancellation(let id): self.cancel(id: id)
            case .endOfExclusiveUse(let lease): self.giveBack(lease: lease)
            }
        }
        self.endBatch()
    }

    private func write(_ content: Request<ReplyWaiter>.Content) {
        // The buffer leaves its place for that time: a check for exclusive access then costs once and not for each command.
        var buffer = ByteBuffer()
        swap(&buffer, &self.outbound)
        var isClean = true
        switch content {
        case .command(let command):
            RESPEncoder.encode(command, into: &buffer)
            isClean = command.effect != .changesSession
        case .batch(let commands):
            for command in commands {
                RESPEncoder.encode(command, into: &buffer)
                if command.effect == .changesSession { isClean = false }
            }
            // ASKING is about the next command only: a cluster client writes both together, and the session is as before.
            if !isClean, commands.last?.name != "ASKING" {
                isClean = commands.allSatisfy { $0.name == "ASKING" || $0.effect != .changesSession }
            }
        case .subscription(let change):
            RESPEncoder.encode(change.command, into: &buffer)
        case .exclusiveUse:
            break
        }
        swap(&buffer, &self.outbound)
        if !isClean { self.sessionChanged(by: content) }
        guard self.batches == 0, !self.isFlushScheduled else { return }
        // Others on this event loop may be about to write too: they share one write.
        self.isFlushScheduled = true
        let handler = self.bound
        self.eventLoop.execute {
            handler.value.isFlushScheduled = false
            handler.value.flush()
        }
    }

    private func sessionChanged(by content: Request<ReplyWaiter>.Content) {
        self.monitor.isClean.store(false, ordering: .relaxed)
        let commands: [RedisCommand] =
            switch content {
            case .command(let command): [command]
            case .batch(let commands): commands
            case .subscription, .exclusiveUse: []
            }
        if commands.contains(where: \.outlivesReset) { self.monitor.isResettable.store(false, ordering: .relaxed) }
    }

    func beginBatch() {
        self.batches += 1
    }

    func endBatch() {
        self.batches -= 1
        if self.batches == 0 { self.flush() }
    }

    private func flush() {
        guard self.outbound.readableBytes > 0 else { return }
        guard let context else {
            self.outbound.clear()
            return
        }
        context.writeAndFlush(self.wrapOutboundOut(self.outbound), promise: nil)
        if self.outbound.capacity > Self.retainedCapacity {
            self.outbound = ByteBuffer()
        } else {
            self.outbound.clear()
        }
    }

    /// Whoever is told must find the connection's figures as they are after that: a pool asks at once whether it can be used again.
    private func tell(_ completion: Completion<ReplyWaiter>) {
        self.publish()
        completion.perform()
    }

    private func publish() {
        self.monitor.pending.store(self.state.pending.count + self.state.parked.count, ordering: .relaxed)
        self.monitor.abandoned.store(self.state.abandoned, ordering: .relaxed)
        self.monitor.isSubscribed.store(!self.state.subscriptions.isEmpty, ordering: .relaxed)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.jobs.observer = self
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.ended()
        self.context = nil
        self.jobs.observer = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.beginBatch()
        if self.monitor.isSilent.load(ordering: .relaxed) { self.monitor.isSilent.store(false, ordering: .relaxed) }
        self.jobs.promiseRun()
        self.replies.decoder.append(self.unwrapInboundIn(data))
        do throws(RESPDecodingError) {
            while self.state.closed == nil, let action = try self.replies.next() { self.perform(action) }
        } catch {
            self.fail(.decoding(error, bytes: self.replies.decoder.buffer, isFirst: !self.replies.hasReceived))
        }
        self.publish()
        self.batches -= 1
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // The tasks that this read has woken run here and now; what they write leaves in one go.
        self.beginBatch()
        self.executor.run()
        self.endBatch()
        context.fireChannelReadComplete()
    }

    private func perform(_ action: ConnectionState<ReplyWaiter>.ReceiveAction) {
        switch action {
        case .none:
            break
        case .complete(let completion):
            self.tell(completion)
        case .message(let message):
            self.subscribers.receive(message)
        case .unknownPush:
            self.logger.debug("A push of unknown kind was ignored.", metadata: ["endpoint": "\(self.state.endpoint)"])
        case .close(let error):
            self.fail(error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.lastError = self.lastError ?? error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.ended()
        context.fireChannelInactive()
    }

    /// Ends the connection for a reason of ours.
    func fail(_ error: RedisError) {
        self.finish(error)
        self.context?.close(promise: nil)
    }

    private func ended() {
        self.finish(
            .connectionLost(
                self.lastError, whileConnecting: !self.isEstablished, withinReply: self.replies.decoder.isWithinReply))
    }

    private func finish(_ error: RedisError) {
        guard self.state.closed == nil else { return }
        let error = error.with(command: nil, endpoint: self.state.endpoint)
        let completions = self.state.close(error)
        self.monitor.closeReason = error
        self.monitor.isOpen.store(false, ordering: .releasing)
        self.publish()
        self.timer?.scheduled.cancel()
        self.timer = nil
        self.outbound = ByteBuffer()
        for completion in completions { completion.perform() }
        self.subscribers.finish(error)
        // A channel that is closed within a read may not say that the read is complete; tasks were promised a run after it.
        let executor = self.executor
        self.eventLoop.execute { executor.run() }
        self.logger.debug(
            "A connection to Redis ended.", metadata: ["endpoint": "\(self.state.endpoint)", "reason": "\(error)"])
    }
}

// MARK: - Time

extension RedisChannelHandler {
    /// One timer for the connection, set to the earliest deadline and never moved back: in the usual case, replies in time, a
    /// command costs a comparison here.
    private func ensureTimer(_ deadline: NIODeadline) {
        if let timer, timer.due <= deadline { return }
        self.timer?.scheduled.cancel()
        self.timer = nil
        guard self.state.closed == nil,
            let scheduled = try? self.eventLoop.scheduleCallback(at: deadline, handler: Alarm(handler: self.bound))
        else { return }
        self.timer = (deadline, scheduled)
    }

    private struct Alarm: NIOScheduledCallbackHandler, Sendable {
        let handler: NIOLoopBound<RedisChannelHandler>

        func handleScheduledCallback(eventLoop: some EventLoop) {
            self.handler.value.timeIsUp()
        }
    }

    private func timeIsUp() {
        self.timer = nil
        self.beginBatch()
        let abandoned = self.state.abandoned
        let expired = self.state.expire(now: self.eventLoop.now)
        if self.state.abandoned > abandoned { self.monitor.isSilent.store(true, ordering: .relaxed) }
        for completion in expired { self.tell(completion) }
        if let next = self.state.nextDeadline { self.ensureTimer(next) }
        self.endBatch()
    }
}

/// The decoder and the state together: whole pipelines of replies go from one to the other without leaving this value.
private struct ReplyReader {
    var decoder: RESPDecoder
    var state: ConnectionState<ReplyWaiter>
    /// Whether any reply ever came, which tells servers of other kinds from a stream that went wrong later.
    private(set) var hasReceived = false

    init(decoder: RESPDecoder, state: ConnectionState<ReplyWaiter>) {
        self.decoder = decoder
        self.state = state
    }

    /// The next thing to do; nil until more bytes arrive.
    mutating func next() throws(RESPDecodingError) -> ConnectionState<ReplyWaiter>.ReceiveAction? {
        while let value = try self.decoder.next() {
            self.hasReceived = true
            let action = self.state.receive(value)
            if case .none = action { continue }
            return action
        }
        return nil
    }
}
