public import LocalEngines
public import Testing

/// Gives a test, or all tests of a suite together, a private Redis cluster: see `Trait.redisCluster(nodes:)`.
public struct RedisClusterTrait: TestTrait, SuiteTrait, TestScoping {
    let configuration: RedisCluster.Configuration

    /// Starts the cluster, runs the test or suite, ends the cluster.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await RedisCluster.withCluster(configuration) { cluster in
            try await RedisCluster.$provided.withValue(cluster) {
                try await FixtureScope.withLog(of: "The Redis cluster", in: test, testCase) {
                    cluster.nodes.flatMap { node in ["\(node.endpoint):"] + node.lastLogLines(8).map { "  " + $0 } }
                } _: {
                    try await function()
                }
            }
        }
    }
}

extension Trait where Self == RedisClusterTrait {
    /// A private Redis cluster, which the test finds as `RedisCluster.current`: three masters, and with 6 nodes a
    /// replica of each. On a suite: one for all tests in it. It takes some seconds to form, most of them Redis' own.
    ///
    /// - Parameter nodes: 3 or 6 (in general a multiple of 3: three masters, the others replicas).
    public static func redisCluster(nodes: Int = 3) -> RedisClusterTrait {
        // Other numbers fail when the test starts, with the error of the cluster: a trait cannot throw.
        redisCluster(nodes % 3 == 0 ? .init(masters: 3, replicasPerMaster: nodes / 3 - 1) : .init(masters: 0))
    }

    /// A private Redis cluster set up as wanted.
    public static func redisCluster(_ configuration: RedisCluster.Configuration) -> RedisClusterTrait {
        RedisClusterTrait(configuration: configuration)
    }

    /// A private Redis cluster of three masters.
    public static var redisCluster: RedisClusterTrait { redisCluster(nodes: 3) }
}

extension RedisCluster {
    @TaskLocal static var provided: RedisCluster?

    /// The cluster that the trait `.redisCluster` of this test or its suite provides.
    ///
    /// - Throws: `MissingFixture` without the trait, and in a task that does not inherit the test's task-local values.
    public static var current: RedisCluster {
        get throws {
            guard let provided else { throw MissingFixture("RedisCluster.current", trait: ".redisCluster") }
            return provided
        }
    }
}
