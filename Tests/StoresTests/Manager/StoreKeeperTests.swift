import Foundation
import Logging
import MetricsTestKit
import Pooling
import ServiceLifecycle
import Testing

@testable import Stores

/// What a manager does with stores of any kind; the live engines are in PoolManagerTests.
@Suite("PoolManager: looking after stores", .timeLimit(.minutes(2)))
struct StoreKeeperTests {
    private let metrics = TestMetrics()
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func keeper(_ stores: [any StorePools], _ change: (inout StoreKeeping) -> Void = { _ in }) throws
        -> StoreKeeper
    {
        var configuration = StoreKeeping()
        configuration.health.interval = .milliseconds(20)
        configuration.rebalancing.interval = .milliseconds(10)
        configuration.metricsInterval = .milliseconds(10)
        change(&configuration)
        return try StoreKeeper(stores, configuration, factory: metrics, logger: logger)
    }

    @Test("P7: a budget is divided at first, and then follows the load; each move is counted")
    func rebalancing() async throws {
        let sqlite = try ScriptedStore(.sqlite, bounds: 2...10)
        let redis = try ScriptedStore(.redis, bounds: 2...20)
        let keeper = try keeper([sqlite, redis]) {
            $0.connectionBudget = 16
            $0.rebalancing.coolDown = .milliseconds(50)
        }
        #expect(sqlite.connectionLimit == 5)
        #expect(redis.connectionLimit == 11)
        let running = Task { try await keeper.run() }
        let (gate, open) = AsyncStream<Never>.makeStream()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<14 {
                group.addTask {
                    try? await redis.pool.withConnection { _ in
                        while !Task.isCancelled, redis.connectionLimit < 14 { await Task.yield() }
                    }
                }
            }
            group.addTask {
                while redis.connectionLimit < 14, !Task.isCancelled {
                    #expect(sqlite.pool.status.total + redis.pool.status.total <= 16)
                    try? await Task.sleep(for: .milliseconds(1))
                }
                open.finish()
            }
            for await _ in gate {}
            group.cancelAll()
        }
        #expect(sqlite.connectionLimit == 2)
        let summary = keeper.status.rebalancing
        #expect(summary.connections == 3)
        #expect(summary.last.map(\.reason).allSatisfy { $0 == .waiting || $0 == .utilization })
        #expect(metrics.counterTotal(label: "trivet.rebalancing.connections") == 3)
        #expect(metrics.counterTotal(label: "trivet.rebalancing.moves") == Int64(summary.moves))
        #expect(await keeper.shutdown(within: nil).isComplete)
        try await running.value
    }

    @Test("A service group's graceful shutdown drains every pool, then run() returns")
    func gracefulShutdown() async throws {
        let stores = try [ScriptedStore(.sqlite), ScriptedStore(.redis)]
        let keeper = try keeper(stores)
        let group = ServiceGroup(services: [KeeperService(keeper: keeper)], logger: logger)
        let running = Task { try await group.run() }
        var changes = HealthChanges(stream: keeper.health.subscribe()).makeAsyncIterator()
        // The probes have begun.
        while stores.contains(where: { $0.probes.load(ordering: .relaxed) == 0 }) {
            try await Task.sleep(for: .milliseconds(1))
        }
        let (held, hold) = AsyncStream<Never>.makeStream()
        let (isHeld, held1) = AsyncStream<Void>.makeStream()
        let user = Task {
            try await stores[1].pool.withConnection { _ in
                held1.yield()
                for await _ in held {}
            }
        }
        for await _ in isHeld { break }
        await group.triggerGracefulShutdown()
        while stores[0].pool.status.phase != .closed { try await Task.sleep(for: .milliseconds(1)) }
        // The user still has its connection; only nobody gets a new one.
        #expect(stores[1].pool.status.phase == .draining)
        hold.finish()
        try await user.value
        try await running.value
        #expect(stores[1].pool.status.phase == .closed)
        #expect(await keeper.shutdown(within: nil).isComplete)
        while let change = await changes.next() { #expect(change.health.state == .healthy) }
        #expect(metrics.meters(label: "db.client.connection.max").count == 2)
    }

    @Test("One deadline holds for all stores, and the report names who still had a connection")
    func deadline() async throws {
        let stores = try [ScriptedStore(.sqlite), ScriptedStore(.graph), ScriptedStore(.redis)]
        let keeper = try keeper(stores)
        let (held, hold) = AsyncStream<Never>.makeStream()
        let (isHeld, held1) = AsyncStream<Void>.makeStream()
        let users = [0, 2].map { index in
            Task {
                try await stores[index].pool.withConnection { _ in
                    held1.yield()
                    for await _ in held {}
                }
            }
        }
        var count = 0
        for await _ in isHeld {
            count += 1
            if count == 2 { break }
        }
        let report = await keeper.shutdown(within: .milliseconds(20))
        #expect(!report.isComplete)
        #expect(report.stores[.graph]?.isComplete == true)
        #expect(report.description.contains("sqlite: 1 connections in use (StoresTests/StoreKeeperTests.swift:"))
        #expect(report.description.contains("redis: 1 connections in use"))
        hold.finish()
        for user in users { try await user.value }
        // It has ended: everybody gets the same report.
        #expect(await keeper.shutdown(within: .seconds(5)) == report)
    }

    @Test("Cancelling run() drains too, and shutdown() ends run()")
    func endings() async throws {
        for isCancelled in [true, false] {
            let store = try ScriptedStore(.redis)
            let keeper = try keeper([store])
            let running = Task { try await keeper.run() }
            while store.probes.load(ordering: .relaxed) == 0 { try await Task.sleep(for: .milliseconds(1)) }
            do {
                try await keeper.run()
                Issue.record("a second run() went through")
            } catch let error as PoolManagerError {
                #expect(error.code == .alreadyRunning)
            }
            if isCancelled { running.cancel() } else { await keeper.shutdown(within: nil) }
            try await running.value
            #expect(store.pool.status.phase == .closed)
        }
    }

    @Test("A budget below what the stores need is refused, with the figures")
    func smallBudget() async throws {
        let stores = try [ScriptedStore(.sqlite, bounds: 3...10), ScriptedStore(.redis, bounds: 5...10)]
        do {
            _ = try keeper(stores) { $0.connectionBudget = 7 }
            Issue.record("it was accepted")
        } catch let error as PoolManagerError {
            #expect(error.code == .budgetTooSmall)
            #expect(
                error.description.contains("connectionBudget is 7, and the stores need at least 8 (sqlite 3, redis 5)"))
        }
    }

    @Test("The status has everything, and survives JSON")
    func status() async throws {
        let store = try ScriptedStore(.redis, bounds: 1...4)
        let keeper = try keeper([store]) { $0.connectionBudget = 3 }
        try await store.pool.withConnection { _ in }
        let status = keeper.status
        #expect(status.overall == .healthy)
        #expect(status.connectionBudget == 3)
        let redis = try #require(status.stores.first)
        #expect(redis.limit == 3)
        #expect(redis.minimumLimit == 1)
        #expect(redis.maximumLimit == 4)
        #expect(redis.pools.map(\.acquired) == [1])
        let encoder = JSONEncoder(), decoder = JSONDecoder()
        #expect(try decoder.decode(StoresStatus.self, from: encoder.encode(status)) == status)
        await keeper.shutdown(within: nil)
    }
}

private struct KeeperService: Service {
    let keeper: StoreKeeper

    func run() async throws { try await keeper.run() }
}
