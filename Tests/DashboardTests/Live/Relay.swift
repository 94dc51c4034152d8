import NIOCore
import NIOPosix
import Synchronization

/// Passes connections on to another port, until it is cut.
final class Relay: Sendable {
    private struct State {
        var isCut = false
        var connections: [any Channel] = []
    }

    private let state = Mutex(State())
    private let listener: Mutex<(any Channel)?> = Mutex(nil)

    var port: Int { listener.withLock { $0?.localAddress?.port } ?? 0 }

    static func start(to port: Int) async throws -> Relay {
        let relay = Relay()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in relay.accept(channel, to: port) }
            .bind(host: "127.0.0.1", port: 0).get()
        relay.listener.withLock { $0 = listener }
        return relay
    }

    private func accept(_ channel: any Channel, to port: Int) -> EventLoopFuture<Void> {
        let isCut = state.withLock { state in
            if !state.isCut { state.connections.append(channel) }
            return state.isCut
        }
        if isCut { return channel.close() }
        return ClientBootstrap(group: channel.eventLoop)
            .channelInitializer { other in
                other.eventLoop.makeCompletedFuture {
                    try other.pipeline.syncOperations.addHandler(Passing(to: channel))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .flatMapThrowing { other in try channel.pipeline.syncOperations.addHandler(Passing(to: other)) }
    }

    /// Ends all connections, and each new one at once.
    func cut() {
        let connections = state.withLock { state in
            state.isCut = true
            defer { state.connections = [] }
            return state.connections
        }
        for connection in connections { connection.close(promise: nil) }
    }

    func heal() { state.withLock { $0.isCut = false } }

    func stop() async {
        cut()
        try? await listener.withLock { $0 }?.close()
    }
}

/// Both ends are on the same event loop.
private final class Passing: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel

    init(to other: any Channel) {
        self.other = other
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        other.close(promise: nil)
    }
}
