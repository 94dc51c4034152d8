import NIOCore
import NIOHTTP1
import NIOPosix

/// A server of HTTP for Prometheus: the registry's text at `/metrics`, and nothing else.
///
/// For programs that serve no HTTP by themselves. It has no encryption and asks for no password, so it listens on this machine only unless it is told
/// otherwise.
public final class MetricsEndpoint: Sendable {
    /// Where it listens. With port 0 the system chose one.
    public let port: Int
    private let channel: any Channel

    private init(_ channel: any Channel) {
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    /// Begins to serve.
    ///
    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: 0 for one that the system chooses.
    /// - Throws: NIO's `IOError` when it can't listen there.
    public static func start(
        _ registry: PrometheusRegistry, host: String = "127.0.0.1", port: Int
    ) async throws -> MetricsEndpoint {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(MetricsResponder(registry: registry))
                }
            }
            .bind(host: host, port: port).get()
        return MetricsEndpoint(channel)
    }

    /// Serves for the length of `body`.
    ///
    /// - Throws: as ``start(_:host:port:)``; what `body` throws.
    public static func withEndpoint<Value>(
        _ registry: PrometheusRegistry, host: String = "127.0.0.1", port: Int,
        isolation: isolated (any Actor)? = #isolation, _ body: (MetricsEndpoint) async throws -> sending Value
    ) async throws -> sending Value {
        let endpoint = try await start(registry, host: host, port: port)
        let value: Value
        do {
            value = try await body(endpoint)
        } catch {
            await endpoint.stop()
            throw error
        }
        await endpoint.stop()
        return value
    }

    /// Ends it. What is being answered is answered.
    public func stop() async {
        try? await channel.close()
    }
}

/// Answers one request after the other.
private final class MetricsResponder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let registry: PrometheusRegistry
    private var head: HTTPRequestHead?

    init(registry: PrometheusRegistry) {
        self.registry = registry
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            answer(head, context)
            self.head = nil
        }
    }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = request.uri.prefix { $0 != "?" }
        if path != "/metrics" {
            return send("There is only /metrics here.\n", .notFound, "text/plain; charset=utf-8", request, context)
        }
        guard request.method == .GET || request.method == .HEAD else {
            return send("Use GET.\n", .methodNotAllowed, "text/plain; charset=utf-8", request, context)
        }
        send(registry.text(), .ok, PrometheusRegistry.contentType, request, context)
    }

    private func send(
        _ text: String, _ status: HTTPResponseStatus, _ type: String, _ request: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        let body = context.channel.allocator.buffer(string: text)
        var headers = HTTPHeaders([("content-type", type), ("content-length", "\(body.readableBytes)")])
        if status == .methodNotAllowed { headers.add(name: "allow", value: "GET, HEAD") }
        let isLast = !request.isKeepAlive
        if isLast { headers.add(name: "connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: request.version, status: status, headers: headers))),
            promise: nil)
        if request.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        if isLast {
            let channel = context.channel
            written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
