import NIOCore
import RedisClient

/// The keys of a Redis server that match a pattern, page by page: all that are there all the time, each at least once.
struct RedisKeyCursor {
    private let redis: any RedisCommands
    private let pattern: String
    private var cursor: String? = "0"

    init(_ redis: any RedisCommands, matching pattern: String) {
        self.redis = redis
        self.pattern = pattern
    }

    /// The next keys, which may be none; nil at the end.
    mutating func next() async throws -> [CacheKey]? {
        guard let cursor else { return nil }
        let page = try await redis.scan(cursor: cursor, match: pattern, count: 1_000)
        self.cursor = page.cursor == "0" ? nil : page.cursor
        return page.keys.map { CacheKey(bytes: Bytes($0.readableBytesView)) }
    }
}
