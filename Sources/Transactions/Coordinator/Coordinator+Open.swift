import Failpoints
public import GraphClient
public import Logging
import Measurement
public import Metrics
public import RedisClient
public import Stores
import Threads

extension Coordinator {
    /// Opens SQLite and the graph, recovers the three stores, and coordinates them.
    ///
    /// The pools are the coordinator's: their writers live on its thread, and ``close(within:)`` does not close them;
    /// ``withCoordinator(sqlite:graph:redis:configuration:sqliteConfiguration:graphConfiguration:graphEngine:logger:metrics:_:)`` does.
    /// - Parameters:
    ///   - sqlite: the path of the database whose commit decides.
    ///   - graph: the graph's path; nil for none.
    ///   - redis: anything that takes commands, best a ``RedisPool``; nil for none.
    ///   - graphEngine: what runs the graph; by default, what `GraphEngine.load(forDatabaseAt:_:)` finds.
    ///   - metrics: the back end of swift-metrics, for the two pools and the transactions; nil for the one that the application bootstrapped.
    /// - Throws: ``TransactionError``: `locked` when another coordinator works with these stores, `foreignStore` when
    ///   they don't belong together; what the pools throw.
    public static func open(
        sqlite: String, graph: String? = nil, redis: (any RedisCommands)? = nil,
        configuration: CoordinatorConfiguration = CoordinatorConfiguration(),
        sqliteConfiguration: SQLitePoolConfiguration = SQLitePoolConfiguration(),
        graphConfiguration: GraphPoolConfiguration = GraphPoolConfiguration(), graphEngine: GraphEngine? = nil,
        logger: Logger = Logger(label: "trivet.coordinator"), metrics: (any MetricsFactory)? = nil
    ) async throws -> Coordinator {
        let observation = TransactionObservation(metrics ?? MetricsSystem.factory, logger: logger)
        let lock = try CoordinatorLock(forDatabaseAt: sqlite)
        Failpoint.openLocked.pass()
        return try await withLane { lane in
            let records = try await SQLitePool.open(
                at: sqlite, configuration: sqliteConfiguration, observers: observation.pools, logger: logger, lane: lane
            )
            do {
                var graphPool: GraphPool?
                if let graph {
                    graphPool = try await GraphPool.open(
                        at: graph, configuration: graphConfiguration, engine: graphEngine,
                        observers: observation.pools, logger: logger, lane: lane)
                }
                do {
                    return try await observation.observeRecovery {
                        try await recover(
                            records, graphPool, redis, configuration: configuration, lane: lane, lock: lock,
                            logger: logger, observation: observation)
                    }
                } catch {
                    await graphPool?.shutdown(within: .seconds(1))
                    throw error
                }
            } catch {
                await records.shutdown(within: .seconds(1))
                throw error
            }
        }
    }

    /// Makes the thread on which writers live. The coordinator ends it; if none comes about, it ends here.
    static func withLane<Value>(_ body: (ThreadExecutor) async throws -> Value) async throws -> Value {
        let lane = ThreadExecutor(name: "trivet-lane")
        do {
            return try await body(lane)
        } catch {
            lane.retire()
            throw error
        }
    }

    static func recover(
        _ sqlite: SQLitePool, _ graph: GraphPool?, _ redis: (any RedisCommands)?,
        configuration: CoordinatorConfiguration, lane: ThreadExecutor, lock: CoordinatorLock, logger: Logger,
        observation: TransactionObservation
    ) async throws -> Coordinator {
        let began = ContinuousClock.now
        var cache: (@Sendable (Journal.Meta) -> any CacheParticipant)?
        if let redis {
            cache = {
                RedisParticipant(redis: redis, identity: $0.identity, epoch: $0.epoch, opened: $0.lastNumber)
            }
        }
        let recovery = Recovery(
            lane: lane, decision: SQLiteParticipant(sqlite, retention: Journal.Retention(configuration)),
            graph: graph.map(KuzuParticipant.init), cache: cache, configuration: configuration, logger: logger)
        Failpoint.openStores.pass()
        var outcome = try await recovery.run()
        let core = await CoordinatorCore.begin(
            after: recovery, outcome, lane: lane, clock: RealClock(), seed: UInt64.random(in: 0...UInt64.max))
        Failpoint.openDone.pass()
        outcome.report.seconds = (ContinuousClock.now - began) / .seconds(1)
        return Coordinator(
            sqlite: sqlite, graph: graph, core: core, recovery: outcome.report, lock: lock, executor: lane,
            observation: observation)
    }

    /// Opens the stores and coordinates them for the length of `body`, then closes all of it.
    public static func withCoordinator<Value: Sendable>(
        sqlite: String, graph: String? = nil, redis: (any RedisCommands)? = nil,
        configuration: CoordinatorConfiguration = CoordinatorConfiguration(),
        sqliteConfiguration: SQLitePoolConfiguration = SQLitePoolConfiguration(),
        graphConfiguration: GraphPoolConfiguration = GraphPoolConfiguration(), graphEngine: GraphEngine? = nil,
        logger: Logger = Logger(label: "trivet.coordinator"), metrics: (any MetricsFactory)? = nil,
        _ body: (Coordinator) async throws -> Value
    ) async throws -> Value {
        let coordinator = try await open(
            sqlite: sqlite, graph: graph, redis: redis, configuration: configuration,
            sqliteConfiguration: sqliteConfiguration, graphConfiguration: graphConfiguration, graphEngine: graphEngine,
            logger: logger, metrics: metrics)
        do {
            let value = try await body(coordinator)
            await coordinator.closeAll()
            return value
        } catch {
            await coordinator.closeAll()
            throw error
        }
    }

    /// Closes the coordinator and its two pools.
    package func closeAll() async {
        await close()
        await graph?.shutdown(within: .seconds(10))
        await sqlite.shutdown(within: .seconds(10))
    }
}
