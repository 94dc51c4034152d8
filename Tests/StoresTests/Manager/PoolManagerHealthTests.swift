import LocalEngines
import Logging
import Metrics
import MetricsTestKit
import Pooling
import RedisClient
import ServiceLifecycle
import Stores
import Testing
import TrivetTesting

@Suite("PoolManager on live engines: health, balance, metrics, end", .timeLimit(.minutes(3)))
struct PoolManagerHealthTests {
    @Test("P6: Redis frozen is degraded, then down, with reasons; thawed it is healthy again; no other goes down")
    func frozen() async throws {
        try await LiveStores.withAll { live in
            try await PoolManager.withManager(live.configuration, logger: .quiet) { manager in
                var changes: [HealthChange] = []
                var isFrozen = false
                for await change in manager.healthChanges() {
                    changes.append(change)
                    // First how each of the three is, then changes.
                    if changes.count == 3, !isFrozen {
                        isFrozen = true
                        live.server.suspend()
                    }
                    guard change.health.store == .redis, change.previous != nil else { continue }
                    if change.health.state == .down { live.server.resume() }
                    if change.health.state == .healthy { break }
                }
                let redis = changes.filter { $0.health.store == .redis }
                let down = try #require(redis.first { $0.health.state == .down })
                #expect(down.previous == .degraded)
                #expect(down.health.reasons.contains { $0.kind == .probeFailed && $0.detail.contains("no answer") })
                #expect(down.health.since > redis[0].health.since)
                #expect(!changes.contains { $0.health.store != .redis && $0.health.state == .down })
                try await manager.redis.ping()
            }
        }
    }

    @Test("P6: Redis killed is down with its connect error, and restarted it comes back by itself")
    func restarted() async throws {
        try await LiveStores.withAll { live in
            try await PoolManager.withManager(live.configuration, logger: .quiet) { manager in
                await live.server.kill()
                try await eventually { manager.health[.redis]?.state == .down }
                try await eventually {
                    manager.health[.redis]?.reasons.contains { $0.kind == .connectFailures } == true
                }
                #expect(manager.health.overall == .down)
                try await live.server.restart()
                try await eventually { manager.health.overall == .healthy }
                try await manager.redis.ping()
            }
        }
    }

