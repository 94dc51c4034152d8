import GRDB
import Testing
import Trivet
import TrivetTesting

/// The life of connections: how they come, are shared, found wanting, and go.
extension DatabasePerformanceTests {
    /// A pool of Redis connections without those that are kept open.
    private func withRedis(
        _ change: (inout PoolConfiguration) -> Void, _ body: (RedisPool) async throws -> Void
    ) async throws {
        var configuration = RedisPoolConfiguration()
        configuration.pool.minimumSize = 0
        change(&configuration.pool)
        try await RedisPool.withPool(to: try RedisServer.current.endpoint, configuration: configuration) {
            try await body($0)
        }
    }

    /// Lets a number of tasks hold a connection each at the same time.
    private func hold(_ count: Int, of redis: RedisPool, _ whileHeld: () async throws -> Void = {}) async throws {
        let (all, done) = (Gathering(of: count + 1), Gathering(of: count + 1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await redis.withConnection { _ in
                        await all.join()
                        await done.join()
                    }
                }
            }
            await all.join()
            let result: Result<Void, any Error>
            do { result = .success(try await whileHeld()) } catch { result = .failure(error) }
            await done.join()
            try await group.waitForAll()
            try result.get()
        }
    }

    @Test(
        "S10: connections are opened when they are needed, used again, and closed when nobody needs them",
        .redisServer)
    func lifecycle() async throws {
        try await withRedis {
            $0.minimumSize = 1
            $0.maximumSize = 4
            $0.idleTimeout = .milliseconds(100)
        } _: { redis in
            #expect(redis.statuses[0].status.total == 0)
            for _ in 0..<3 { try await hold(4, of: redis) { #expect(redis.statuses[0].status.leased == 4) } }
            let counters = redis.statuses[0].status.counters
            #expect(counters.acquired == 12 && counters.opened == 4 && counters.reused == 8)
            try await eventually { redis.statuses[0].status.total == 1 }
            #expect(redis.statuses[0].status.counters.closed == 3)
        }
    }

    @Test("P5: when all connections are in use, the error says who holds them", .redisServer)
    func exhaustion() async throws {
        try await withRedis {
            $0.maximumSize = 2
        } _: { redis in
            try await hold(2, of: redis) {
                do {
                    try await redis.withConnection(timeout: .milliseconds(20)) { _ in }
                    Issue.record("there should be no connection left")
                } catch let error as PoolError {
                    #expect(error.code == .acquireTimedOut && error.status?.leased == 2)
                    #expect(error.holders.count == 2)
                    #expect("\(error)".contains("DatabasePerformanceTests+Lifecycle.swift"))
                }
            }
        }
    }

    @Test("P5: who waits for a second connection that can never come free is told at once", .redisServer)
    func deadlock() async throws {
        try await withRedis {
            $0.maximumSize = 1
            $0.acquireTimeout = nil
        } _: { redis in
            try await redis.withConnection { _ in
                do {
                    try await redis.withConnection { _ in }
                    Issue.record("there is no second connection")
                } catch let error as PoolError {
                    #expect(error.code == .wouldDeadlock)
                }
            }
        }
    }

    @Test("P5: a pool is made smaller and larger while it is used; nobody loses a connection", .redisServer)
    func resizing() async throws {
        try await withRedis {
            $0.maximumSize = 6
        } _: { redis in
            try await hold(6, of: redis) {
                try redis.setConnectionLimit(2)
                #expect(redis.statuses[0].status.leased == 6)
            }
            try await eventually { redis.statuses[0].status.total <= 2 }
            try redis.setConnectionLimit(5)
            try await hold(5, of: redis)
        }
    }

    @Test("P5: a connection that is held for too long is noticed", .redisServer)
    func leak() async throws {
        try await withRedis {
            $0.leakThreshold = .milliseconds(20)
        } _: { redis in
            try await hold(1, of: redis) {
                try await eventually { redis.statuses[0].status.counters.leaks == 1 }
            }
        }
    }

    @Test("P5: a task that is cancelled while it waits takes nothing with it", .redisServer)
    func cancellation() async throws {
        try await withRedis {
            $0.maximumSize = 1
        } _: { redis in
            try await hold(1, of: redis) {
                let waiting = Task { try await redis.withConnection { _ in } }
                try await eventually { redis.statuses[0].status.waiting == 1 }
                waiting.cancel()
                let result = await waiting.result
                #expect(throws: CancellationError.self) { try result.get() }
                #expect(redis.statuses[0].status.waiting == 0)
            }
            try await redis.withConnection { try await $0.ping() }
        }
    }

    @Test("P5: a shutdown lets those end who are at work, and refuses others", .redisServer, .temporaryDirectory)
    func shutdown() async throws {
        try await Self.withStores { stores in
            let sqlite = try stores.sqlite
            let (begun, end) = (Gathering(of: 2), Gathering(of: 2))
            let working = Task {
                try await sqlite.withWriter { session in
                    await begun.join()
                    await end.join()
                    try await session.write { try $0.execute(sql: "CREATE TABLE late (id INTEGER)") }
                }
            }
            await begun.join()
            let report = Task { await stores.shutdown() }
            try await eventually { sqlite.statuses.allSatisfy { $0.status.phase != .running } }
            do {
                _ = try await sqlite.read { _ in }
                Issue.record("the pool was shut down")
            } catch let error as PoolError {
                #expect(error.code == .shutDown)
            }
            await end.join()
            try await working.value
            #expect(await report.value.isComplete)
        }
    }

    @Test(
        "P6: a store that is gone is told as down, and as healthy again when it is back",
        .redisServer, .temporaryDirectory)
    func health() async throws {
        try await Self.withStores { configuration in
            configuration.health.interval = .milliseconds(20)
            configuration.health.probeTimeout = .milliseconds(200)
            configuration.health.failuresUntilDown = 2
        } _: { stores in
            let server = try RedisServer.current
            var changes = stores.healthChanges().makeAsyncIterator()
            func wait(for state: HealthState) async {
                while let change = await changes.next() {
                    if change.health.store == .redis, change.health.state == state { return }
                }
            }
            await server.kill()
            await wait(for: .down)
            // The others work on.
            #expect(stores.health[.redis]?.reasons.isEmpty == false && stores.health[.sqlite]?.state != .down)
            try await server.restart()
            await wait(for: .healthy)
            try await stores.redis.set("back", 1)
        }
    }

    @Test(
        "P7: one budget for the process: connections go to the store that needs them, and are never more in all",
        .redisServer, .temporaryDirectory)
    func rebalancing() async throws {
        try await Self.withStores { configuration in
            configuration.connectionBudget = 24
            configuration.rebalancing.interval = .milliseconds(20)
            configuration.rebalancing.coolDown = .milliseconds(50)
        } _: { stores in
            let graph = try stores.graph
            let before = try #require(stores.status.stores.first { $0.kind == .graph }).limit
            // More readers than the graph may have at first.
            let users = (0..<16).map { _ in
                Task { try await graph.withReader { _ in try await Task.sleep(for: .seconds(600)) } }
            }
            defer { for user in users { user.cancel() } }
            try await eventually { graph.connectionLimit > before }
            let status = stores.status
            #expect(status.stores.reduce(0) { $0 + $1.limit } <= 24)
            #expect(status.rebalancing.moves > 0 && status.rebalancing.last.contains { $0.to == .graph })
        }
    }
}
