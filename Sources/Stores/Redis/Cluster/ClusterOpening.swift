import Logging
import Pooling
import RedisClient

/// Finds the cluster when it is first needed, and keeps trying as long as someone waits for it. One attempt at a time, with pauses that
/// grow and are random.
final class ClusterOpening: Sendable {
    /// A cluster that has been found.
    struct Open: Sendable {
        let client: RedisClusterClient
        let nodes: RedisNodePools
    }

    private struct State: Sendable {
        var open: Open?
        var isOpening = false
        var isClosed = false
        var waiting = 0
        var failures = 0
        var lastFailure: RedisError?
        var pausesUntil = ContinuousClock.now
        var shares: NodeShares
    }

    let name: String
    private let seeds: [RedisEndpoint]
    private let configuration: RedisClusterPoolConfiguration
    private let observers: PoolObservers?
    private let logger: Logger
    private let state: PoolLock<State>
    private let changed = Signal()

    init(
        name: String, seeds: [RedisEndpoint], configuration: RedisClusterPoolConfiguration, observers: PoolObservers?,
        logger: Logger
    ) {
        self.name = name
        self.seeds = seeds
        self.configuration = configuration
        self.observers = observers
        self.logger = logger
        state = PoolLock(
            State(shares: NodeShares(minimum: configuration.pool.minimumSize, maximum: configuration.pool.maximumSize)))
    }

    /// The cluster, if it has been found and the pool has not ended.
    var current: Open? { state.withLock { $0.isClosed ? nil : $0.open } }

    var shares: NodeShares { state.withLock { $0.shares } }

    /// As many as there are, or, before anything is known, as many as were named.
    var nodes: Int { current.map { $0.nodes.count } ?? seeds.count }

    func setLimit(_ limit: Int) {
        let (open, shares) = state.withLock { state in
            state.shares.limit = limit
            return (state.open, state.shares)
        }
        open?.nodes.setShares(shares)
    }

    /// The cluster; waits until it is found.
    ///
    /// - Parameter limit: until when to wait; nil for the pool's acquire timeout alone.
    func cluster(until limit: ContinuousClock.Instant?) async throws(RedisError) -> Open {
        if let current { return current }
        let start = ContinuousClock.now
        let limit = [limit, configuration.pool.acquireTimeout.map { start + $0 }].compactMap { $0 }.min()
        state.withLock { $0.waiting += 1 }
        defer { state.withLock { $0.waiting -= 1 } }
        while true {
            let seen = changed.generation
            let (open, isClosed, failure) = state.withLock { ($0.open, $0.isClosed, $0.lastFailure) }
            if isClosed { throw .closed(pool: name, nil) }
            if let open { return open }
            // Waiting does not mend these.
            if let failure, failure.code == .authenticationFailed || failure.code == .notRedis { throw retry(failure) }
            if Task.isCancelled { throw .noConnection(CancellationError(), seeds.first) }
            if let limit, ContinuousClock.now >= limit { throw timedOut(failure, after: .now - start) }
            begin()
            await changed.wait(after: seen, until: limit)
        }
    }

    /// Lets the next caller try again, and passes the error on.
    private func retry(_ failure: RedisError) -> RedisError {
        state.withLock { $0.lastFailure = nil }
        return failure
    }

    private func timedOut(_ failure: RedisError?, after waited: Duration) -> RedisError {
        guard let failure else {
            return RedisError(
                .connectTimeout, "pool \(name): no seed node told the topology within \(waited)",
                remedy: "Check whether the nodes are frozen or overloaded, and whether a firewall drops packets.",
                endpoint: seeds.first)
        }
        return RedisError(
            failure.code,
            "pool \(name): the cluster was not found within \(waited); the last attempt: \(failure.message)",
            remedy: failure.remedy, reply: failure.reply, endpoint: failure.endpoint, underlying: failure)
    }

    /// Begins to look for the cluster, if nobody does. Belongs to no task: what one asked for serves all.
    func begin() {
        let begins = state.withLock { state in
            guard !state.isClosed, state.open == nil, !state.isOpening else { return false }
            state.isOpening = true
            return true
        }
        if begins { Task.detached { await self.look() } }
    }

    private func look() async {
        let (pause, failures) = state.withLock { ($0.pausesUntil, $0.failures) }
        // An outage is told once, and not by the pools of each attempt.
        var logger = logger
        if failures > 0 { logger.logLevel = max(logger.logLevel, .notice) }
        try? await Task.sleep(until: pause, clock: .continuous)
        let result: Result<Open, RedisError>
        do throws(RedisError) {
            let nodes = PoolLock<RedisNodePools?>(nil)
            let client = try await RedisClusterClient.connect(
                seeds: seeds, configuration: configuration.cluster, logger: logger
            ) { [logger] connector in
                let made = self.makeNodes(connector, logger)
                nodes.withLock { $0 = made }
                return made
            }
            guard let nodes = nodes.withLock({ $0 }) else { throw .closed(pool: name, nil) }
            result = .success(Open(client: client, nodes: nodes))
        } catch {
            result = .failure(error)
        }
        let superfluous = state.withLock { state -> Open? in
            state.isOpening = false
            switch result {
            case .success(let open):
                if state.isClosed { return open }
                state.open = open
                state.failures = 0
                state.lastFailure = nil
            case .failure(let error):
                state.lastFailure = error
                state.failures += 1
                let full = min(
                    configuration.pool.connectBackOff * (1 << min(state.failures - 1, 20)),
                    configuration.pool.maximumConnectBackOff)
                state.pausesUntil = .now + full * Double.random(in: 0.5...1)
            }
            return nil
        }
        changed.fire()
        // The limit may have changed since they were made.
        current?.nodes.setShares(shares)
        await superfluous?.client.close()
    }

    private func makeNodes(_ connector: RedisNodeConnector, _ logger: Logger) -> RedisNodePools {
        RedisNodePools(
            name: name, connector: connector, configuration: configuration, shares: shares, observers: observers,
            logger: logger)
    }

    func shutdown(within limit: Duration?) async -> PoolDrainReport {
        let open = state.withLock { state in
            state.isClosed = true
            return state.open
        }
        changed.fire()
        guard let open else { return PoolDrainReport() }
        let report = await open.nodes.shutdown(within: limit)
        await open.client.close()
        return report
    }
}
