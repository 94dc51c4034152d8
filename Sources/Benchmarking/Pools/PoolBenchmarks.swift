import LocalEngines
import Pooling
import RedisClient
import Stores

/// What a pool costs.
struct PoolBenchmarks {
    let benchmarker: Benchmarker

    func run() async throws {
        try await acquire()
        try await shared()
        try await redis()
    }

    /// A connection to nothing: what is measured is the pool.
    private final class Nothing: PoolableConnection {}

    private func emptyPool() throws -> ConnectionPool<Nothing> {
        try ConnectionPool(
            name: "benchmark", configuration: PoolConfiguration(maximumSize: 8),
            factory: ConnectionFactory(open: { Nothing() }, close: { _ in }))
    }

    private func acquire() async throws {
        let pool = try emptyPool()
        let count = 500_000
        try await benchmarker.measure(.poolAcquire, limitedBy: "a lock and an atomic, once each way") {
            try await seconds {
                try await Task.detached {
                    for _ in 0..<count { pool.release(try await pool.acquire()) }
                }.value
            } / Double(count) * 1e9
        }
        await pool.shutdown()
    }

    private func shared() async throws {
        let pool = try emptyPool()
        let count = 50_000
        let tasks = 8
        try await benchmarker.measure(.poolShared, limitedBy: "the pool's lock, which the tasks share") {
            let time = try await seconds {
                try await inParallel(tasks) { _ in
                    for _ in 0..<count { try await pool.withConnection { _ in } }
                }
            }
            return Double(count * tasks) / time / 1e6
        }
        await pool.shutdown()
    }

    private func redis() async throws {
        try await RedisServer.withServer(RedisServer.Configuration(transport: .tcp)) { server in
            try await RedisConnection.withConnection(to: server.endpoint) { connection in
                try await connection.set("key", "abc")
                try await RedisPool.withPool(to: server.endpoint) { pool in
                    try await pool.ping()
                    try await benchmarker.compare(
                        .poolRedis, .speed, limitedBy: "the client's event loop and the server, on two cores",
                        subject: { try await get(pool) }, reference: { try await get(connection) })
                }
            }
        }
    }

    /// 100 users that ask as fast as the answers come.
    private func get(_ redis: some RedisCommands) async throws -> Double {
        try await seconds {
            try await inParallel(100) { _ in
                for _ in 0..<500 { _ = try await redis.send(RedisCommand("GET", "key")) }
            }
        }
    }
}
