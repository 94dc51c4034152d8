import NIOCore
import NIOPosix
import RedisClient

/// A server that says fixed bytes whatever it is asked: each peer's bytes once, when the first data arrives (or at once).
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        case say(String)
        case repeatedly(String, times: Int)
        case close
    }

    private let channel: any Channel
    let endpoint: RedisEndpoint

    private init(_ channel: any Channel) {
        self.channel = channel
        self.endpoint = .tcp(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }

    /// - Parameter steps: what to do on each arrival of data, one after the other.
    static func withServer<Value>(
        atOnce greeting: String? = nil, _ steps: [[Step]], _ body: (ScriptedServer) async throws -> Value
    ) async throws -> Value {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Script(greeting: greeting, steps: steps))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(channel)
        do {
            let value = try await body(server)
            try await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Script: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let greeting: String?
        private var steps: [[Step]]

        init(greeting: String?, steps: [[Step]]) {
            self.greeting = greeting
            self.steps = steps
        }

        func channelActive(context: ChannelHandlerContext) {
            if let greeting { context.writeAndFlush(NIOAny(ByteBuffer(string: greeting)), promise: nil) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !self.steps.isEmpty else { return }
            for step in self.steps.removeFirst() {
                switch step {
                case .say(let text):
                    context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
                case .repeatedly(let text, let times):
                    let block = ByteBuffer(string: String(repeating: text, count: times))
                    context.writeAndFlush(NIOAny(block), promise: nil)
                case .close:
                    context.close(promise: nil)
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