    @Test("P7: connections move to the store that needs them, within the budget, and are logged and counted")
    func skewed() async throws {
        try await LiveStores.withAll { live in
            var configuration = live.configuration
            configuration.connectionBudget = 30
            let metrics = TestMetrics()
            let log = RecordingLog()
            try await PoolManager.withManager(configuration, logger: log.logger, metrics: metrics) { manager in
                let before = Dictionary(uniqueKeysWithValues: manager.status.stores.map { ($0.kind, $0.limit) })
                #expect(before.values.reduce(0, +) == 30)
                let first = try #require(before[.redis])
                let redis = try manager.redis
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<(first + 5) {
                        group.addTask {
                            try? await redis.withConnection { connection in
                                while redis.connectionLimit < first + 4 { try await connection.ping() }
                            }
                        }
                    }
                    group.addTask {
                        while redis.connectionLimit < first + 4 {
                            let connections = manager.status.stores.flatMap(\.pools)
                                .reduce(0) { $0 + $1.idle + $1.used + $1.opening + $1.checking + $1.closing }
                            #expect(connections <= 30)
                            try? await Task.sleep(for: .milliseconds(2))
                        }
                    }
                }
                let status = manager.status
                #expect(status.stores.reduce(0) { $0 + $1.limit } <= 30)
                #expect(status.rebalancing.connections >= 4)
                #expect(status.rebalancing.last.contains { $0.to == .redis })
                #expect(metrics.counterTotal(label: "trivet.rebalancing.connections") >= 4)
                #expect(
                    log.messages.filter { $0 == "moving connections between stores" }.count >= status.rebalancing.moves)
            }
        }
    }

    @Test("M1: every documented metric is emitted on live pools")
    func metrics() async throws {
        try await LiveStores.withAll { live in
            var configuration = live.configuration
            var pool = RedisPoolConfiguration()
            pool.pool.leakThreshold = .milliseconds(100)
            configuration.redis = .server(live.server.endpoint, pool)
            configuration.connectionBudget = 30
            let metrics = TestMetrics()
            try await PoolManager.withManager(configuration, logger: .quiet, metrics: metrics) { manager in
                let redis = try manager.redis
                let first = redis.connectionLimit
                _ = try await manager.sqlite.read { _ in 1 }
                // More than there are: some wait, connections move, leases grow old, and one user gives up.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<(first + 5) {
                        group.addTask {
                            try await redis.withConnection { _ in
                                while metrics.counterTotal(label: "trivet.client.connection.leaks") == 0
                                    || redis.connectionLimit < first + 3
                                    || metrics.counterTotal(label: "db.client.connection.timeouts") == 0
                                {
                                    try await Task.sleep(for: .milliseconds(2))
                                }
                            }
                        }
                    }
                    group.addTask {
                        while metrics.counterTotal(label: "db.client.connection.timeouts") == 0 {
                            do {
                                try await redis.withConnection(timeout: .milliseconds(5)) { _ in }
                            } catch let error as PoolError {
                                #expect(error.code == .acquireTimedOut)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                await live.server.kill()
                try await eventually {
                    metrics.counterTotal(label: "trivet.client.connection.create_failures") > 0
                        && metrics.counterTotal(label: "trivet.client.connection.closed") > 0
                }
                try await live.server.restart()
                func hasValue(_ metric: StoreMetric) -> Bool {
                    switch metric.kind {
                    case .counter: metrics.counterTotal(label: metric.name) > 0
                    case .gauge: metrics.meters(label: metric.name).contains { $0.lastValue != nil }
                    case .timer: metrics.timers(label: metric.name).contains { !$0.values.isEmpty }
                    case .recorder: metrics.recorders(label: metric.name).contains { !$0.values.isEmpty }
                    }
                }
                for metric in StoreMetric.all { #expect(hasValue(metric), "\(metric.name) was never emitted") }
                let names = metrics.timers(label: "db.client.connection.create_time").flatMap(\.dimensions).map(\.1)
                #expect(Set(names).isSuperset(of: ["sqlite.readers", "sqlite.writer", "graph.readers", "redis"]))
            }
        }
    }

    @Test("A service group's graceful shutdown lets a user of each store finish, then closes all files")
    func gracefulShutdown() async throws {
        try await LiveStores.withAll { live in
            let manager = try await PoolManager.open(live.configuration, logger: .quiet)
            let group = ServiceGroup(services: [manager], logger: .quiet)
            let running = Task { try await group.run() }
            let (go, release) = AsyncStream<Never>.makeStream()
            let (started, start) = AsyncStream<Void>.makeStream()
            let user = Task {
                try await manager.redis.withConnection { connection in
                    start.yield()
                    for await _ in go {}
                    try await connection.ping()
                }
                return true
            }
            for await _ in started { break }
            await group.triggerGracefulShutdown()
            try await eventually { manager.status.stores.contains { $0.pools.contains { $0.phase == "draining" } } }
            do {
                try await manager.redis.withConnection(timeout: .seconds(1)) { _ in }
                Issue.record("it took someone new")
            } catch let error as PoolError {
                #expect(error.code == .shutDown)
            }
            release.finish()
            #expect(try await user.value)
            try await running.value
            #expect(await manager.shutdown().isComplete)
            #expect(manager.status.stores.allSatisfy { $0.pools.allSatisfy { $0.phase == "closed" } })
            // Everything can be opened again at once.
            try await PoolManager.withManager(live.configuration, logger: .quiet) { #expect($0.kinds.count == 3) }
        }
    }

    @Test("At the deadline the report names the store and the place that still held a connection")
    func deadline() async throws {
        try await LiveStores.withAll { live in
            let manager = try await PoolManager.open(live.configuration, logger: .quiet)
            let (go, release) = AsyncStream<Never>.makeStream()
            let (started, start) = AsyncStream<Void>.makeStream()
            let user = Task {
                try await manager.redis.withConnection { _ in
                    start.yield()
                    for await _ in go {}
                }
            }
            for await _ in started { break }
            let report = await manager.shutdown(within: .milliseconds(50))
            #expect(!report.isComplete)
            #expect(report.stores[.redis]?.remainingHolders.count == 1)
            #expect("\(report)".contains("PoolManagerHealthTests.swift:"))
            release.finish()
            _ = await user.result
        }
    }

    @Test("P3, P6: a cluster's manager knows all nodes, and its limit is divided among them", .redisCluster)
    func cluster() async throws {
        var configuration = StoresConfiguration()
        let cluster = try RedisCluster.current
        configuration.redis = .cluster(cluster.endpoints)
        configuration.health.interval = .milliseconds(50)
        configuration.connectionBudget = 12
        try await PoolManager.withManager(configuration, logger: .quiet) { manager in
            try await manager.redisCluster.set("k", "v")
            #expect(manager.status.stores.map(\.limit) == [12])
            #expect(manager.status.stores[0].pools.count == 3)
            #expect(manager.status.stores[0].pools.allSatisfy { $0.maximum == 4 })
            #expect(manager.health.overall == .healthy)
        }
    }
}
