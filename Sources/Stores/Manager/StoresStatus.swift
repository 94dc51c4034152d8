public import Foundation
import Pooling

/// Everything that a ``PoolManager`` knows at one moment: for dashboards, tools and bug reports.
public struct StoresStatus: Sendable, Hashable, Codable {
    /// One store.
    public struct Store: Sendable, Hashable, Codable {
        /// Which one.
        public let kind: StoreKind
        /// Its health.
        public let health: StoreHealth
        /// How many connections it may have, all its pools together.
        public let limit: Int
        /// The least and the most that the limit can be.
        public let minimumLimit, maximumLimit: Int
        /// Its pools.
        public let pools: [Pool]
    }

    /// One pool's counts; totals are since it was made.
    public struct Pool: Sendable, Hashable, Codable {
        /// Its name in errors, logs and metrics.
        public let name: String
        /// `running`, `draining` or `closed`.
        public let phase: String
        /// Connections by what they do.
        public let idle, used, opening, checking, closing: Int
        /// Tasks that wait for a connection.
        public let waiting: Int
        /// Its bounds at the moment.
        public let minimum, maximum: Int
        /// Totals: handed out; of those used before; opened; attempts that failed; closed; acquires that timed out; held too long.
        public let acquired, reused, opened, openFailures, closed, timeouts, leaks: Int
        /// Totals: how long tasks have waited, and held connections.
        public let waitedSeconds, heldSeconds: Double
        /// The last failure to connect, if connecting has not worked since.
        public let connectFailure: String?
    }

    /// When.
    public let date: Date
    /// The worst of the stores' states.
    public let overall: HealthState
    /// The most connections of all stores together; nil without a budget.
    public let connectionBudget: Int?
    /// What has been moved between stores.
    public let rebalancing: RebalancingSummary
    /// The configured stores.
    public let stores: [Store]
}

extension StoresStatus.Pool {
    init(_ pool: NamedPoolStatus) {
        let status = pool.status, counters = status.counters
        self.init(
            name: pool.name, phase: status.phase.rawValue, idle: status.idle, used: status.leased,
            opening: status.opening, checking: status.checking, closing: status.closing, waiting: status.waiting,
            minimum: status.minimum, maximum: status.maximum, acquired: counters.acquired, reused: counters.reused,
            opened: counters.opened, openFailures: counters.openFailed, closed: counters.closed,
            timeouts: counters.timedOut, leaks: counters.leaks, waitedSeconds: counters.waitTime / .seconds(1),
            heldSeconds: counters.holdTime / .seconds(1),
            connectFailure: status.connectFailuresInARow > 0 ? status.lastConnectFailure?.description : nil)
    }
}
