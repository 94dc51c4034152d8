import Foundation
import Logging
import Metrics
import Pooling
import ServiceLifecycle
import Synchronization

/// Looks after any set of stores: health, rebalancing, gauges, the end. What ``PoolManager`` does, without knowing the stores' kinds.
final class StoreKeeper: Sendable {
    private enum Phase {
        case idle
        case running(AsyncStream<Never>.Continuation)
        case ending(Task<ShutdownReport, Never>)
    }

    let stores: [any StorePools]
    let health: HealthBroadcast
    private let configuration: StoreKeeping
    private let monitor: HealthMonitor
    /// None without a budget.
    private let rebalancer: Rebalancer?
    private let gauges: StoreGauges
    private let logger: Logger
    private let phase = Mutex(Phase.idle)

    /// - Throws: ``PoolManagerError`` when the budget is less than the stores need.
    init(_ stores: [any StorePools], _ configuration: StoreKeeping, factory: any MetricsFactory, logger: Logger) throws
    {
        self.stores = stores
        self.configuration = configuration
        self.logger = logger
        let health = HealthBroadcast(stores.map(\.kind), configuration: configuration.health)
        self.health = health
        monitor = HealthMonitor(stores: stores, configuration: configuration.health, broadcast: health, logger: logger)
        gauges = StoreGauges(factory: factory)
        guard let budget = configuration.connectionBudget else {
            rebalancer = nil
            return
        }
        guard let shares = ConnectionShares.divide(budget, among: stores.map(\.connectionBounds)) else {
            throw PoolManagerError.budgetTooSmall(budget, stores)
        }
        for (store, share) in zip(stores, shares) { try store.setConnectionLimit(share) }
        rebalancer = Rebalancer(
            stores, budget: budget, configuration: configuration.rebalancing, factory: factory, logger: logger
        ) { [health] in health.report[$0]?.state == .down }
    }

    var status: StoresStatus {
        let report = health.report
        return StoresStatus(
            date: Date(), overall: report.overall, connectionBudget: configuration.connectionBudget,
            rebalancing: rebalancer?.summary ?? RebalancingSummary(),
            stores: stores.compactMap { store in
                guard let health = report[store.kind] else { return nil }
                let bounds = store.connectionBounds
                return StoresStatus.Store(
                    kind: store.kind, health: health, limit: store.connectionLimit, minimumLimit: bounds.lowerBound,
                    maximumLimit: bounds.upperBound, pools: store.statuses.map(StoresStatus.Pool.init))
            })
    }

    /// Watches, moves and measures until the task is cancelled, a graceful shutdown begins, or `shutdown` is called; then drains.
    func run() async throws {
        let (ending, end) = AsyncStream<Never>.makeStream()
        let isFirst = try phase.withLock { phase in
            switch phase {
            case .idle:
                phase = .running(end)
                return true
            case .running: throw PoolManagerError.alreadyRunning
            case .ending: return false
            }
        }
        if isFirst {
            await withTaskCancellationOrGracefulShutdownHandler {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await self.monitor.run() }
                    group.addTask { await self.updateGauges() }
                    if configuration.rebalancing.isEnabled, let rebalancer {
                        group.addTask { await rebalancer.run() }
                    }
                    for await _ in ending {}
                    group.cancelAll()
                }
            } onCancelOrGracefulShutdown: {
                end.finish()
            }
        }
        await shutdown(within: nil)
    }

    private func updateGauges() async {
        while !Task.isCancelled {
            gauges.update(stores, health: health.report)
            try? await Task.sleep(for: configuration.metricsInterval)
        }
    }

    /// Drains all stores with one deadline. Every call gets the report of the first.
    @discardableResult
    func shutdown(within limit: Duration?) async -> ShutdownReport {
        let ending = phase.withLock { phase -> Task<ShutdownReport, Never> in
            if case .ending(let task) = phase { return task }
            if case .running(let end) = phase { end.finish() }
            // Its own task: the end of all stores must not depend on whether who asked for it is cancelled.
            let task = Task.detached { await self.drain(within: limit ?? self.configuration.drainTimeout) }
            phase = .ending(task)
            return task
        }
        return await ending.value
    }

    private func drain(within limit: Duration) async -> ShutdownReport {
        logger.debug("draining the stores' pools", metadata: ["within": "\(limit)"])
        let report = await withTaskGroup(of: (StoreKind, PoolDrainReport).self) { group in
            for store in stores { group.addTask { (store.kind, await store.shutdown(within: limit)) } }
            return ShutdownReport(stores: await group.reduce(into: [:]) { $0[$1.0] = $1.1 })
        }
        gauges.update(stores, health: health.report)
        health.finish()
        if !report.isComplete {
            logger.warning("the stores were shut down at the deadline", metadata: ["left": "\(report)"])
        }
        return report
    }
}

/// What a keeper needs of the configuration.
struct StoreKeeping: Sendable {
    var connectionBudget: Int?
    var health = HealthConfiguration()
    var rebalancing = RebalancingConfiguration()
    var metricsInterval: Duration = .seconds(5)
    var drainTimeout: Duration = .seconds(20)
}
