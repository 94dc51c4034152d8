import Benchmark
import LocalEngines
import Pooling
import Trivet

private let nanoseconds = BenchmarkMetric.custom(
    "nanoseconds an acquire and release", polarity: .prefersSmaller, useScalingFactor: false)
private let rate = BenchmarkMetric.custom(
    "thousand acquires and releases a second", polarity: .prefersLarger, useScalingFactor: false)
/// Thousandths, since a metric is a whole number: 900 is 0.9.
private let ratio = BenchmarkMetric.custom(
    "GET through the pool against the client × 1000", polarity: .prefersLarger, useScalingFactor: false)

let benchmarks: @Sendable () -> Void = {
    let acquiring = Benchmark.Configuration(
        metrics: [nanoseconds], warmupIterations: 3, maxDuration: .seconds(20), maxIterations: 31)

    Benchmark("bench.pool.acquire: an idle connection, one task", configuration: acquiring) { benchmark in
        let pool = try emptyPool()
        for _ in benchmark.scaledIterations {
            benchmark.measurement(nanoseconds, Int(try await time(tasks: 1, of: 200_000) { try await use(pool, $0) }))
        }
        await pool.shutdown()
    }

    let sharing = Benchmark.Configuration(
        metrics: [rate], warmupIterations: 3, maxDuration: .seconds(20), maxIterations: 31)

    Benchmark("8 tasks on a pool of 8", configuration: sharing) { benchmark in
        let pool = try emptyPool()
        for _ in benchmark.scaledIterations {
            let each = try await time(tasks: 8, of: 50_000) { try await use(pool, $0) }
            benchmark.measurement(rate, Int(1e6 / each))
        }
        await pool.shutdown()
    }

    let live = Benchmark.Configuration(
        metrics: [ratio], warmupIterations: 2, maxDuration: .seconds(60), maxIterations: 41)

    Benchmark("Redis GET, 100 users: through the pool against one connection", configuration: live) { benchmark in
        try await RedisServer.withServer(RedisServer.Configuration(transport: .tcp)) { server in
            try await RedisConnection.withConnection(to: server.endpoint) { connection in
                try await connection.set("key", "abc")
                try await RedisPool.withPool(to: server.endpoint) { pool in
                    try await pool.ping()
                    for turn in benchmark.scaledIterations {
                        // In turns on the same server, and each is first in every second round.
                        var times = [0.0, 0.0]
                        for which in [turn % 2, 1 - turn % 2] {
                            times[which] =
                                which == 0
                                ? try await time(tasks: 100, of: 1_000) { try await get(connection, $0) }
                                : try await time(tasks: 100, of: 1_000) { try await get(pool, $0) }
                        }
                        benchmark.measurement(ratio, Int(times[0] / times[1] * 1_000))
                    }
                }
            }
        }
    }
}

/// A connection to nothing: what is measured is the pool.
private final class Nothing: PoolableConnection {}

private func emptyPool() throws -> ConnectionPool<Nothing> {
    try ConnectionPool(
        name: "benchmark", configuration: PoolConfiguration(maximumSize: 8),
        factory: ConnectionFactory(open: { Nothing() }, close: { _ in }))
}

/// Nanoseconds for each of `count` repetitions in so many tasks at a time.
private func time(
    tasks: Int, of count: Int, _ body: @escaping @Sendable (Int) async throws -> Void
) async throws -> Double {
    let start = ContinuousClock.now
    try await withThrowingTaskGroup { group in
        for _ in 0..<tasks { group.addTask { try await body(count) } }
        try await group.waitForAll()
    }
    return (ContinuousClock.now - start) / .nanoseconds(1) / Double(tasks * count)
}

private func use(_ pool: ConnectionPool<Nothing>, _ count: Int) async throws {
    for _ in 0..<count { try await pool.withConnection { blackHole($0) } }
}

private func get(_ redis: some RedisCommands, _ count: Int) async throws {
    for _ in 0..<count { blackHole(try await redis.send(RedisCommand("GET", "key"))) }
}
