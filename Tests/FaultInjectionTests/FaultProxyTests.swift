import NIOCore
import NIOPosix
import Scenarios
import Testing

@testable import FaultInjection

@Suite("S9: the proxy, between real sockets", .timeLimit(.minutes(2)))
struct FaultProxyTests {
    /// A server that sends back what it gets, and a proxy before it.
    private func withEcho(_ body: (FaultProxy) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { $0.pipeline.addHandler(Echo()) }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        try await FaultProxy.withProxy(to: .tcp(host: "127.0.0.1", port: port), body)
        try await server.close()
    }

    private final class Echo: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }
    }

    /// A client with what has come so far.
    private func withClient<Value: Sendable>(
        _ proxy: FaultProxy, _ body: (Client) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: proxy.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(Client(inbound.makeAsyncIterator(), outbound))
        }
    }

    private final class Client {
        private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

        init(
            _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
            _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        ) {
            self.inbound = inbound
            self.outbound = outbound
        }

        func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

        /// So many bytes, or fewer at the connection's end.
        func receive(_ count: Int) async throws -> String {
            var text = ""
            while text.utf8.count < count, var part = try await inbound.next() {
                text += part.readString(length: part.readableBytes) ?? ""
            }
            return text
        }

        func echo(_ text: String) async throws -> String {
            try await send(text)
            return try await receive(text.utf8.count)
        }
    }

    private func isRefused(_ proxy: FaultProxy) async -> Bool {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: proxy.port).get()
            try await channel.close()
            return false
        } catch {
            return true
        }
    }

    @Test("S9: without faults it passes everything on, however much")
    func plain() async throws {
        try await withEcho { proxy in
            try await withClient(proxy) { client in
                #expect(try await client.echo("hello") == "hello")
                let large = String(repeating: "0123456789", count: 100_000)
                let outbound = client.outbound
                async let sending: Void = outbound.write(ByteBuffer(string: large))
                let received = try await client.receive(large.utf8.count)
                try await sending
                #expect(received == large)
            }
        }
    }

    @Test("S9: a latency is felt by a connection that was open before, in both directions, and is gone when healed")
    func latency() async throws {
        try await withEcho { proxy in
            try await withClient(proxy) { client in
                #expect(try await client.echo("a") == "a")
                try await proxy.apply(ProxyRules([.redisLatency(delay: .milliseconds(60), jitter: .zero)]))
                let start = ContinuousClock.now
                #expect(try await client.echo("b") == "b")
                #expect(.now - start >= .milliseconds(120))
                try await client.send("c")
                try await proxy.apply(ProxyRules())
                #expect(try await client.receive(1) == "c")
            }
        }
    }

    @Test("S9: data comes whole through slices and a small bandwidth")
    func slices() async throws {
        try await withEcho { proxy in
            try await proxy.apply(
                ProxyRules([.redisSlice(bytes: 3, pause: .microseconds(100)), .redisBandwidth(bytesPerSecond: 100_000)])
            )
            try await withClient(proxy) { client in
                let text = (0..<200).map(String.init).joined(separator: ",")
                let answer = try await client.echo(text)
                #expect(answer == text)
            }
        }
    }

    @Test("S9: a reset ends open connections and new ones")
    func reset() async throws {
        try await withEcho { proxy in
            let wasCut = try await withClient(proxy) { client in
                #expect(try await client.echo("a") == "a")
                try await proxy.apply(ProxyRules([.redisReset]))
                do { return try await client.receive(1).isEmpty } catch { return true }
            }
            #expect(wasCut)
            let newIsCut: Bool
            do {
                newIsCut = try await withClient(proxy) { client in
                    do { return try await client.echo("b").isEmpty } catch { return true }
                }
            } catch {
                newIsCut = true
            }
            #expect(newIsCut)
            try await proxy.apply(ProxyRules())
            let answer = try await withClient(proxy) { try await $0.echo("c") }
            #expect(answer == "c")
        }
    }

    @Test("S9: nobody listens while connections are refused, and the same port answers afterwards")
    func refuse() async throws {
        try await withEcho { proxy in
            let wasCut = try await withClient(proxy) { client in
                #expect(try await client.echo("a") == "a")
                try await proxy.apply(ProxyRules([.redisRefuse]))
                do { return try await client.receive(1).isEmpty } catch { return true }
            }
            #expect(wasCut)
            #expect(await isRefused(proxy))
            try await proxy.apply(ProxyRules())
            let answer = try await withClient(proxy) { try await $0.echo("b") }
            #expect(answer == "b")
        }
    }

    @Test("S9: what went into a black hole arrives when it is healed, also for a connection made meanwhile")
    func blackHole() async throws {
        try await withEcho { proxy in
            try await withClient(proxy) { old in
                #expect(try await old.echo("a") == "a")
                try await proxy.apply(ProxyRules([.redisBlackHole]))
                try await old.send("old")
                try await withClient(proxy) { new in
                    try await new.send("new")
                    try await proxy.apply(ProxyRules())
                    #expect(try await new.receive(3) == "new")
                    #expect(try await old.receive(3) == "old")
                }
            }
        }
    }

    @Test("S9: connections that are made while rules change obey the new ones, and none is remembered that has ended")
    func changing() async throws {
        try await withEcho { proxy in
            for round in 0..<60 {
                let clients = Task {
                    await withTaskGroup(of: Void.self) { group in
                        for _ in 0..<8 {
                            group.addTask {
                                // Each ends when it is cut.
                                _ = try? await self.withClient(proxy) { try await $0.receive(1) }
                            }
                        }
                    }
                }
                for _ in 0..<round % 10 { await Task.yield() }
                try await proxy.apply(ProxyRules([.redisReset]))
                // Would wait for ever for one that has slipped through.
                await clients.value
                while proxy.connectionCount > 0 { try await Task.sleep(for: .milliseconds(1)) }
                try await proxy.apply(ProxyRules())
            }
        }
    }

    @Test("S9: what is dropped never arrives, and its connection ends when that is healed")
    func drop() async throws {
        try await withEcho { proxy in
            try await withClient(proxy) { client in
                #expect(try await client.echo("a") == "a")
                try await proxy.apply(ProxyRules([.redisDrop]))
                try await client.send("lost")
                // It has to have come as far as the proxy.
                while await proxy.lostBytes == 0 { try await Task.sleep(for: .milliseconds(1)) }
                try await proxy.apply(ProxyRules())
                let rest: String
                do { rest = try await client.receive(1) } catch { rest = "" }
                #expect(rest.isEmpty)
            }
        }
    }

    @Test("S9: a server that is gone ends the client's connection")
    func noServer() async throws {
        let trial = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(trial.localAddress?.port)
        try await trial.close()
        try await FaultProxy.withProxy(to: .tcp(host: "127.0.0.1", port: port)) { proxy in
            let isCut: Bool
            do {
                isCut = try await withClient(proxy) { try await $0.echo("a").isEmpty }
            } catch {
                isCut = true
            }
            #expect(isCut)
        }
    }
}
