import Measurement
import NIOCore
import NIOPosix
import Synchronization

/// A TCP proxy before a server that does what networks do when they fail: to open connections and new ones alike.
///
/// Clients connect to `port` of 127.0.0.1. Safe to use from any task.
package final class FaultProxy: Sendable {
    /// Where the server is.
    package enum Upstream: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unixSocket(path: String)
    }

    private struct State {
        var rules = ProxyRules()
        var listener: (any Channel)?
        var connections: [Int: ProxyConnection] = [:]
        var number = 0
        var isClosed = false
    }

    package let port: Int
    private let upstream: Upstream
    private let group: any EventLoopGroup
    private let generator: SplitMix64
    private let state: Mutex<State>

    private init(port: Int, upstream: Upstream, group: any EventLoopGroup, seed: UInt64) {
        self.port = port
        self.upstream = upstream
        self.group = group
        generator = SplitMix64(seed: seed)
        state = Mutex(State())
    }

    /// Runs `body` with a proxy that listens, and closes it and all connections afterwards.
    ///
    /// - Parameter seed: of the random part of delays.
    package static func withProxy<Value>(
        to upstream: Upstream, seed: UInt64 = 42, isolation: isolated (any Actor)? = #isolation,
        _ body: (FaultProxy) async throws -> Value
    ) async throws -> Value {
        let group = MultiThreadedEventLoopGroup.singleton
        // A port that is free is found by having it for a moment; the proxy needs to know it before it can listen.
        let trial = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let port = trial.localAddress?.port ?? 0
        try await trial.close()
        let proxy = FaultProxy(port: port, upstream: upstream, group: group, seed: seed)
        try await proxy.listen()
        let value: Value
        do {
            value = try await body(proxy)
        } catch {
            await proxy.close()
            throw error
        }
        await proxy.close()
        return value
    }

    /// Connections that are open now.
    package var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Bytes that were dropped, of all connections that are open.
    package var lostBytes: Int {
        get async {
            var sum = 0
            for connection in state.withLock({ Array($0.connections.values) }) { sum += await connection.lostBytes }
            return sum
        }
    }

    /// From the return of this call on, the network does this.
    ///
    /// - Throws: when it is to listen again and its port was taken by somebody else meanwhile.
    package func apply(_ rules: ProxyRules) async throws {
        let (connections, listener) = state.withLock { state in
            state.rules = rules
            let listener = rules.admission == .refuse ? state.listener : nil
            if rules.admission == .refuse { state.listener = nil }
            return (Array(state.connections.values), listener)
        }
        try? await listener?.close()
        for connection in connections { await connection.apply(rules) }
        let isDeaf = state.withLock { $0.listener == nil && $0.rules.admission != .refuse && !$0.isClosed }
        if isDeaf { try await listen() }
    }

    private func listen() async throws {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in self.accept(channel) }
        // Its own connections may hold the port for a moment.
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            do {
                let listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
                state.withLock { $0.listener = listener }
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
        let (rules, number) = state.withLock { state in
            state.number += 1
            return (state.rules, state.number)
        }
        guard rules.admission == .accept else { return client.resetConnection() }
        let connection = ProxyConnection(
            client: client, rules: rules, generator: generator.split(number), connect: { self.connect(on: $0) },
            ended: { self.state.withLock { $0.connections[number] = nil } })
        // Known before it is connected, so that rules that change from now on reach it. Those that have changed since it was
        // made don't.
        let current = state.withLock { state in
            state.connections[number] = connection
            return state.rules
        }
        return connection.begin(current)
    }

    private func connect(on loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connectTimeout(.seconds(5))
        return switch upstream {
        case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
        case .unixSocket(let path): bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    private func close() async {
        let (listener, connections) = state.withLock { state in
            state.isClosed = true
            defer { state.listener = nil }
            return (state.listener, Array(state.connections.values))
        }
        try? await listener?.close()
        for connection in connections { await connection.close() }
    }
}

extension Channel {
    /// Ends the connection with a reset, as a peer that has crashed would.
    func resetConnection() -> EventLoopFuture<Void> {
        // Without time to linger, closing is a reset.
        let withoutLinger = linger(l_onoff: 1, l_linger: 0)
        let ready =
            (self as? any SocketOptionProvider)?.setSoLinger(withoutLinger) ?? eventLoop.makeSucceededVoidFuture()
        return ready.flatMap { self.close() }
            .flatMapError { _ in self.eventLoop.makeSucceededVoidFuture() }
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif
