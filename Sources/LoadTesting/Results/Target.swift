/// A promise to users: a figure and its limit. Ids and limits are those of the requirements, and of `trivet run`'s documents.
package struct Target: Sendable, Hashable {
    /// How a value is compared with its limit.
    package enum Comparison: String, Sendable, Hashable, Codable {
        case below = "<"
        case atLeast = "≥"
        case atMost = "≤"
        case above = ">"

        func holds(_ value: Double, _ limit: Double) -> Bool {
            switch self {
            case .below: value < limit
            case .atLeast: value >= limit
            case .atMost: value <= limit
            case .above: value > limit
            }
        }
    }

    /// The check's id.
    package let id: String
    /// What it measures, in a few words.
    package let summary: String
    /// How the value is compared.
    package let comparison: Comparison
    /// The limit, in `unit`.
    package let limit: Double
    /// The unit of value and limit.
    package let unit: String

    /// A latency: its 99th percentile in milliseconds has to be below the limit.
    private static func latency(_ id: String, _ summary: String, below limit: Double) -> Target {
        Target(id: id, summary: summary, comparison: .below, limit: limit, unit: "ms")
    }

    package static let graphQuery = latency("graph.query", "complex graph queries", below: 500)
    package static let graphConnect = latency("graph.connect", "opening a graph connection", below: 100)
    package static let redisOperation = latency("redis.operation", "single Redis operations", below: 50)
    package static let redisPipeline = latency("redis.pipeline", "Redis pipelines of 100", below: 100)
    package static let sqliteTransaction = latency("sqlite.transaction", "SQLite commits", below: 100)
    package static let sqliteQuery = latency("sqlite.query", "joins over ≥ 100 000 rows", below: 200)
}
