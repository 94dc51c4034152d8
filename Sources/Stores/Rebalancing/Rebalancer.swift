import Logging
import Metrics
import Synchronization

/// Lets the policy look at live stores, sets the limits that it decides, and logs and counts each move (P7).
final class Rebalancer: Sendable {
    private struct State: Sendable {
        var policy: RebalancingPolicy
        var totals: [StoreKind: LoadTotals] = [:]
        var summary = RebalancingSummary()
        var counters: [RebalancingMove.Kind: MoveCounters] = [:]
    }

    /// How many of the last moves are kept for status.
    static let memory = 20

    let budget: Int
    private let stores: [any StorePools]
    private let configuration: RebalancingConfiguration
    private let isDown: @Sendable (StoreKind) -> Bool
    private let factory: any MetricsFactory
    private let logger: Logger
    private let state: Mutex<State>

    init(
        _ stores: [any StorePools], budget: Int, configuration: RebalancingConfiguration, factory: any MetricsFactory,
        logger: Logger, isDown: @escaping @Sendable (StoreKind) -> Bool
    ) {
        self.stores = stores
        self.budget = budget
        self.configuration = configuration
        self.factory = factory
        self.logger = logger
        self.isDown = isDown
        state = Mutex(State(policy: RebalancingPolicy(configuration: configuration, budget: budget)))
    }

    var summary: RebalancingSummary { state.withLock(\.summary) }

    /// Looks at an interval; returns when the task is cancelled.
    func run() async {
        let start = ContinuousClock.now
        while !Task.isCancelled {
            look(now: ContinuousClock.now - start)
            try? await Task.sleep(for: configuration.interval)
        }
    }

    /// One look.
    func look(now: Duration) {
        let moves = state.withLock { state -> [RebalancingMove] in
            let loads = stores.map { load(of: $0, &state) }
            let outcome = state.policy.look(at: loads, now: now)
            for change in outcome.limits {
                // What goes up counts on what went down before it.
                guard set(change.limit, of: change.store) else { break }
            }
            for move in outcome.moves {
                state.summary.note(move)
                state.counters[move.kind, default: MoveCounters(move.kind, factory)].count(move)
            }
            return outcome.moves
        }
        for move in moves {
            logger.info(
                "moving connections between stores",
                metadata: [
                    "from": "\(move.from?.rawValue ?? "unused")", "to": "\(move.to.rawValue)",
                    "count": "\(move.count)", "reason": "\(move.reason.rawValue)", "detail": "\(move.detail)",
                ])
        }
    }

    private func load(of store: any StorePools, _ state: inout State) -> StoreLoad {
        let statuses = store.statuses
        defer { state.totals[store.kind] = LoadTotals(statuses) }
        return StoreLoad(
            store: store.kind, limit: store.connectionLimit, bounds: store.connectionBounds, statuses: statuses,
            before: state.totals[store.kind] ?? LoadTotals(statuses), isDown: isDown(store.kind))
    }

    private func set(_ limit: Int, of kind: StoreKind) -> Bool {
        guard let store = stores.first(where: { $0.kind == kind }) else { return false }
        do {
            try store.setConnectionLimit(limit)
            return true
        } catch {
            // The next look finds the limit as it was, and decides again.
            logger.error(
                "a store refused its new connection limit",
                metadata: ["store": "\(kind.rawValue)", "limit": "\(limit)", "error": "\(error)"])
            return false
        }
    }
}

/// What has been moved so far.
public struct RebalancingSummary: Sendable, Hashable, Codable {
    /// Decisions to move connections.
    public internal(set) var moves = 0
    /// The connections of those moves.
    public internal(set) var connections = 0
    /// The last moves, up to 20, the newest last.
    public internal(set) var last: [RebalancingMove] = []

    mutating func note(_ move: RebalancingMove) {
        moves += 1
        connections += move.count
        if last.count == Rebalancer.memory { last.removeFirst() }
        last.append(move)
    }
}

extension RebalancingMove {
    /// What its counters are told apart by.
    fileprivate struct Kind: Hashable {
        var from: StoreKind?
        var to: StoreKind
        var reason: Reason
    }

    fileprivate var kind: Kind { Kind(from: from, to: to, reason: reason) }
}

private struct MoveCounters: Sendable {
    let moves: Counter
    let connections: Counter

    init(_ kind: RebalancingMove.Kind, _ factory: any MetricsFactory) {
        let values = [kind.from?.rawValue ?? "unused", kind.to.rawValue, kind.reason.rawValue]
        moves = StoreMetric.rebalancingMoves.counter(values, factory)
        connections = StoreMetric.rebalancedConnections.counter(values, factory)
    }

    func count(_ move: RebalancingMove) {
        moves.increment()
        connections.increment(by: move.count)
    }
}
