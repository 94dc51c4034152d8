package import Measurement

/// Sessions: the events of a user between which no gap is longer than a limit. A plain value.
///
/// Events may come in any order: one that comes late joins the sessions on both of its sides. A session is closed when no event in time can join it any
/// more.
package struct UserSessions: Sendable {
    private struct Session: Sendable {
        var start: Int
        var last: Int
        var events: Int
    }

    /// Sessions that are closed.
    package struct Totals: Sendable, Hashable {
        package var sessions = 0
        package var events = 0
        /// From the first to the last event of each.
        package var totalLength = Duration.zero
        package var lengths = CompactHistogram()
        /// Sessions that were closed before their time because too many were open: there may be more sessions than there were.
        package var cutShort = 0
    }

    package let gap: Int
    private let mostOpen: Int
    package private(set) var totals = Totals()
    package private(set) var openCount = 0
    private var open: [Int: [Session]] = [:]
    /// Before it there is nothing to close.
    private var nextLook = Int.min

    /// - Parameters:
    ///   - gap: in milliseconds; two events so far apart are still of one session.
    ///   - mostOpen: sessions that are open at one time.
    package init(gap: Int, mostOpen: Int) {
        precondition(gap >= 0 && mostOpen > 0)
        self.gap = gap
        self.mostOpen = mostOpen
    }

    package mutating func add(_ event: AnalyticsEvent) {
        var sessions = open.removeValue(forKey: event.user) ?? []
        openCount -= sessions.count
        var own = Session(start: event.moment, last: event.moment, events: 1)
        sessions.removeAll { session in
            guard session.start - gap <= event.moment, event.moment <= session.last + gap else { return false }
            own.start = min(own.start, session.start)
            own.last = max(own.last, session.last)
            own.events += session.events
            return true
        }
        sessions.append(own)
        open[event.user] = sessions
        openCount += sessions.count
        if openCount > mostOpen { closeEarliest() }
    }

    /// Closes those that no event from a moment on can join. It looks at all of them only now and then.
    package mutating func close(before moment: Int) {
        guard moment >= nextLook else { return }
        closeAll(lastBefore: moment - gap)
        let earliest = open.values.joined().map(\.last).min() ?? moment
        nextLook = max(earliest + gap, moment + gap / 16) + 1
    }

    /// Closes those whose last event was before a moment.
    package mutating func closeAll(lastBefore moment: Int = .max) {
        for (user, sessions) in open {
            let left = sessions.filter { $0.last >= moment }
            guard left.count < sessions.count else { continue }
            for session in sessions where session.last < moment { count(session) }
            open[user] = left.isEmpty ? nil : left
        }
    }

    /// The one whose last event is longest ago, and of those the user with the lowest number's.
    private mutating func closeEarliest() {
        var earliest: (last: Int, user: Int)?
        for (user, sessions) in open {
            for session in sessions where earliest.map({ (session.last, user) < $0 }) ?? true {
                earliest = (session.last, user)
            }
        }
        guard let earliest, let index = open[earliest.user]?.firstIndex(where: { $0.last == earliest.last }),
            let session = open[earliest.user]?.remove(at: index)
        else { return }
        if open[earliest.user]?.isEmpty == true { open[earliest.user] = nil }
        count(session)
        totals.cutShort += 1
    }

    private mutating func count(_ session: Session) {
        openCount -= 1
        let length = Duration.milliseconds(session.last - session.start)
        totals.sessions += 1
        totals.events += session.events
        totals.totalLength += length
        totals.lengths.record(length)
    }
}
