import GRDB
import Testing
import Trivet
import TrivetTesting

/// What the three stores' pools bear and how that is measured. Each test is an example that can be read by itself; how fast it is on a machine is
/// what `trivet run` and `trivet bench` say, since a test that asserts times says more about what else the machine did.
@Suite("Database performance", .timeLimit(.minutes(5)))
struct DatabasePerformanceTests {
    /// Runs the closure with the pools of the three stores: with the traits `.redisServer` and `.temporaryDirectory`.
    static func withStores<Value: Sendable>(
        _ change: (inout StoresConfiguration) throws -> Void = { _ in }, _ body: (PoolManager) async throws -> Value
    ) async throws -> Value {
        let folder = try TemporaryDirectory.current
        var configuration = StoresConfiguration()
        configuration.sqlite = .init(path: folder.path(of: "records.sqlite"))
        configuration.graph = .init(path: folder.path(of: "people.graph"))
        configuration.redis = .server(try RedisServer.current.endpoint)
        try change(&configuration)
        return try await PoolManager.withManager(configuration) { try await body($0) }
    }

    // MARK: Stress

    @Test(
        "P8: 180 users hold a connection each at the same time: 50 of the graph, 100 of Redis, 30 of SQLite",
        .redisServer, .temporaryDirectory)
    func everybodyAtOnce() async throws {
        try await Self.withStores { configuration in
            configuration.sqlite?.pool.maximumConnections = 30
            configuration.graph?.pool.maximumConnections = 50
            var redis = RedisPoolConfiguration()
            redis.pool.maximumSize = 100
            configuration.redis = .server(try RedisServer.current.endpoint, redis)
        } _: { stores in
            let (sqlite, graph, redis) = (try stores.sqlite, try stores.graph, try stores.redis)
            // The users and this test; nobody gives anything back before the test has looked.
            let (everybody, looked) = (Gathering(of: 181), Gathering(of: 181))
            @Sendable func stay() async {
                await everybody.join()
                await looked.join()
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for user in 0..<30 {
                    group.addTask {
                        // One writes, the others read.
                        if user == 0 { return try await sqlite.withWriter { _ in await stay() } }
                        try await sqlite.withReader { session in
                            let one = try await session.read { try Int.fetchOne($0, sql: "SELECT 1") }
                            #expect(one == 1)
                            await stay()
                        }
                    }
                }
                for user in 0..<50 {
                    group.addTask {
                        if user == 0 { return try await graph.withWriter { _ in await stay() } }
                        try await graph.withReader { session in
                            let one = try await session.query("RETURN 1").scalar(Int.self)
                            #expect(one == 1)
                            await stay()
                        }
                    }
                }
                for _ in 0..<100 {
                    group.addTask {
                        try await redis.withConnection { connection in
                            try await connection.ping()
                            await stay()
                        }
                    }
                }
                await everybody.join()
                let used = stores.status.stores.map { store in store.pools.reduce(0) { $0 + $1.used } }
                await looked.join()
                try await group.waitForAll()
                #expect(used == [30, 50, 100])
            }
        }
    }

    @Test(
        "P8: 100 users with 20 requests each are all served by few connections, 95 % of which were used before",
        .redisServer, .temporaryDirectory)
    func stress() async throws {
        try await Self.withStores { stores in
            let (sqlite, graph, redis) = (try stores.sqlite, try stores.graph, try stores.redis)
            try await sqlite.write { try $0.execute(sql: "CREATE TABLE visits (user INTEGER NOT NULL)") }
            try await graph.execute("CREATE NODE TABLE Visitor(id INT64 PRIMARY KEY)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for user in 0..<100 {
                    group.addTask {
                        try await graph.execute("CREATE (:Visitor {id: $id})", ["id": user])
                        for _ in 0..<20 {
                            try await sqlite.write {
                                try $0.execute(sql: "INSERT INTO visits VALUES (?)", arguments: [user])
                            }
                            let visits = try await sqlite.read {
                                try Int.fetchOne(
                                    $0, sql: "SELECT count(*) FROM visits WHERE user = ?", arguments: [user])
                            }
                            let counted = try await redis.incr("visits:\(user)")
                            #expect(visits == counted)
                            let visitor = try await graph.query(
                                "MATCH (v:Visitor {id: $id}) RETURN v.id", ["id": user])
                            #expect(try visitor.scalar(Int.self) == user)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let visits = try await sqlite.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM visits") }
            #expect(visits == 2_000)
            for pool in stores.status.stores.flatMap(\.pools) {
                #expect(pool.used == 0 && pool.waiting == 0 && pool.timeouts == 0 && pool.openFailures == 0)
                #expect(pool.acquired >= 100 && pool.opened <= pool.maximum)
                #expect(Double(pool.reused) > Double(pool.acquired) * 0.95, "\(pool.name)")
            }
        }
    }

    // MARK: Benchmarks

    @Test(
        "M2, M5: how a service measures its own operations: percentiles, failures, memory and single runs",
        .redisServer, .temporaryDirectory)
    func measuring() async throws {
        try await Self.withStores { stores in
            let (sqlite, graph, redis) = (try stores.sqlite, try stores.graph, try stores.redis)
            let profiler = Profiler(keeping: 10)
            // The first runs open connections and fill caches; steady state is what comes after.
            for isWarm in [false, true] {
                let profiler = isWarm ? profiler : Profiler()
                for run in 0..<(isWarm ? 300 : 20) {
                    try await profiler.measure("sqlite.read") {
                        _ = try await sqlite.read { try Int.fetchOne($0, sql: "SELECT 1") }
                    }
                    try await profiler.measure("graph.query") { _ = try await graph.query("RETURN 1") }
                    try await profiler.measure("redis.set") { _ = try await redis.set("run", run) }
                }
            }
            do {
                try await profiler.measure("redis.set") { try await redis.rename("nothing", to: "something") }
                Issue.record("there was nothing to rename")
            } catch is RedisError {}

            #expect(profiler.profiles.map(\.operation) == ["graph.query", "redis.set", "sqlite.read"])
            for profile in profiler.profiles {
                let latency = profile.latency
                let percentiles = [50, 90, 95, 99, 99.9].map { latency.percentile($0) } + [latency.longest]
                #expect(percentiles == percentiles.sorted() && percentiles[0] > .zero)
                #expect(latency.count >= 300)
                #expect(profile.runs.count == 10 && profile.memoryChange != nil)
            }
            let redisProfile = try #require(profiler.profile(of: "redis.set"))
            #expect(redisProfile.count == 301 && redisProfile.failures == 1)
            #expect(redisProfile.runs.last?.succeeded == false)
        }
    }

    @Test(
        "T1: where the time of a transaction over three stores goes is in its receipt",
        .coordinator(prepare: Community.found))
    func receipt() async throws {
        let (_, receipt) = try await Coordinator.current.transactionWithReceipt { txn in
            try await txn.sqlite { try $0.execute(sql: "INSERT INTO people VALUES (1, 'Ada')") }
            try await txn.graph.execute("CREATE (:Person {id: 1, name: 'Ada'})")
            try await txn.redis.set("person:1", "Ada")
        }
        #expect(receipt.stores == [.sqlite, .graph, .redis] && receipt.isGraphApplied && receipt.isCacheApplied)
        let timings = receipt.timings
        for phase in [timings.body, timings.decision, timings.graph, timings.cache] { #expect(phase > .zero) }
        // Nobody was in its way, and it had a commit of its own.
        #expect(timings.locks == .zero && receipt.groupSize == 1 && receipt.attempts == 1)
    }
}
