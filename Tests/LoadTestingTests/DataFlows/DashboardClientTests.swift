import FaultInjection
import LiveFeed
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import LoadTesting

@Suite("S5: the dashboard's client", .timeLimit(.minutes(2))) struct DashboardClientTests {
    @Test("S5: it goes on where it left off when its connection is lost, and misses nothing", arguments: [0, 1])
    func comesBack(fault: Int) async throws {
        var broken = ProxyRules()
        broken.admission = fault == 0 ? .reset : .refuse
        let feed = EventFeed(after: 0) { [FeedPart(id: "n", text: "0")] }
        let site = FeedSite(page: { .init(html: "", policy: "default-src 'none'") })
        let server = try await FeedServer.start(site, feed, configuration: .init())
        try await FaultProxy.withProxy(to: .tcp(host: "127.0.0.1", port: server.port)) { proxy in
            let seen = Mutex<[String]>([])
            let client = Task {
                try await DashboardClient(port: proxy.port, pause: .milliseconds(1)).read { parts in
                    seen.withLock { $0 += parts.map(\.text) }
                }
            }
            while seen.withLock({ $0.count }) < 1 { try await Task.sleep(for: .milliseconds(1)) }
            feed.publish([FeedPart(id: "n", text: "1")])
            while seen.withLock({ $0.count }) < 2 { try await Task.sleep(for: .milliseconds(1)) }
            try await proxy.apply(broken)
            // The server sees it, too, and nobody reads.
            while feed.readerCount > 0 { try await Task.sleep(for: .milliseconds(1)) }
            for number in 2...5 { feed.publish([FeedPart(id: "n", text: "\(number)")]) }
            try await proxy.apply(ProxyRules())
            while seen.withLock({ $0.count }) < 6 { try await Task.sleep(for: .milliseconds(1)) }
            feed.end([FeedPart(id: "n", text: "last")])
            try await client.value
            #expect(seen.withLock { $0 } == ["0", "1", "2", "3", "4", "5", "last"])
        }
        await server.stop()
    }

    /// Answers connections one after the other, each with its text, and notes what was asked; none for one that is closed at once.
    private func withServer(_ answers: [String?], _ body: (_ port: Int, _ asked: () -> [String]) async throws -> Void)
        async throws
    {
        let asked = Mutex<[String]>([])
        let left = Mutex(answers)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                guard let answer = left.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
                    return channel.close()
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Answerer(answer: answer) { text in asked.withLock { $0.append(text) } })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await body(try #require(server.localAddress?.port)) { asked.withLock { $0 } })
        } catch {
            result = .failure(error)
        }
        try await server.close()
        try result.get()
    }

    private final class Answerer: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: String
        private let note: @Sendable (String) -> Void

        init(answer: String, note: @escaping @Sendable (String) -> Void) {
            self.answer = answer
            self.note = note
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            note(String(buffer: unwrapInboundIn(data)))
            let head =
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: \(answer.utf8.count)\r\n\r\n"
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head + answer)), promise: nil)
            context.close(promise: nil)
        }
    }

    @Test(
        "S5: a connection that is closed before it has asked is a loss like others, and the last id holds until the next"
    )
    func lost() async throws {
        let event = #"data: {"parts":[]}"#
        let answers: [String?] =
            Array(repeating: nil, count: 100) + ["id: 7\n\(event)\n\n", "\(event)\n\n", "event: end\n\(event)\n\n"]
        try await withServer(answers) { port, asked in
            try await DashboardClient(port: port, pause: .milliseconds(1)).read { _ in }
            let ids = asked().map { $0.contains("Last-Event-ID: 7") }
            #expect(ids == [false, true, true], "\(asked())")
        }
    }

    @Test("S5: it waits for a server that is not there yet, and ends when it is cancelled")
    func waits() async throws {
        let site = FeedSite(page: { .init(html: "", policy: "default-src 'none'") })
        var configuration = FeedServer.Configuration()
        let first = try await FeedServer.start(site, EventFeed { [] }, configuration: configuration)
        configuration.port = first.port
        await first.stop()
        let seen = Mutex(false)
        let client = Task {
            try await DashboardClient(port: configuration.port, pause: .milliseconds(1)).read { _ in
                seen.withLock { $0 = true }
            }
        }
        let second = try await FeedServer.start(
            site, EventFeed { [FeedPart(id: "n", text: "0")] }, configuration: configuration)
        while !seen.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
        client.cancel()
        _ = await client.result
        await second.stop()
    }

    @Test("S5: an answer that is no stream is an error")
    func noStream() async throws {
        // There is nothing on a port that needs a token.
        var configuration = FeedServer.Configuration()
        configuration.token = "0123456789abcdef"
        let site = FeedSite(page: { .init(html: "", policy: "default-src 'none'") })
        let server = try await FeedServer.start(site, EventFeed { [] }, configuration: configuration)
        do {
            try await DashboardClient(port: server.port).read { _ in }
            Issue.record("it read something")
        } catch let error as DashboardClient.NoStream {
            #expect(error.status == 401)
        }
        await server.stop()
    }
}
