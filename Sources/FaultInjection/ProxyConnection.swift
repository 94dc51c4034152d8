import Measurement
import NIOCore

/// A client's connection and the one to the server, with a schedule for each direction.
///
/// `@unchecked`: everything but the constants is used on the event loop of both channels only, which all methods make sure of.
final class ProxyConnection: @unchecked Sendable {
    enum Side: Int {
        /// What it sends goes to the server.
        case client
        case server

        var other: Side { self == .client ? .server : .client }
    }

    /// More than this waiting in one direction, and its sender is not read from: it has to wait as with a full window of TCP.
    private static let mostWaiting = 4 << 20

    private struct Flow {
        var schedule: FlowSchedule
        var bytes = ByteBuffer()
        var timer: Scheduled<Void>?
        var isReading = false
    }

    private let client: any Channel
    private let loop: any EventLoop
    private let connect: @Sendable (any EventLoop) -> EventLoopFuture<any Channel>
    private let ended: @Sendable () -> Void
    private let origin = NIODeadline.now()

    private var rules: ProxyRules
    private var server: (any Channel)?
    /// By the side that sends.
    private var flows: [Flow]
    private var isOver = false
    private var lost = 0

    /// - Parameters:
    ///   - connect: connects to the server on an event loop.
    ///   - ended: is called when both connections are of no use any more.
    init(
        client: any Channel, rules: ProxyRules, generator: SplitMix64,
        connect: @escaping @Sendable (any EventLoop) -> EventLoopFuture<any Channel>,
        ended: @escaping @Sendable () -> Void
    ) {
        self.client = client
        self.connect = connect
        self.rules = rules
        self.ended = ended
        loop = client.eventLoop
        flows = [0, 1].map { Flow(schedule: FlowSchedule(rules, generator: generator.split($0))) }
        client.closeFuture.whenComplete { _ in self.breakOff() }
    }

    // MARK: From outside

    /// From its return on the rules hold.
    func apply(_ rules: ProxyRules) async {
        try? await loop.submit { self.take(rules) }.get()
    }

    var lostBytes: Int {
        get async { (try? await loop.submit { self.lost }.get()) ?? 0 }
    }

    func close() async {
        try? await loop.submit { self.breakOff() }.get()
    }

    /// Waits for the client's connection to be ready, and connects to the server then. On the event loop.
    ///
    /// - Parameter rules: those of now.
    func begin(_ rules: ProxyRules) -> EventLoopFuture<Void> {
        // Its end may have come before anybody knew it.
        if isOver { ended() }
        if rules != self.rules { take(rules) }
        guard !isOver else { return loop.makeSucceededVoidFuture() }
        return client.pipeline.addHandler(Handler(self, .client))
    }

    fileprivate func clientIsActive() {
        connect(loop).flatMap { server in server.pipeline.addHandler(Handler(self, .server)).map { server } }
            .whenComplete { result in
                guard case .success(let server) = result, !self.isOver else {
                    if case .success(let server) = result { server.close(promise: nil) }
                    return self.breakOff()
                }
                self.server = server
                server.closeFuture.whenComplete { _ in self.breakOff() }
                for side in [Side.client, .server] { self.readMore(side) }
            }
    }

    /// Ends both connections.
    func breakOff(withReset: Bool = false) {
        guard loop.inEventLoop else { return loop.execute { self.breakOff(withReset: withReset) } }
        guard !isOver else { return }
        isOver = true
        for index in flows.indices {
            flows[index].timer?.cancel()
            flows[index].bytes = ByteBuffer()
        }
        if withReset { _ = client.resetConnection() } else { client.close(promise: nil) }
        server?.close(promise: nil)
        ended()
    }

    // MARK: On the event loop

    private var now: Duration { .nanoseconds((NIODeadline.now() - origin).nanoseconds) }

    private func channel(_ side: Side) -> (any Channel)? { side == .client ? client : server }

    private func take(_ rules: ProxyRules) {
        self.rules = rules
        guard rules.admission == .accept else { return breakOff(withReset: rules.admission == .reset) }
        for side in [Side.client, .server] where !isOver {
            perform(flows[side.rawValue].schedule.apply(rules, at: now), from: side)
        }
    }

    fileprivate func received(_ buffer: ByteBuffer, from side: Side) {
        guard !isOver else { return }
        flows[side.rawValue].isReading = false
        let count = buffer.readableBytes
        flows[side.rawValue].bytes.writeImmutableBuffer(buffer)
        perform(flows[side.rawValue].schedule.receive(count, at: now), from: side)
    }

    fileprivate func finished(_ side: Side) {
        guard !isOver else { return }
        perform(flows[side.rawValue].schedule.end(at: now), from: side)
    }

    private func perform(_ actions: [FlowSchedule.Action], from side: Side) {
        let target = channel(side.other)
        var hasWritten = false
        for action in actions {
            switch action {
            case .send(let count):
                guard let part = flows[side.rawValue].bytes.readSlice(length: count) else { continue }
                target?.write(part, promise: nil)
                hasWritten = true
            case .discard(let count):
                flows[side.rawValue].bytes.moveReaderIndex(forwardBy: count)
                lost += count
            case .finish:
                if hasWritten { target?.flush() }
                hasWritten = false
                target?.close(mode: .output, promise: nil)
            case .breakOff: return breakOff()
            }
        }
        if hasWritten { target?.flush() }
        flows[side.rawValue].bytes.discardReadBytes()
        schedule(side)
        readMore(side)
    }

    private func schedule(_ side: Side) {
        flows[side.rawValue].timer?.cancel()
        flows[side.rawValue].timer = nil
        guard let moment = flows[side.rawValue].schedule.nextMoment else { return }
        let deadline = origin + .nanoseconds(Int64(moment / .nanoseconds(1)))
        flows[side.rawValue].timer = loop.scheduleTask(deadline: deadline) {
            guard !self.isOver else { return }
            self.perform(self.flows[side.rawValue].schedule.advance(to: self.now), from: side)
        }
    }

    private func readMore(_ side: Side) {
        guard server != nil, !isOver, !flows[side.rawValue].isReading,
            flows[side.rawValue].schedule.waiting < Self.mostWaiting
        else { return }
        flows[side.rawValue].isReading = true
        channel(side)?.read()
    }

    /// Tells of one side's data and end.
    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let connection: ProxyConnection
        private let side: Side

        init(_ connection: ProxyConnection, _ side: Side) {
            self.connection = connection
            self.side = side
        }

        func channelActive(context: ChannelHandlerContext) {
            if side == .client { connection.clientIsActive() }
            context.fireChannelActive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            connection.received(unwrapInboundIn(data), from: side)
        }

        func channelReadComplete(context: ChannelHandlerContext) {
            connection.readMore(side)
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed? = event as? ChannelEvent { connection.finished(side) }
            context.fireUserInboundEventTriggered(event)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            connection.breakOff()
        }
    }
}
