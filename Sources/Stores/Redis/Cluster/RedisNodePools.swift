import Logging
import Pooling
import RedisClient

/// A cluster's pools, one for each node: made when a node is first used, ended when it has left the cluster.
final class RedisNodePools: RedisNodeConnections {
    private enum Place: Sendable {
        /// Someone makes it just now.
        case making
        case ready(RedisNodePool)
    }

    private struct State: Sendable {
        var places: [RedisClusterNode: Place] = [:]
        var shares: NodeShares
        var isClosed = false

        var pools: [RedisNodePool] {
            places.values.compactMap { if case .ready(let pool) = $0 { pool } else { nil } }
        }
    }

    private enum Step {
        case use(RedisNodePool)
        case make(NodeShares, nodes: Int)
        case wait
        case refuse
    }

    let name: String
    private let connector: RedisNodeConnector
    private let configuration: RedisClusterPoolConfiguration
    private let observers: PoolObservers?
    private let logger: Logger
    private let state: PoolLock<State>
    private let changed = Signal()

    init(
        name: String, connector: RedisNodeConnector, configuration: RedisClusterPoolConfiguration, shares: NodeShares,
        observers: PoolObservers?, logger: Logger
    ) {
        self.name = name
        self.connector = connector
        self.configuration = configuration
        self.observers = observers
        self.logger = logger
        state = PoolLock(State(shares: shares))
    }

    // MARK: Connections

    func withConnection<Value: Sendable>(
        to node: RedisClusterNode, isBlocking: Bool, deadline: ContinuousClock.Instant,
        _ body: @Sendable (RedisConnection) async -> Value
    ) async throws(RedisError) -> Value {
        let pool = try await pool(of: node)
        return isBlocking
            ? try await pool.withExclusive(until: deadline, body) : try await pool.withShared(until: deadline, body)
    }

    /// The pool of a node, which is made if there is none.
    func pool(of node: RedisClusterNode) async throws(RedisError) -> RedisNodePool {
        while true {
            let seen = changed.generation
            let step: Step = state.withLock { state in
                guard !state.isClosed else { return .refuse }
                switch state.places[node] {
                case .ready(let pool): return .use(pool)
                case .making: return .wait
                case nil:
                    state.places[node] = .making
                    return .make(state.shares, nodes: state.places.count)
                }
            }
            switch step {
            case .use(let pool): return pool
            case .refuse: throw .closed(pool: name, node.endpoint)
            case .wait: await changed.wait(after: seen, until: nil)
            case .make(let shares, let nodes): return try make(node, shares, nodes: nodes)
            }
            if Task.isCancelled { throw .noConnection(CancellationError(), node.endpoint) }
        }
    }

    private func make(
        _ node: RedisClusterNode, _ shares: NodeShares, nodes: Int
    ) throws(RedisError) -> RedisNodePool {
        let name = "\(name).\(node.endpoint)\(node.isReplica ? ".replica" : "")"
        var sizes = configuration.pool
        (sizes.minimumSize, sizes.maximumSize) = shares.share(nodes: nodes)
        let made: Result<RedisNodePool, PoolError>
        do throws(PoolError) {
            let pool = try RedisNodePool(
                name: name, endpoint: node.endpoint, configuration: sizes, sharing: configuration.sharing,
                failsWhenUnreachable: true, observer: observers?(name), logger: logger
            ) { [connector] in
                try await connector.connect(to: node)
            }
            made = .success(pool)
        } catch {
            made = .failure(error)
        }
        let isClosed = state.withLock { state in
            state.places[node] = state.isClosed ? nil : (try? made.get()).map { .ready($0) }
            return state.isClosed
        }
        changed.fire()
        divide()
        if isClosed { throw .closed(pool: self.name, node.endpoint) }
        switch made {
        case .success(let pool): return pool
        case .failure(let error): throw .noConnection(error, node.endpoint)
        }
    }

    // MARK: Nodes and sizes

    func keep(_ endpoints: Set<RedisEndpoint>) {
        let leaving = state.withLock { state in
            var leaving: [RedisNodePool] = []
            for (node, place) in state.places where !endpoints.contains(node.endpoint) {
                guard case .ready(let pool) = place else { continue }
                leaving.append(pool)
                state.places[node] = nil
            }
            return leaving
        }
        guard !leaving.isEmpty else { return }
        divide()
        for pool in leaving {
            logger.debug("a node has left the cluster", metadata: ["pool": "\(pool.name)"])
            Task.detached { await pool.shutdown(within: nil) }
        }
    }

    /// Gives each pool its share of the connections.
    private func divide() {
        let (pools, share) = state.withLock { ($0.pools, $0.shares.share(nodes: $0.places.count)) }
        for pool in pools {
            let status = pool.pool.status
            guard status.minimum != share.minimum || status.maximum != share.maximum else { continue }
            do throws(PoolError) {
                try pool.resize(minimum: share.minimum, maximum: share.maximum)
            } catch {
                logger.error("a node's share of connections is impossible", metadata: ["error": "\(error)"])
            }
        }
    }

    func setShares(_ shares: NodeShares) {
        state.withLock { $0.shares = shares }
        divide()
    }

    var count: Int { state.withLock { $0.places.count } }

    /// In the order of their names.
    var pools: [RedisNodePool] { state.withLock { $0.pools }.sorted { $0.name < $1.name } }

    // MARK: The end

    /// Ends all pools, at the same time.
    func shutdown(within limit: Duration?) async -> PoolDrainReport {
        let pools = state.withLock { state in
            state.isClosed = true
            defer { state.places = [:] }
            return state.pools
        }
        changed.fire()
        return await withTaskGroup(of: PoolDrainReport.self) { group in
            for pool in pools {
                group.addTask { await pool.shutdown(within: limit) }
            }
            var total = PoolDrainReport()
            for await report in group {
                total.remainingHolders += report.remainingHolders
                total.refusedWaiters += report.refusedWaiters
                total.unfinishedOperations += report.unfinishedOperations
            }
            total.remainingHolders.sort { $0.age > $1.age }
            return total
        }
    }

    /// Ends all pools at once: whoever closes the client has drained them before, or does not want to.
    func close() async {
        _ = await shutdown(within: .zero)
    }
}
