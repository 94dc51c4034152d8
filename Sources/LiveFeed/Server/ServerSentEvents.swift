import Foundation

/// Deliveries as the lines of `text/event-stream` (WHATWG HTML, "Server-sent events").
enum ServerSentEvents {
    static let contentType = "text/event-stream; charset=utf-8"

    private struct Body: Encodable {
        var parts: [FeedPart]
        var skipped: Int
    }

    /// What a stream begins with: how long a reader waits before it comes back.
    static func opening(retry: Duration) -> String { "retry: \(Int(retry / .milliseconds(1)))\n\n" }

    static func text(_ delivery: EventFeed.Delivery) throws -> String {
        switch delivery {
        // A comment, which readers pass over.
        case .beat: return ": still here\n\n"
        case .event(let event):
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
            // JSON has no line break outside of its strings' escapes, so it is one line.
            let body = try encoder.encode(Body(parts: event.parts, skipped: event.skipped))
            return "id: \(event.id)\nevent: \(event.kind.rawValue)\ndata: \(String(decoding: body, as: UTF8.self))\n\n"
        }
    }
}
