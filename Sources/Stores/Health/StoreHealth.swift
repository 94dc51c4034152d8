public import Foundation

/// What state a store is in (P6).
public enum HealthState: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// It answers, and nothing is wrong.
    case healthy
    /// It answers, but something is wrong; or it has only just begun to fail or to work again.
    case degraded
    /// It has not answered for several probes.
    case down

    /// Better states come first.
    public static func < (a: HealthState, b: HealthState) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .healthy: 0
        case .degraded: 1
        case .down: 2
        }
    }
}

/// Why a store is not healthy.
public struct HealthReason: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The kinds of reason.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The last probe failed, or was not answered in time.
        case probeFailed
        /// The last probe was slow.
        case slowProbe
        /// A pool can't open connections.
        case connectFailures
        /// Tasks wait long for a connection.
        case longWaits
        /// Acquires ran into their timeout.
        case acquireTimeouts
        /// Every connection is in use, tasks wait, and none has been given back since the last look.
        case exhausted
        /// A connection is held for longer than the leak threshold.
        case heldTooLong
        /// It was down and answers again; it counts as healthy when that has lasted.
        case recovering
    }

    /// The kind.
    public let kind: Kind
    /// The pool that it is about; nil for the store as a whole.
    public let pool: String?
    /// Figures and errors, for people.
    public let detail: String

    /// Kind, pool and detail.
    public var description: String { "\(kind.rawValue)\(pool.map { " in \($0)" } ?? ""): \(detail)" }

    /// Whether it is the same trouble, whatever its figures.
    func isLike(_ other: HealthReason) -> Bool { kind == other.kind && pool == other.pool }
}

/// One store's health.
public struct StoreHealth: Sendable, Hashable, Codable {
    /// The store.
    public let store: StoreKind
    /// Its state.
    public internal(set) var state: HealthState
    /// Since when it is in this state.
    public internal(set) var since: Date
    /// Why it is not healthy; none if it is.
    public internal(set) var reasons: [HealthReason]
    /// How long the last probe took that worked, in seconds; nil before the first.
    public internal(set) var lastProbeSeconds: Double?
}

extension StoreHealth: CustomStringConvertible {
    /// Store, state and reasons in one line.
    public var description: String {
        let reasons = reasons.isEmpty ? "" : " (\(reasons.map(\.description).joined(separator: "; ")))"
        return "\(store.rawValue) \(state.rawValue)\(reasons)"
    }
}

/// The health of all stores (P6).
public struct HealthReport: Sendable, Hashable, Codable {
    /// Each store's, in the order SQLite, graph, Redis.
    public let stores: [StoreHealth]

    /// The worst of the stores' states.
    public var overall: HealthState { stores.map(\.state).max() ?? .healthy }

    /// One store's health; nil if it is not configured.
    public subscript(store: StoreKind) -> StoreHealth? { stores.first { $0.store == store } }
}

/// A change of a store's health, or what it is at the beginning of a subscription.
public struct HealthChange: Sendable, Hashable, Codable {
    /// The store's health from now on: state, reasons, since when.
    public let health: StoreHealth
    /// The state before; nil when this tells how things are, and nothing has changed.
    public let previous: HealthState?
}
