import GraphClient
import Logging
import Metrics
import Pooling
import RedisClient
import Threads

/// The configured stores, all open; or none.
struct OpenStores: Sendable {
    private(set) var sqlite: SQLitePool?
    private(set) var graph: GraphPool?
    private(set) var redis: RedisPool?
    private(set) var redisCluster: RedisClusterPool?

    private enum Opened: Sendable {
        case sqlite(SQLitePool)
        case graph(GraphPool)
        case redis(RedisPool)
        case cluster(RedisClusterPool)
        case failed(PoolManagerError.Failure)
    }

    /// In the order of ``StoreKind``.
    var all: [any StorePools] {
        let pools: [(any StorePools)?] = [sqlite, graph, redis, redisCluster]
        return pools.compactMap { $0 }
    }

    /// - Parameter lane: where the writers of SQLite and of the graph live; nil for a thread each.
    /// - Throws: ``PoolManagerError`` after what was opened has been closed.
    init(_ configuration: StoresConfiguration, lane: ThreadExecutor?, factory: any MetricsFactory, logger: Logger)
        async throws(PoolManagerError)
    {
        // Nobody listens to a back end that does nothing: then the pools need not tell.
        let observers = PoolMetrics.observers(factory)
        let results = await withTaskGroup(of: Opened.self) { group in
            let opener = StoreOpener(lane: lane, observers: observers, logger: logger)
            if let sqlite = configuration.sqlite {
                group.addTask { await Self.attempt(.sqlite) { .sqlite(try await opener.open(sqlite)) } }
            }
            if let graph = configuration.graph {
                group.addTask { await Self.attempt(.graph) { .graph(try await opener.open(graph)) } }
            }
            switch configuration.redis {
            case .server(let endpoint, let pool):
                group.addTask { await Self.attempt(.redis) { .redis(try opener.open(endpoint, pool)) } }
            case .cluster(let seeds, let pool):
                group.addTask { await Self.attempt(.redis) { .cluster(try opener.open(seeds, pool)) } }
            case nil: break
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var failures: [PoolManagerError.Failure] = []
        for result in results {
            switch result {
            case .sqlite(let pool): sqlite = pool
            case .graph(let pool): graph = pool
            case .redis(let pool): redis = pool
            case .cluster(let pool): redisCluster = pool
            case .failed(let failure): failures.append(failure)
            }
        }
        failures += await answers(within: configuration.openTimeout)
        guard !failures.isEmpty else { return }
        await close()
        let failed = Set(failures.map(\.store))
        throw .openFailed(
            failures.sorted { $0.store.rawValue < $1.store.rawValue },
            opened: all.map(\.kind).filter { !failed.contains($0) })
    }

    private static func attempt(_ store: StoreKind, _ open: () async throws -> Opened) async -> Opened {
        do {
            return try await open()
        } catch {
            return .failed(PoolManagerError.Failure(store: store, error: error))
        }
    }

    /// Lets every store answer once, all at the same time.
    private func answers(within limit: Duration) async -> [PoolManagerError.Failure] {
        await withTaskGroup(of: PoolManagerError.Failure?.self) { group in
            for store in all {
                group.addTask {
                    guard let reason = await Self.failure(of: store, within: limit) else { return nil }
                    return PoolManagerError.Failure(store: store.kind, error: reason)
                }
            }
            return await group.reduce(into: []) { if let failure = $1 { $0.append(failure) } }
        }
    }

    /// Nil as soon as the store answers. A server that is not up yet has until the limit; one that refuses us will not change its mind.
    private static func failure(of store: any StorePools, within limit: Duration) async -> (any Error)? {
        store.start()
        return await withTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                let (result, statuses) = await StoreProbe(store, limit: limit).run()
                return NoAnswer(result, statuses)
            }
            group.addTask {
                while !Task.isCancelled {
                    let errors = store.statuses.lazy.compactMap { $0.status.lastConnectFailure?.error as? RedisError }
                    let refusal = errors.first { Self.refusals.contains($0.code) }
                    if let refusal { return refusal }
                    try? await Task.sleep(for: .milliseconds(10))
                }
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static let refusals: Set<RedisError.Code> = [.authenticationFailed, .tlsFailed, .notRedis]

    /// Nobody uses anything yet, so there is nothing to wait for.
    func close() async {
        await withTaskGroup(of: Void.self) { group in
            for store in all { group.addTask { _ = await store.shutdown(within: .seconds(1)) } }
        }
    }
}

private struct StoreOpener: Sendable {
    let lane: ThreadExecutor?
    let observers: PoolObservers?
    let logger: Logger

    func open(_ sqlite: StoresConfiguration.SQLite) async throws -> SQLitePool {
        try await SQLitePool.open(
            at: sqlite.path, configuration: sqlite.pool, observers: observers, logger: logger, lane: lane)
    }

    func open(_ graph: StoresConfiguration.Graph) async throws -> GraphPool {
        let engine = try await onThread { try GraphEngine.load(forDatabaseAt: graph.path, graph.engine) }
        return try await GraphPool.open(
            at: graph.path, configuration: graph.pool, engine: engine, observers: observers, logger: logger, lane: lane)
    }

    func open(_ endpoint: RedisEndpoint, _ pool: RedisPoolConfiguration) throws -> RedisPool {
        try RedisPool(to: endpoint, configuration: pool, observers: observers, logger: logger)
    }

    func open(_ seeds: [RedisEndpoint], _ pool: RedisClusterPoolConfiguration) throws -> RedisClusterPool {
        try RedisClusterPool(seeds: seeds, configuration: pool, observers: observers, logger: logger)
    }
}

/// A store that could be opened does not answer.
private struct NoAnswer: Error, CustomStringConvertible {
    let description: String

    /// Nil if it did answer.
    init?(_ probe: HealthMachine.Probe, _ pools: [NamedPoolStatus]) {
        switch probe {
        case .worked: return nil
        case .failed(let error): description = error
        case .unanswered(let limit):
            let failure = pools.lazy.compactMap(\.status.lastConnectFailure).first
            let cause = failure.map { " The last attempt to connect: \($0)" } ?? ""
            description = "it did not answer within \(limit.rounded) (openTimeout).\(cause)"
        }
    }
}
