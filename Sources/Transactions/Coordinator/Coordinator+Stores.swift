public import Logging
public import Metrics
public import Stores
import Threads

extension Coordinator {
    /// Opens all stores of a configuration, as ``PoolManager`` does, recovers them, and coordinates them.
    ///
    /// ```swift
    /// let (manager, coordinator) = try await Coordinator.open(configuration, logger: logger)
    /// try await ServiceGroup(services: [manager, coordinator, server], logger: logger).run()
    /// ```
    ///
    /// Here the pools are the manager's: it watches them, and ends them when it is shut down, which comes after the coordinator's end.
    ///
    /// - Parameters:
    ///   - stores: with SQLite, whose commit decides; the graph and Redis may be missing.
    ///   - logger: for the manager and the coordinator.
    ///   - metrics: the back end of swift-metrics, for the pools and the transactions; nil for the one that the application bootstrapped.
    /// - Throws: ``TransactionError`` as the other `open`, and for stores that can't take part: none without SQLite, no cluster; ``PoolManagerError``
    ///   for stores that can't be opened. What was opened has been closed again then.
    public static func open(
        _ stores: StoresConfiguration, configuration: CoordinatorConfiguration = CoordinatorConfiguration(),
        logger: Logger = Logger(label: "trivet.coordinator"), metrics: (any MetricsFactory)? = nil
    ) async throws -> (manager: PoolManager, coordinator: Coordinator) {
        guard let sqlite = stores.sqlite else { throw TransactionError.notConfigured(.sqlite) }
        if case .cluster = stores.redis { throw TransactionError.clusterCannotTakePart }
        let factory = metrics ?? MetricsSystem.factory
        let observation = TransactionObservation(factory, logger: logger)
        let lock = try CoordinatorLock(forDatabaseAt: sqlite.path)
        return try await withLane { lane in
            let manager = try await PoolManager.open(stores, logger: logger, metrics: factory, lane: lane)
            do {
                let coordinator = try await observation.observeRecovery {
                    try await recover(
                        try manager.sqlite, stores.graph == nil ? nil : try manager.graph,
                        stores.redis == nil ? nil : try manager.redis,
                        configuration: configuration, lane: lane, lock: lock, logger: logger, observation: observation)
                }
                return (manager, coordinator)
            } catch {
                await manager.shutdown(within: .seconds(1))
                throw error
            }
        }
    }
}

extension TransactionError {
    fileprivate static var clusterCannotTakePart: TransactionError {
        TransactionError(
            .unsupported, "a Redis cluster can't take part in transactions",
            remedy: "Configure one server (redis.host), or use the cluster without a coordinator.")
    }
}
