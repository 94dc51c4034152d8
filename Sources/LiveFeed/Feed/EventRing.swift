/// The last events, so that a reader who was away for a moment can be given what it missed. Bounded by number and by size. A plain value.
struct EventRing: Sendable {
    /// What a reader who has seen an event has missed since.
    enum Missed: Sendable, Hashable {
        case events([FeedEvent])
        /// It isn't known any more, or never was: everything has to be told anew.
        case unknown
    }

    private let mostEvents: Int
    private let mostBytes: Int
    /// The number of the last event; before the first, where numbers begin.
    private(set) var last: UInt64
    private var events: [FeedEvent] = []
    private var bytes = 0

    /// - Parameter start: the number before the first.
    init(after start: UInt64, mostEvents: Int, mostBytes: Int) {
        last = start
        self.mostEvents = max(1, mostEvents)
        self.mostBytes = mostBytes
    }

    /// Adds an event under the next number. The newest always stays, whatever its size.
    mutating func append(_ parts: [FeedPart], kind: FeedEvent.Kind = .update) -> FeedEvent {
        last += 1
        let event = FeedEvent(id: last, kind: kind, parts: parts)
        events.append(event)
        bytes += event.size
        var gone = 0
        while events.count - gone > 1, events.count - gone > mostEvents || bytes > mostBytes {
            bytes -= events[gone].size
            gone += 1
        }
        events.removeFirst(gone)
        return event
    }

    func events(after id: UInt64) -> Missed {
        // Numbers have no gaps, so what is kept reaches back to the one before its first.
        guard id <= last, id >= last - UInt64(events.count) else { return .unknown }
        return .events(Array(events.suffix(Int(last - id))))
    }
}
