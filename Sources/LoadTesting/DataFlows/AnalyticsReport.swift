import Analytics
import Foundation

/// The engine's results as they are stored and shown.
enum AnalyticsReport {
    /// One of the items that come most often.
    struct Top: Codable, Hashable, Sendable {
        var item: Int
        /// At most `error` too high.
        var count: Int
        var error: Int
    }

    /// A window. Times are in milliseconds.
    struct Window: Codable, Hashable, Sendable {
        var start, end: Int
        var events: Int
        var perSecond: Double
        var users: Int
        /// The relative standard error of `users`; 0 where they are counted exactly.
        var usersError: Double
        var kinds: [String: Int]
        var top: [Top]
        var spent, p50, p99: Double

        init(_ window: ClosedWindow) {
            let aggregate = window.aggregate
            (start, end) = (window.start, window.end)
            events = aggregate.events
            perSecond = window.rate
            users = aggregate.users.count
            usersError = aggregate.users.standardError
            kinds = aggregate.kinds
            top = aggregate.items.first(5).map { Top(item: $0.item, count: $0.count, error: $0.error) }
            spent = aggregate.totalSpent / .milliseconds(1)
            p50 = aggregate.spent.percentile(50) / .milliseconds(1)
            p99 = aggregate.spent.percentile(99) / .milliseconds(1)
        }
    }

    /// Everything since the flow's beginning.
    struct Totals: Codable, Hashable, Sendable {
        /// The last action that is in it.
        var through: Int
        /// Events in time, those of them that came after a later one, and those that came too late.
        var events, outOfOrder, late: Int
        var perSecond: Double
        var users: Int
        var usersError: Double
        var kinds: [String: Int]
        var top: [Top]
        var spent, p50, p90, p99: Double
        /// Sessions that are over, the events in them, and their lengths together.
        var sessions, sessionEvents, sessionTime: Int

        init(_ engine: AnalyticsEngine, through: Int) {
            self.through = through
            (events, outOfOrder, late) = (engine.total.events, engine.outOfOrder, engine.late)
            perSecond = engine.rate
            users = engine.total.users.count
            usersError = engine.total.users.standardError
            kinds = engine.total.kinds
            top = engine.total.items.first(10).map { Top(item: $0.item, count: $0.count, error: $0.error) }
            spent = engine.total.totalSpent / .milliseconds(1)
            p50 = engine.spent.percentile(50) / .milliseconds(1)
            p90 = engine.spent.percentile(90) / .milliseconds(1)
            p99 = engine.spent.percentile(99) / .milliseconds(1)
            sessions = engine.sessions.totals.sessions
            sessionEvents = engine.sessions.totals.events
            sessionTime = engine.sessions.totals.totalLength.wholeMilliseconds
        }
    }

    static func text(_ report: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }

    static func read<Report: Decodable>(_ text: String, as type: Report.Type = Report.self) throws -> Report {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
