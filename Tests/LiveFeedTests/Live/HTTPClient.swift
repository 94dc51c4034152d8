import NIOCore
import NIOPosix

/// A client of HTTP that does as it is told: it writes bytes and reads bytes.
struct HTTPClient {
    struct Response {
        var status: Int
        var headers: String
        var body: String
    }

    let port: Int

    private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }

    private func text(_ request: String, _ headers: [String], _ connection: String) -> ByteBuffer {
        let lines = [request] + (headers.contains { $0.hasPrefix("Host:") } ? [] : ["Host: localhost"]) + headers
        return ByteBuffer(string: (lines + ["Connection: \(connection)", "", ""]).joined(separator: "\r\n"))
    }

    /// One request on a connection of its own, read to its end.
    func ask(_ request: String, headers: [String] = []) async throws -> Response {
        let text = try await connect().executeThenClose { inbound, outbound in
            try await outbound.write(self.text(request, headers, "close"))
            var text = ""
            for try await part in inbound { text += String(buffer: part) }
            return text
        }
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1).map(String.init)
        let status = parts.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Response(
            status: status ?? 0, headers: parts.first?.lowercased() ?? "", body: parts.count > 1 ? parts[1] : "")
    }

    /// Reads as long as `take` wants more.
    func stream(
        _ request: String, headers: [String] = [], _ take: (String) async throws -> Bool
    ) async throws {
        try await connect().executeThenClose { inbound, outbound in
            try await outbound.write(text(request, headers, "keep-alive"))
            for try await part in inbound {
                guard try await take(String(buffer: part)) else { return }
            }
        }
    }
}
