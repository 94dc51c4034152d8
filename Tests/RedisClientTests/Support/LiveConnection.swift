import LocalEngines
import RedisClient
import TrivetTesting

/// A connection to the test's server, and an empty database.
func withRedis<Value: Sendable>(
    _ configuration: RedisConnection.Configuration = .init(),
    _ body: @Sendable (RedisConnection) async throws -> Value
) async throws -> Value {
    try await RedisConnection.withConnection(to: RedisServer.current.endpoint, configuration: configuration) {
        try await body($0)
    }
}

/// The error that a body throws; nil if it throws none.
func redisError(_ body: () async throws -> some Any) async throws -> RedisError? {
    do {
        _ = try await body()
        return nil
    } catch let error as RedisError {
        return error
    }
}
