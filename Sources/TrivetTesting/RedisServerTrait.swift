public import LocalEngines
public import Testing

/// Gives a test, or all tests of a suite together, a private redis-server: see `Trait.redisServer(_:)`.
public struct RedisServerTrait: TestTrait, SuiteTrait, TestScoping {
    let configuration: RedisServer.Configuration

    /// Starts the server, runs the test or suite, ends the server.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await RedisServer.withServer(configuration) { server in
            try await RedisServer.$provided.withValue(server) {
                try await FixtureScope.withLog(
                    of: "redis-server", in: test, testCase, lines: { server.lastLogLines(20) }
                ) {
                    try await function()
                }
            }
        }
    }
}

extension Trait where Self == RedisServerTrait {
    /// A private redis-server, which the test finds as `RedisServer.current`. On a test: one for each of its cases. On a
    /// suite: one for all tests in it, which have to keep their keys apart. Without redis-server the test fails, and
    /// says how to install it; it is never skipped.
    public static func redisServer(_ configuration: RedisServer.Configuration = .init()) -> RedisServerTrait {
        RedisServerTrait(configuration: configuration)
    }

    /// A private redis-server with the defaults: `redisServer(_:)`.
    public static var redisServer: RedisServerTrait { redisServer() }
}

extension RedisServer {
    @TaskLocal static var provided: RedisServer?

    /// The server that the trait `.redisServer` of this test or its suite provides.
    ///
    /// - Throws: `MissingFixture` without the trait, and in a task that does not inherit the test's task-local values.
    public static var current: RedisServer {
        get throws {
            guard let provided else { throw MissingFixture("RedisServer.current", trait: ".redisServer") }
            return provided
        }
    }
}
