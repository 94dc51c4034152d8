/// An event of a stream.
struct StreamEvent: Sendable, Hashable {
    var id: String?
    var kind = "message"
    var data: String
}

/// Reads `text/event-stream` as it comes, in whatever pieces (WHATWG HTML, "Server-sent events"). A plain value.
struct EventStreamParser: Sendable {
    private var line: [UInt8] = []
    private var isAfterReturn = false
    private var kind = ""
    private var data: [String] = []
    /// The last id that was told: it holds until there is another.
    private(set) var lastID: String?

    /// - Returns: the events that end in these bytes.
    mutating func read(_ bytes: some Sequence<UInt8>) -> [StreamEvent] {
        var events: [StreamEvent] = []
        for byte in bytes {
            // A line ends with a return, a line feed, or both.
            let isSecondOfPair = isAfterReturn && byte == UInt8(ascii: "\n")
            isAfterReturn = byte == UInt8(ascii: "\r")
            if isSecondOfPair { continue }
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                line.append(byte)
                continue
            }
            if let event = end() { events.append(event) }
        }
        return events
    }

    /// A line has ended.
    private mutating func end() -> StreamEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else {
            defer {
                kind = ""
                data = []
            }
            // What has no data is none.
            guard !data.isEmpty else { return nil }
            return StreamEvent(id: lastID, kind: kind.isEmpty ? "message" : kind, data: data.joined(separator: "\n"))
        }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        let text = String(decoding: value, as: UTF8.self)
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": kind = text
        case "data": data.append(text)
        case "id" where !text.contains("\0"): lastID = text
        // A comment begins with a colon, and of others nothing is known.
        default: break
        }
        return nil
    }
}
