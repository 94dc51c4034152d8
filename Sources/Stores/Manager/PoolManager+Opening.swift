public import Logging
public import Metrics
import Threads

extension PoolManager {
    /// Opens all configured stores, at the same time, and waits until each has answered once.
    ///
    /// - Parameters:
    ///   - logger: gets the pools' warnings, changes of health, and moves of connections.
    ///   - metrics: the back end of swift-metrics; nil for the one that the application bootstrapped.
    /// - Throws: ``PoolManagerError``, with what is wrong with which store, after what was opened has been closed again;
    ///   ``StoresConfigurationError`` for intervals and counts that make no sense.
    public static func open(
        _ configuration: StoresConfiguration, logger: Logger = Logger(label: "trivet.stores"),
        metrics: (any MetricsFactory)? = nil
    ) async throws -> PoolManager {
        try await open(configuration, logger: logger, metrics: metrics, lane: nil)
    }

    /// The same, with the writers of SQLite and of the graph on one thread, which they share with others.
    package static func open(
        _ configuration: StoresConfiguration, logger: Logger, metrics: (any MetricsFactory)?, lane: ThreadExecutor?
    ) async throws -> PoolManager {
        try configuration.validate()
        let factory = metrics ?? MetricsSystem.factory
        let stores = try await OpenStores(configuration, lane: lane, factory: factory, logger: logger)
        do {
            return try PoolManager(configuration, stores, factory: factory, logger: logger)
        } catch {
            await stores.close()
            throw error
        }
    }

    /// Runs the closure with a manager that runs, and shuts it down afterwards.
    ///
    /// - Throws: as ``open(_:logger:metrics:)``; what the closure throws.
    public static func withManager<Value>(
        _ configuration: StoresConfiguration, logger: Logger = Logger(label: "trivet.stores"),
        metrics: (any MetricsFactory)? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: (PoolManager) async throws -> sending Value
    ) async throws -> sending Value {
        let manager = try await open(configuration, logger: logger, metrics: metrics)
        // Not a child task: the closure keeps the caller's isolation. It ends below in every case.
        let running = Task { try await manager.run() }
        let value: Value
        do {
            value = try await body(manager)
        } catch {
            await manager.shutdown()
            _ = await running.result
            throw error
        }
        await manager.shutdown()
        _ = await running.result
        return value
    }
}
