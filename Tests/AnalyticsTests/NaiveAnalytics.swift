import Measurement

@testable import Analytics

/// The same results from all events at once, by the definitions and nothing else.
struct NaiveAnalytics {
    struct Window: Hashable {
        var start, end, events, users: Int
        var kinds, items: [Int: Int]
        var spent: [Duration]
    }

    struct Session: Hashable {
        var user, start, last, events: Int
    }

    private(set) var inTime: [AnalyticsEvent] = []
    private(set) var late = 0
    private(set) var outOfOrder = 0

    init(_ events: [AnalyticsEvent], lateness: Int) {
        for (index, event) in events.enumerated() {
            let latest = events[..<index].map(\.moment).max()
            if let latest, event.moment < latest - lateness {
                late += 1
            } else {
                if let latest, event.moment < latest { outOfOrder += 1 }
                inTime.append(event)
            }
        }
    }

    /// Those that have events, by their beginning.
    func windows(width: Int, slide: Int) -> [Window] {
        let moments = inTime.map(\.moment)
        guard let first = moments.min(), let last = moments.max() else { return [] }
        // From well before the first to well after the last, at multiples of the slide.
        let begin = (first - width) - ((first - width) % slide) - slide
        return stride(from: begin, through: last + slide, by: slide).compactMap { start in
            let own = inTime.filter { $0.moment >= start && $0.moment < start + width }
            guard !own.isEmpty else { return nil }
            return Window(
                start: start, end: start + width, events: own.count, users: Set(own.map(\.user)).count,
                kinds: Dictionary(own.map { (Int($0.kind) ?? -1, 1) }, uniquingKeysWith: +),
                items: Dictionary(own.map { ($0.item, 1) }, uniquingKeysWith: +), spent: own.map(\.spent).sorted())
        }
    }

    func sessions(gap: Int) -> [Session] {
        var sessions: [Session] = []
        for (user, events) in Dictionary(grouping: inTime, by: \.user) {
            var current: Session?
            for moment in events.map(\.moment).sorted() {
                if var session = current, moment - session.last <= gap {
                    session.last = moment
                    session.events += 1
                    current = session
                } else {
                    if let session = current { sessions.append(session) }
                    current = Session(user: user, start: moment, last: moment, events: 1)
                }
            }
            if let session = current { sessions.append(session) }
        }
        return sessions
    }
}
