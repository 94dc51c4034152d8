import Analytics
import GRDB

/// What the engine should have come to, from SQLite by its own means: the same definitions, as queries over all rows at once.
struct AnalyticsRecomputation: Sendable {
    /// A percentile lies between the values of the neighbouring ranks: rules of rounding differ by one.
    struct Rank: Hashable, Sendable {
        var least, greatest: Double

        /// - Parameter precision: the relative error of whoever measured.
        func holds(_ value: Double, within precision: Double) -> Bool {
            value >= least * (1 - precision) - 0.001 && value <= greatest * (1 + precision) + 0.001
        }
    }

    struct Window: Hashable, Sendable {
        var start = 0, events = 0, users = 0
        var kinds: [String: Int] = [:]
        /// All items, most frequent first.
        var items: [(item: Int, count: Int)] = []
        /// Milliseconds.
        var spent = 0.0
        var p50 = Rank(least: 0, greatest: 0), p99 = Rank(least: 0, greatest: 0)

        static func == (a: Window, b: Window) -> Bool { a.start == b.start && a.events == b.events }
        func hash(into hasher: inout Hasher) { hasher.combine(start) }
    }

    struct Totals: Sendable {
        var window = Window()
        var p90 = Rank(least: 0, greatest: 0)
        var outOfOrder = 0, late = 0
        var sessions = 0, sessionEvents = 0, sessionTime = 0
    }

    /// The last action before the first, and the last.
    let first, last: Int
    let configuration: AnalyticsEngine.Configuration

    /// Which actions came in time depends on those before them in the log, and on nothing else.
    private static let inTime = """
        told AS (
            SELECT id, user, kind, item, happened, spent,
                max(happened) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest
            FROM actions WHERE id > :first AND id <= :last),
        inTime AS (SELECT * FROM told WHERE latest IS NULL OR happened >= latest - :lateness)
        """

    /// Each action in each window that it is in.
    private static let placed = """
        WITH RECURSIVE \(inTime),
        panes(pane) AS (SELECT 0 UNION ALL SELECT pane + 1 FROM panes WHERE pane + 1 < :panes),
        placed AS (SELECT (happened / :slide - pane) * :slide AS start, * FROM inTime, panes)
        """

    private var arguments: [String: Int] {
        ["first": first, "last": last, "lateness": configuration.lateness.wholeMilliseconds]
    }

    private func fetch(_ database: Database, _ sql: String, _ more: [String: Int] = [:]) throws -> [Row] {
        let arguments = arguments.merging(more) { _, new in new }
        return try Row.fetchAll(database, sql: sql, arguments: StatementArguments(arguments))
    }

    /// The windows that have events, by their beginning.
    func windows(width: Duration, slide: Duration, in database: Database) throws -> [Window] {
        let slide = slide.wholeMilliseconds
        let shape = ["slide": slide, "panes": width.wholeMilliseconds / slide]
        var windows: [Int: Window] = [:]
        let sums = try fetch(
            database,
            """
            \(Self.placed) SELECT start, count(*) AS events, count(DISTINCT user) AS users, sum(spent) AS spent
            FROM placed GROUP BY start
            """, shape)
        for row in sums {
            let window = Window(
                start: row["start"], events: row["events"], users: row["users"],
                spent: Double(row["spent"] as Int) / 1_000)
            windows[window.start] = window
        }
        let kinds = try fetch(
            database, "\(Self.placed) SELECT start, kind, count(*) AS times FROM placed GROUP BY start, kind", shape)
        for row in kinds { windows[row["start"]]?.kinds[row["kind"]] = row["times"] }
        let items = try fetch(
            database,
            """
            \(Self.placed) SELECT start, item, count(*) AS times FROM placed GROUP BY start, item
            ORDER BY times DESC, item
            """, shape)
        for row in items { windows[row["start"]]?.items.append((row["item"], row["times"])) }
        let ranks = try fetch(
            database,
            """
            \(Self.placed), ranked AS (
                SELECT start, spent, row_number() OVER (PARTITION BY start ORDER BY spent) AS rank,
                    count(*) OVER (PARTITION BY start) AS n FROM placed)
            SELECT start, \(Self.rank(50)), \(Self.rank(99)) FROM ranked GROUP BY start
            """, shape)
        for row in ranks {
            windows[row["start"]]?.p50 = Self.rank(50, row)
            windows[row["start"]]?.p99 = Self.rank(99, row)
        }
        return windows.values.sorted { $0.start < $1.start }
    }

    func totals(in database: Database) throws -> Totals {
        // All of it is one window that begins at 0 and has no end.
        let slide = 1 << 60
        var totals = Totals()
        totals.window =
            try windows(width: .milliseconds(slide), slide: .milliseconds(slide), in: database).first ?? Window()
        let counts = try fetch(
            database,
            """
            WITH \(Self.inTime) SELECT
                (SELECT count(*) FROM told) - (SELECT count(*) FROM inTime) AS late,
                (SELECT count(*) FROM inTime WHERE happened < latest) AS outOfOrder
            """)
        for row in counts { (totals.late, totals.outOfOrder) = (row["late"], row["outOfOrder"]) }
        let ranks = try fetch(
            database,
            """
            WITH \(Self.inTime), ranked AS (
                SELECT spent, row_number() OVER (ORDER BY spent) AS rank, count(*) OVER () AS n FROM inTime)
            SELECT \(Self.rank(90)) FROM ranked
            """)
        for row in ranks where totals.window.events > 0 { totals.p90 = Self.rank(90, row) }
        let sessions = try fetch(
            database,
            """
            WITH \(Self.inTime), gaps AS (
                SELECT happened - lag(happened) OVER (PARTITION BY user ORDER BY happened) AS gap FROM inTime)
            SELECT count(*) AS events, count(*) FILTER (WHERE gap IS NULL OR gap > :gap) AS sessions,
                coalesce(sum(gap) FILTER (WHERE gap <= :gap), 0) AS length FROM gaps
            """, ["gap": configuration.sessionGap.wholeMilliseconds])
        for row in sessions {
            totals.sessions = row["sessions"]
            (totals.sessionEvents, totals.sessionTime) = (row["events"], row["length"])
        }
        return totals
    }

    /// The least and the greatest value about a rank, in columns of their own.
    private static func rank(_ percent: Int) -> String {
        let near = "FILTER (WHERE abs(rank - max(1, (n * \(percent) + 99) / 100)) <= 1)"
        return "min(spent) \(near) AS least\(percent), max(spent) \(near) AS greatest\(percent)"
    }

    private static func rank(_ percent: Int, _ row: Row) -> Rank {
        Rank(
            least: Double(row["least\(percent)"] as Int) / 1_000,
            greatest: Double(row["greatest\(percent)"] as Int) / 1_000)
    }
}
