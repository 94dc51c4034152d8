import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import LiveFeed

@Suite("A page and its events over HTTP", .timeLimit(.minutes(2)))
struct FeedServerTests {
    private static let token = "0123456789abcdef"

    private static let site = FeedSite(
        page: { .init(html: "<p>page</p>", policy: "default-src 'none'") },
        metrics: { ("# TYPE requests_total counter\nrequests_total 1\n", "text/plain; version=0.0.4; charset=utf-8") })

    /// A server for the length of `body`.
    @discardableResult
    private func withServer<Value>(
        _ site: FeedSite = FeedServerTests.site, _ feed: EventFeed = EventFeed(after: 0) { [] },
        token: String? = nil, host: String = "127.0.0.1", heartbeat: Duration = .seconds(10),
        _ body: (FeedServer, HTTPClient) async throws -> Value
    ) async throws -> Value {
        var configuration = FeedServer.Configuration()
        (configuration.token, configuration.host, configuration.heartbeat) = (token, host, heartbeat)
        let server = try await FeedServer.start(site, feed, configuration: configuration)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(server, HTTPClient(port: server.port)))
        } catch {
            result = .failure(error)
        }
        await server.stop()
        return try result.get()
    }

    @Test("M6: page, metrics and health, each with its type; other paths and methods say what there is")
    func answers() async throws {
        try await withServer { _, client in
            let page = try await client.ask("GET /?x=1 HTTP/1.1")
            #expect(page.status == 200 && page.body == "<p>page</p>")
            for header in [
                "content-type: text/html; charset=utf-8", "content-security-policy: default-src 'none'",
                "x-content-type-options: nosniff", "referrer-policy: no-referrer", "x-frame-options: deny",
                "cache-control: no-store",
            ] { #expect(page.headers.contains(header), "\(header)") }
            let metrics = try await client.ask("GET /metrics HTTP/1.1")
            #expect(metrics.status == 200 && metrics.body.hasSuffix("requests_total 1\n"))
            #expect(metrics.headers.contains("content-type: text/plain; version=0.0.4"))
            let head = try await client.ask("HEAD /metrics HTTP/1.1")
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head.headers.contains("content-length: \(metrics.body.utf8.count)"))
            #expect(try await client.ask("GET /healthz HTTP/1.1").status == 200)
            #expect(try await client.ask("GET /elsewhere HTTP/1.1").status == 404)
            let posted = try await client.ask("POST / HTTP/1.1", headers: ["Content-Length: 0"])
            #expect(posted.status == 405 && posted.headers.contains("allow: get, head"))
            #expect(try await client.ask("nonsense").status == 400)
        }
    }

    @Test("§6: who is cancelled while it starts is not held up, and nothing listens afterwards")
    func cancelled() async throws {
        let feed = EventFeed(after: 0) { [] }
        let starting = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await FeedServer.start(Self.site, feed, configuration: .init())
        }
        let result = await starting.result
        #expect(throws: CancellationError.self) { try result.get() }
    }

    @Test("§6: what is wrong is status 503")
    func health() async throws {
        var site = Self.site
        site.trouble = { "redis is down" }
        site.metrics = nil
        try await withServer(site) { _, client in
            let health = try await client.ask("GET /healthz HTTP/1.1")
            #expect(health.status == 503 && health.body == "redis is down\n")
            #expect(try await client.ask("GET /metrics HTTP/1.1").status == 404)
        }
    }

    @Test("M6: a port that is taken is an error that says so, and one that was given back can be had again")
    func ports() async throws {
        var configuration = FeedServer.Configuration()
        let feed = EventFeed { [] }
        let first = try await FeedServer.start(Self.site, feed, configuration: configuration)
        configuration.port = first.port
        do {
            _ = try await FeedServer.start(Self.site, EventFeed { [] }, configuration: configuration)
            Issue.record("two listen on one port")
        } catch let error as FeedServer.NoPlace {
            #expect(error.description.contains("127.0.0.1:\(first.port)"))
        }
        await first.stop()
        let second = try await FeedServer.start(Self.site, EventFeed { [] }, configuration: configuration)
        #expect(second.port == first.port)
        await second.stop()
    }

    @Test("§6: beyond this machine only with a token; with it, by header, by cookie, or once by the address")
    func access() async throws {
        do {
            try await withServer(host: "0.0.0.0") { _, _ in Issue.record("open to others") }
        } catch is AccessRule.OpenToOthers {}
        try await withServer(token: Self.token, host: "0.0.0.0") { _, client in
            let refused = try await client.ask("GET / HTTP/1.1")
            #expect(refused.status == 401 && refused.headers.contains("www-authenticate: bearer"))
            #expect(!refused.body.contains("page"))
            for path in ["/metrics", "/events"] { #expect(try await client.ask("GET \(path) HTTP/1.1").status == 401) }
            #expect(try await client.ask("GET /healthz HTTP/1.1").status == 200)
            #expect(
                try await client.ask("GET / HTTP/1.1", headers: ["Authorization: Bearer \(Self.token)"]).status == 200)
            let once = try await client.ask("GET /?token=\(Self.token) HTTP/1.1")
            #expect(once.status == 303 && once.headers.contains("location: /"))
            #expect(once.headers.contains("httponly") && once.headers.contains("samesite=strict"))
            #expect(
                try await client.ask("GET / HTTP/1.1", headers: ["Cookie: trivet-token=\(Self.token)"]).status == 200)
        }
        try await withServer { _, client in
            let other = try await client.ask("GET / HTTP/1.1", headers: ["Host: example.org"])
            #expect(other.status == 421)
        }
    }

    @Test("S5: events come as they happen, with numbers that grow, and beats between them; the end is told")
    func events() async throws {
        let feed = EventFeed(after: 0) { [FeedPart(id: "page", text: "whole")] }
        try await withServer(Self.site, feed, heartbeat: .milliseconds(20)) { _, client in
            var text = "", step = 0
            try await client.stream("GET /events HTTP/1.1") { part in
                text += part
                if step == 0, text.contains("\"whole\"") {
                    step = 1
                    feed.publish([FeedPart(id: "a", text: "one\ntwo")])
                } else if step == 1, text.contains("id: 1\n") {
                    step = 2
                } else if step == 2, part.contains(": still here") {
                    step = 3
                    feed.end()
                }
                return !text.contains("event: end")
            }
            #expect(text.lowercased().contains("content-type: text/event-stream"))
            #expect(text.contains("retry: 1000\n\n"))
            #expect(
                text.contains(
                    "id: 1\nevent: update\ndata: {\"parts\":[{\"id\":\"a\",\"text\":\"one\\ntwo\"}],\"skipped\":0}\n\n")
            )
            #expect(text.contains("id: 2\nevent: end\n"))
        }
    }

    @Test("S5: with Last-Event-ID a reader gets what it missed, each by itself, and nothing twice")
    func replay() async throws {
        let feed = EventFeed(after: 0) { [FeedPart(id: "page", text: "whole")] }
        for number in 1...5 { feed.publish([FeedPart(id: "a", text: "\(number)")]) }
        feed.end()
        try await withServer(Self.site, feed) { _, client in
            for (request, headers, first) in [
                ("GET /events HTTP/1.1", ["Last-Event-ID: 3"], "id: 4\n"),
                // The header knows better than the address that the page once had.
                ("GET /events?after=1 HTTP/1.1", ["Last-Event-ID: 3"], "id: 4\n"),
                ("GET /events?after=3 HTTP/1.1", [], "id: 4\n"),
                ("GET /events?after=999 HTTP/1.1", [], "\"whole\""),
            ] {
                var text = ""
                try await client.stream(request, headers: headers) { part in
                    text += part
                    return !text.contains("event: end")
                }
                #expect(text.contains(first) && text.contains("id: 6\nevent: end"))
                #expect(!text.contains("id: 3\n"))
            }
        }
    }

    @Test("S5: a reader that takes nothing costs no more than what there is to show, and the server ends in time")
    func slow() async throws {
        let feed = EventFeed(after: 0) { [] }
        let big = String(repeating: "x", count: 64 << 10)
        try await withServer(Self.site, feed) { _, client in
            let socket = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.autoRead, value: false)
                .connect(host: "127.0.0.1", port: client.port).get()
            try await socket.writeAndFlush(
                ByteBuffer(string: "GET /events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            while feed.readerCount == 0 { await Task.yield() }
            // Far more than sockets and channels take.
            for number in 1...2_000 { feed.publish([FeedPart(id: "a", text: "\(number) \(big)")]) }
            #expect(feed.waitingEvents <= EventFeed.Limits().backlog)
            try await socket.close()
            // It is forgotten once its end is seen.
            while feed.readerCount > 0 {
                feed.beat()
                await Task.yield()
            }
        }
    }

    @Test("§6: a server ends though readers are there, and they get the last event first")
    func ending() async throws {
        let feed = EventFeed(after: 0) { [] }
        let server = try await FeedServer.start(Self.site, feed, configuration: .init())
        let reader = Task {
            var text = ""
            try await HTTPClient(port: server.port).stream("GET /events?after=0 HTTP/1.1") { part in
                text += part
                return true
            }
            return text
        }
        while feed.readerCount == 0 { await Task.yield() }
        await server.stop()
        #expect(try await reader.value.contains("id: 1\nevent: end\n"))
        do {
            _ = try await HTTPClient(port: server.port).ask("GET / HTTP/1.1")
            Issue.record("it still answers")
        } catch {}
    }
}
