import Foundation
import GRDB
import LiveFeed
import RedisClient
import Synchronization
import Transactions

/// The engine's figures on their way to people: stored in SQLite and cached in Redis, in one transaction, then shown to everybody who reads the feed.
struct MetricsBoard: Sendable {
    static let part = "figures"
    static let key = "dashboard:figures"

    /// What is shown now, in its form for the wire; empty before the first.
    private final class Shown: Sendable {
        private let state = Mutex("")

        var text: String { state.withLock { $0 } }

        func set(_ text: String) { state.withLock { $0 = text } }
    }

    let engines: LiveEngines
    let feed: EventFeed
    private let shown: Shown

    init(engines: LiveEngines) {
        let shown = Shown()
        self.engines = engines
        self.shown = shown
        feed = EventFeed { [FeedPart(id: Self.part, text: shown.text)].filter { !$0.text.isEmpty } }
    }

    /// What is shown now.
    var text: String { shown.text }

    func prepare() async throws {
        try await engines.sqlite.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS dashboard_figures (
                        id INTEGER PRIMARY KEY, through INTEGER NOT NULL, figures TEXT NOT NULL)
                    """)
        }
    }

    func show(_ step: DataFlowSimulator.Step) async throws {
        let text = try AnalyticsReport.text(AnalyticsReport.Totals(step.engine, through: step.through))
        let through = step.through
        try await engines.coordinator.transaction { txn in
            try await txn.sqlite { database in
                try database.cachedStatement(sql: "INSERT INTO dashboard_figures (through, figures) VALUES (?, ?)")
                    .execute(arguments: [through, text])
            }
            try await txn.redis.set(CacheKey(Self.key), text)
        }
        shown.set(text)
        feed.publish([FeedPart(id: Self.part, text: text)])
    }

    /// The page for those who come without a script.
    var site: FeedSite {
        FeedSite(page: { [shown] in
            let figures = (try? AnalyticsReport.read(shown.text, as: AnalyticsReport.Totals.self)).map(Self.rows) ?? []
            let rows = figures.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined()
            return FeedSite.Page(
                html: "<!doctype html><meta charset=\"utf-8\"><title>What users do</title><dl>\(rows)</dl>",
                policy: "default-src 'none'")
        })
    }

    private static func rows(_ totals: AnalyticsReport.Totals) -> [(String, String)] {
        [
            ("actions", "\(totals.events)"), ("a second", "\(Int(totals.perSecond))"), ("users", "\(totals.users)"),
            ("sessions", "\(totals.sessions)"), ("too late", "\(totals.late)"), ("p99", "\(Int(totals.p99)) ms"),
        ]
    }

    /// Whether SQLite's last figures are those of Redis and those that a client was shown.
    func agreement(shown: String?) async throws -> StoreAgreement {
        let stored = try await engines.sqlite.read { database in
            try String.fetchOne(database, sql: "SELECT figures FROM dashboard_figures ORDER BY id DESC LIMIT 1")
        }
        let cached = try await engines.redis.get(Self.key)
        var agreement = StoreAgreement(compared: 2, same: 0)
        for (name, text) in [("Redis", cached), ("the dashboard's client", shown)] {
            if text == stored {
                agreement.same += 1
            } else {
                agreement.difference = "\(name) has \(text ?? "nothing"), and SQLite \(stored ?? "nothing")"
            }
        }
        return agreement
    }
}
