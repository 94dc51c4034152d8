import Foundation
import LiveFeed
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Reads a dashboard's events over HTTP, as a browser does: on a connection of its own, and after a loss on another one, from where it left off.
struct DashboardClient: Sendable {
    /// What an event says, as `FeedServer` writes it.
    private struct Body: Decodable {
        var parts: [FeedPart]
    }

    /// The server's answer is no stream of events.
    struct NoStream: Error, CustomStringConvertible {
        var status: Int
        var description: String { "the dashboard answers with status \(status)" }
    }

    let port: Int
    /// Before it asks again.
    var pause: Duration = .milliseconds(20)

    /// Reads until the server says that nothing comes any more, or until the task is cancelled.
    ///
    /// - Parameter see: is told the parts of each event as soon as it has come.
    /// - Throws: what `see` throws, and ``NoStream``.
    func read(_ see: @Sendable ([FeedPart]) throws -> Void) async throws {
        // Beside the connection, so that it is known whatever ends that.
        let last = LastEvent()
        while !Task.isCancelled {
            do {
                if try await readOnce(last, see) { return }
            } catch let error where Self.isLoss(error) {}
            try? await Task.sleep(for: pause)
        }
    }

    private static func isLoss(_ error: any Error) -> Bool {
        error is NIOConnectionError || error is ChannelError || error is IOError || error is HTTPParserError
            // The server has closed the connection before the request went out.
            || error is NIOAsyncWriterError
    }

    /// - Returns: whether nothing comes any more.
    private func readOnce(
        _ last: LastEvent, _ see: @Sendable ([FeedPart]) throws -> Void
    ) async throws -> Bool {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        var headers = HTTPHeaders([("Host", "localhost"), ("Accept", "text/event-stream")])
        if let last = last.id.withLock({ $0 }) { headers.add(name: "Last-Event-ID", value: last) }
        let request = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/events", headers: headers)
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(.head(request))
            try await outbound.write(.end(nil))
            var parser = EventStreamParser()
            for try await part in inbound {
                switch part {
                case .head(let head):
                    guard head.status == .ok else { throw NoStream(status: Int(head.status.code)) }
                case .body(let bytes):
                    for event in parser.read(bytes.readableBytesView) {
                        // It holds until there is another, on the next connection too.
                        if let id = event.id { last.id.withLock { $0 = id } }
                        let body = try JSONDecoder().decode(Body.self, from: Data(event.data.utf8))
                        if !body.parts.isEmpty { try see(body.parts) }
                        if event.kind == FeedEvent.Kind.end.rawValue { return true }
                    }
                case .end: break
                }
            }
            return false
        }
    }
}

/// The id of the last event that was seen.
private final class LastEvent: Sendable {
    let id = Mutex<String?>(nil)
}
