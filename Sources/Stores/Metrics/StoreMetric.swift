/// A metric that pools and their manager emit (M1): its name, its unit, what it means.
///
/// Names that begin with `db.client.connection` are those of OpenTelemetry's semantic conventions for database clients; where these have
/// none, ours begin with `trivet`.
public struct StoreMetric: Sendable, Hashable {
    /// The kinds, as swift-metrics has them.
    public enum Kind: String, Sendable, Hashable {
        /// Only grows: a `Counter`.
        case counter
        /// A value at a moment: a `Meter`, set at an interval.
        case gauge
        /// Durations: a `Timer`.
        case timer
        /// Values of which their distribution says more than the last one: a `Recorder` that aggregates.
        case recorder
    }

    /// The label.
    public let name: String
    /// The kind.
    public let kind: Kind
    /// What is counted, in UCUM notation as OpenTelemetry writes it. swift-metrics takes durations in nanoseconds; seconds are the unit
    /// that is asked of the back end.
    public let unit: String
    /// The names of its dimensions.
    public let dimensions: [String]
    /// What it means.
    public let meaning: String

    package init(_ name: String, _ kind: Kind, _ unit: String, _ dimensions: [String], _ meaning: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.dimensions = dimensions
        self.meaning = meaning
    }
}

extension StoreMetric {
    /// The dimensions.
    enum Dimension {
        static let pool = "db.client.connection.pool.name"
        static let state = "db.client.connection.state"
        static let reason = "trivet.reason"
        static let store = "trivet.store"
        static let system = "db.system.name"
        static let operation = "db.operation.name"
        static let error = "error.type"
        static let from = "trivet.from"
        static let to = "trivet.to"
    }

    /// Connections by state.
    public static let count = StoreMetric(
        "db.client.connection.count", .gauge, "{connection}", [Dimension.state, Dimension.pool],
        "connections that are `idle` or `used`; those being opened, probed or closed are neither")
    /// The most idle connections.
    public static let idleMaximum = StoreMetric(
        "db.client.connection.idle.max", .gauge, "{connection}", [Dimension.pool],
        "the most idle connections that are allowed: the pool's maximum")
    /// The least connections.
    public static let idleMinimum = StoreMetric(
        "db.client.connection.idle.min", .gauge, "{connection}", [Dimension.pool], "connections that are kept open")
    /// The most connections.
    public static let maximum = StoreMetric(
        "db.client.connection.max", .gauge, "{connection}", [Dimension.pool],
        "the most connections that are allowed at the moment; rebalancing changes it")
    /// Waiting tasks.
    public static let pendingRequests = StoreMetric(
        "db.client.connection.pending_requests", .gauge, "{request}", [Dimension.pool],
        "tasks that wait for a connection")
    /// Acquires that timed out.
    public static let timeouts = StoreMetric(
        "db.client.connection.timeouts", .counter, "{timeout}", [Dimension.pool],
        "tasks that got no connection within their time limit")
    /// How long connecting takes.
    public static let createTime = StoreMetric(
        "db.client.connection.create_time", .timer, "s", [Dimension.pool], "how long opening a connection took")
    /// How long tasks wait.
    public static let waitTime = StoreMetric(
        "db.client.connection.wait_time", .timer, "s", [Dimension.pool],
        "how long a task waited until it had a connection; zero when one was idle")
    /// How long connections are held.
    public static let useTime = StoreMetric(
        "db.client.connection.use_time", .timer, "s", [Dimension.pool], "how long a connection was held")
    /// How long operations take.
    public static let operationDuration = StoreMetric(
        "db.client.operation.duration", .timer, "s",
        [Dimension.system, Dimension.operation, Dimension.error, Dimension.pool],
        "how long an operation took, the wait for its connection included; `error.type` is empty when it succeeded")
    /// Failures to connect.
    public static let createFailures = StoreMetric(
        "trivet.client.connection.create_failures", .counter, "{failure}", [Dimension.pool],
        "attempts to open a connection that failed")
    /// Closed connections.
    public static let closed = StoreMetric(
        "trivet.client.connection.closed", .counter, "{connection}", [Dimension.reason, Dimension.pool],
        "connections that the pool closed: `idleTimeout`, `expired`, `broken`, `excess`, `shutdown`")
    /// Leases held too long.
    public static let leaks = StoreMetric(
        "trivet.client.connection.leaks", .counter, "{connection}", [Dimension.pool],
        "connections held for longer than the leak threshold; the log says where each was acquired")
    /// Reuse.
    public static let reuseRatio = StoreMetric(
        "trivet.client.connection.reuse_ratio", .gauge, "1", [Dimension.pool],
        "the part of all acquires that got a connection used before, 0 to 1")
    /// A store's limit.
    public static let storeLimit = StoreMetric(
        "trivet.store.connection.limit", .gauge, "{connection}", [Dimension.store],
        "how many connections the store may have, all its pools together")
    /// A store's health.
    public static let storeHealth = StoreMetric(
        "trivet.store.health", .gauge, "1", [Dimension.store], "2 healthy, 1 degraded, 0 down")
    /// Decisions to move connections.
    public static let rebalancingMoves = StoreMetric(
        "trivet.rebalancing.moves", .counter, "{move}", [Dimension.from, Dimension.to, Dimension.reason],
        "decisions to move connections: `waiting`, `utilization`, `starvation`, `returned`; from `unused` when no store had them"
    )
    /// Connections moved.
    public static let rebalancedConnections = StoreMetric(
        "trivet.rebalancing.connections", .counter, "{connection}", [Dimension.from, Dimension.to, Dimension.reason],
        "the connections of those moves")

    /// Every metric.
    public static let all: [StoreMetric] = [
        count, idleMaximum, idleMinimum, maximum, pendingRequests, timeouts, createTime, waitTime, useTime,
        operationDuration,
        createFailures, closed, leaks, reuseRatio, storeLimit, storeHealth, rebalancingMoves, rebalancedConnections,
    ]
}

extension StoreMetric {
    /// What every metric means, by its name: for back ends that show it.
    public static let help: [String: String] = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.meaning) })
}
