/// A promise to users: a figure and its limit. Ids and limits are those of the requirements, and of `trivet run`'s
/// documents.
package struct Target: Sendable, Hashable {
    /// How a value is compared with its limit.
    package enum Comparison: String, Sendable, Hashable, Codable {
        case below = "<"
        case atLeast = "≥"
        case atMost = "≤"
        case above = ">"
        case equal = "="

        func holds(_ value: Double, _ limit: Double) -> Bool {
            switch self {
            case .below: value < limit
            case .atLeast: value >= limit
            case .atMost: value <= limit
            case .above: value > limit
            case .equal: value == limit
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

    package init(id: String, summary: String, comparison: Comparison, limit: Double, unit: String) {
        self.id = id
        self.summary = summary
        self.comparison = comparison
        self.limit = limit
        self.unit = unit
    }

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

    package static let crossCoordination = latency(
        "cross.coordination", "one transaction over three stores", below: 500)
    package static let cacheLag = latency("cache.lag", "from a commit to its sight in Redis", below: 100)

    package static let dashboardLatency = latency(
        "dashboard.latency", "from a user's action to its sight on the dashboard", below: 2_000)

    package static let graphConnections = connections("graph.connections", "graph connections in use at once", 50)
    package static let redisConnections = connections("redis.connections", "Redis connections in use at once", 100)
    package static let sqliteConnections = connections("sqlite.connections", "SQLite connections in use at once", 30)
    package static let graphMemory = memory("graph.memoryPerConnection", "memory of a graph connection", 10)
    package static let redisMemory = memory("redis.memoryPerConnection", "memory of a Redis connection", 2)
    package static let sqliteMemory = memory("sqlite.memoryPerConnection", "memory of a SQLite connection", 5)

    package static let poolReuse = Target(
        id: "pool.reuse", summary: "acquires served by a connection that was used before", comparison: .above,
        limit: 95,
        unit: "%")
    package static let crossSuccess = Target(
        id: "cross.success", summary: "coordinated transactions that succeed", comparison: .above, limit: 99, unit: "%")
    package static let crossConsistency = Target(
        id: "cross.consistency", summary: "entities that are the same in all stores", comparison: .atLeast, limit: 100,
        unit: "%")
    package static let recovery = Target(
        id: "recovery", summary: "from the end of a fault to all stores agreeing", comparison: .below, limit: 10,
        unit: "s")

    package static let memoryGrowth = Target(
        id: "memory.growth", summary: "memory that a long run takes and doesn't give back", comparison: .below,
        limit: 200, unit: "MB")

    package static let analyticsConsistency = Target(
        id: "user-analytics.consistency", summary: "streamed results that SQL confirms", comparison: .atLeast,
        limit: 100,
        unit: "%")
    package static let latencyDrift = Target(
        id: "sustained.drift", summary: "latency in the run's last third against its first", comparison: .below,
        limit: 1.5, unit: "×")

    private static func connections(_ id: String, _ summary: String, _ limit: Double) -> Target {
        Target(id: id, summary: summary, comparison: .atLeast, limit: limit, unit: "")
    }

    private static func memory(_ id: String, _ summary: String, _ limit: Double) -> Target {
        Target(id: id, summary: summary, comparison: .atMost, limit: limit, unit: "MB")
    }

    /// Those that operations of a scenario's file may be samples of, by their latency.
    package static let latencies = [
        graphQuery, graphConnect, redisOperation, redisPipeline, sqliteTransaction, sqliteQuery, crossCoordination,
    ]

    static func named(_ id: String) -> Target? { latencies.first { $0.id == id } }

    package static let historyAnomalies = Target(
        id: "history.anomalies", summary: "what no serial order explains", comparison: .atMost, limit: 0, unit: "")
    package static let crashViolations = Target(
        id: "crash.violations", summary: "promises that a crash has broken", comparison: .atMost, limit: 0, unit: "")
}
