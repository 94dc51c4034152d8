import Logging
import NIOCore
import NIOPosix
import NIOSSL

extension RedisConnection {
    /// Connects, runs the closure, and closes the connection whatever happens.
    ///
    /// - Parameters:
    ///   - endpoint: the server.
    ///   - configuration: credentials, timeouts, limits.
    ///   - eventLoop: where the connection lives; by default one of the process's own.
    ///   - logger: told of the connection's end, at debug level.
    ///   - isolation: the caller's actor, which the closure runs on.
    ///   - body: uses the connection, which must not leave the closure.
    /// - Throws: ``RedisError`` when no connection can be made; what the closure throws.
    public static func withConnection<Value>(
        to endpoint: RedisEndpoint,
        configuration: Configuration = Configuration(),
        eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any(),
        logger: Logger = Logger(label: "trivet.redis"),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisConnection) async throws -> sending Value
    ) async throws -> sending Value {
        let connection = try await Self.connect(
            to: endpoint, configuration: configuration, eventLoop: eventLoop, logger: logger)
        let value: Value
        do {
            value = try await body(connection)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        return value
    }

    /// Connects and leaves closing to the caller: for pools. Everybody else is better served by
    /// ``withConnection(to:configuration:eventLoop:logger:isolation:_:)``.
    ///
    /// A cancelled task gets its error at once, and what is left of the attempt is closed behind it.
    ///
    /// - Throws: ``RedisError`` with the codes ``RedisError/Code-swift.struct/cannotConnect``, `connectTimeout`, `authenticationFailed`,
    ///   `tlsFailed`, `notRedis`, `connectionClosed`, `serverError` or `cancelled`.
    public static func connect(
        to endpoint: RedisEndpoint,
        configuration: Configuration = Configuration(),
        eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any(),
        logger: Logger = Logger(label: "trivet.redis")
    ) async throws(RedisError) -> RedisConnection {
        let attempt = ConnectAttempt(
            endpoint: endpoint, configuration: configuration, eventLoop: eventLoop, logger: logger)
        do {
            return try await withTaskCancellationHandler {
                try await attempt.start().get()
            } onCancel: {
                attempt.cancel()
            }
        } catch {
            throw RedisError.connecting(error, endpoint: endpoint, configuration: configuration)
        }
    }
}

/// One attempt to make a connection ready, which ends in exactly one of: ready, failed, out of time, cancelled.
private struct ConnectAttempt: Sendable {
    let endpoint: RedisEndpoint
    let configuration: RedisConnection.Configuration
    let eventLoop: any EventLoop
    let logger: Logger
    private let promise: EventLoopPromise<RedisConnection>

    init(
        endpoint: RedisEndpoint, configuration: RedisConnection.Configuration, eventLoop: any EventLoop, logger: Logger
    ) {
        self.endpoint = endpoint
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.promise = eventLoop.makePromise()
    }

    func cancel() {
        self.promise.fail(RedisError.cancelled(sent: false))
    }

    func start() -> EventLoopFuture<RedisConnection> {
        self.eventLoop.execute { self.run() }
        return self.promise.futureResult
    }

    private func run() {
        let timeout = TimeAmount(self.configuration.connectTimeout)
        let alarm = self.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.promise.fail(
                RedisError.connectTimeout(
                    self.configuration.connectTimeout, endpoint: self.endpoint,
                    isTLS: self.configuration.tls.context != nil))
        }
        self.promise.futureResult.whenComplete { _ in alarm.cancel() }

        let handler = RedisChannelHandler(
            endpoint: self.endpoint, configuration: self.configuration, eventLoop: self.eventLoop, logger: self.logger)
        let bound = NIOLoopBound(handler, eventLoop: self.eventLoop)
        let executor = handler.executor
        let monitor = handler.monitor
        self.open(bound, timeout: timeout).whenComplete { result in
            switch result {
            case .failure(let error):
                self.promise.fail(error)
            case .success(let channel):
                // However the attempt ends, a channel that nobody got must not stay.
                self.promise.futureResult.whenFailure { _ in channel.close(promise: nil) }
                Handshake.run(on: bound.value, configuration: self.configuration) { result in
                    switch result {
                    case .failure(let error):
                        self.promise.fail(error)
                    case .success(let version):
                        bound.value.established(version)
                        self.promise.succeed(
                            RedisConnection(
                                endpoint: self.endpoint, channel: channel, handler: bound, executor: executor,
                                monitor: monitor, protocolVersion: version, configuration: self.configuration,
                                logger: self.logger))
                    }
                }
            }
        }
    }

    private func open(
        _ handler: NIOLoopBound<RedisChannelHandler>, timeout: TimeAmount
    ) -> EventLoopFuture<any Channel> {
        var bootstrap = ClientBootstrap(group: self.eventLoop)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context = self.configuration.tls.context {
                        let name = self.configuration.tls.serverName ?? self.hostName
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: name))
                    }
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
        switch self.endpoint {
        case .unixSocket(let path):
            return bootstrap.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port):
            bootstrap = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
            for option in self.configuration.keepAlive?.options ?? [] {
                bootstrap = bootstrap.channelOption(option.option, value: option.value)
            }
            return bootstrap.connect(host: host, port: port)
        }
    }

    /// The endpoint's host, unless it is an address, which SNI does not allow.
    private var hostName: String? {
        guard case .tcp(let host, _) = self.endpoint else { return nil }
        return (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
    }
}
