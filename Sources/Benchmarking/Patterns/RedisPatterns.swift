import LocalEngines
import RedisClient
import Stores

/// Keys into Redis: one after the other; in pipelines of 100; and from 100 tasks that share connections without knowing of each other.
struct RedisPatterns {
    let benchmarker: Benchmarker

    private static let count = 2_000

    func run() async throws {
        try await RedisServer.withServer(RedisServer.Configuration(transport: .tcp)) { server in
            try await RedisPool.withPool(to: server.endpoint) { redis in
                try await redis.ping()
                try await measure(redis)
            }
        }
    }

    private func measure(_ redis: RedisPool) async throws {
        let count = Self.count
        func oneByOne() async throws -> Double {
            try await seconds { for id in 0..<count { try await redis.set("key:\(id)", id) } }
        }
        try await benchmarker.compare(
            .patternRedisPipeline, .speed, limitedBy: "making and reading the messages; the server",
            subject: {
                try await seconds {
                    for first in stride(from: 0, to: count, by: 100) {
                        let commands = (first..<first + 100).map { RedisCommand("SET", "key:\($0)", "\($0)") }
                        for reply in await redis.pipeline(commands) { _ = try reply.get() }
                    }
                }
            },
            reference: { try await oneByOne() })
        try await benchmarker.compare(
            .patternRedisMultiplexed, .speed, limitedBy: "waking a task for each reply",
            subject: {
                try await seconds {
                    try await inParallel(100) { task in
                        for id in stride(from: task, to: count, by: 100) { try await redis.set("key:\(id)", id) }
                    }
                }
            },
            reference: { try await oneByOne() })
    }
}
