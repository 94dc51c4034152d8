import LocalEngines
import Measurement
import RedisClient
import Stores
import Transactions

/// How long a plain commit to SQLite takes to be seen in Redis.
struct CacheLagBenchmark {
    let benchmarker: Benchmarker

    /// Updates of a repetition. Of all repetitions together, enough for a 99th percentile.
    private static let samples = 200

    func run() async throws {
        benchmarker.prepare("a table that Redis follows")
        try await RedisServer.withServer { server in
            try await TemporaryDirectory.withDirectory { folder in
                try await RedisPool.withPool(to: server.endpoint) { redis in
                    try await Coordinator.withCoordinator(sqlite: folder.path(of: "a.sqlite"), redis: redis) {
                        coordinator in
                        try await coordinator.sqlite.write {
                            try $0.execute(
                                sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
                                    + "INSERT INTO users VALUES (1, 'name 0')")
                        }
                        try await follow(coordinator, redis)
                    }
                }
            }
        }
    }

    private func follow(_ coordinator: Coordinator, _ redis: RedisPool) async throws {
        let synchronizer = try CacheSynchronizer(
            coordinator,
            mappings: [StoreMapping(table: "users", cache: CacheMapping(key: "user:{id}", value: .string("name")))])
        let following = Task { try await synchronizer.run() }
        let result: Result<Void, any Error>
        do {
            try await synchronizer.waitUntilCurrent()
            let numbers = IDs()
            result = .success(
                try await benchmarker.judge(
                    .benchCacheLag, limitedBy: "one commit of the synchronizer's, and its look each millisecond"
                ) {
                    try await measure(coordinator.sqlite, redis, numbers)
                })
        } catch {
            result = .failure(error)
        }
        // It has to be gone before the coordinator closes.
        following.cancel()
        _ = await following.result
        try result.get()
    }

    private func measure(_ sqlite: SQLitePool, _ redis: RedisPool, _ numbers: IDs) async throws -> LatencyRecorder {
        var recorder = LatencyRecorder()
        for _ in 0..<Self.samples {
            let name = "name \(numbers.next())"
            try await sqlite.write { try $0.execute(sql: "UPDATE users SET name = ? WHERE id = 1", arguments: [name]) }
            let start = ContinuousClock.now
            while try await redis.get("user:1", as: String.self) != name {
                try Task.checkCancellation()
                try await Task.sleep(for: .microseconds(100))
            }
            recorder.record(.now - start)
        }
        return recorder
    }
}
