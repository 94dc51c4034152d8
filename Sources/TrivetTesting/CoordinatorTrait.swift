import LocalEngines
public import Stores
public import Testing
public import Transactions

/// Gives a test, or all tests of a suite together, a coordinator over empty stores: see `Trait.coordinator(_:prepare:)`.
public struct CoordinatorTrait: TestTrait, SuiteTrait, TestScoping {
    let configuration: CoordinatorConfiguration
    let prepare: @Sendable (Coordinator) async throws -> Void

    /// Starts the server, opens the stores, prepares them, runs the test or suite, and removes all of it.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await RedisServerTrait(configuration: .init()).provideScope(for: test, testCase: testCase) {
            try await TemporaryDirectoryTrait().provideScope(for: test, testCase: testCase) {
                try await withCoordinator(function)
            }
        }
    }

    private func withCoordinator(_ function: @Sendable () async throws -> Void) async throws {
        let folder = try TemporaryDirectory.current
        try await RedisPool.withPool(to: try RedisServer.current.endpoint) { redis in
            try await Coordinator.withCoordinator(
                sqlite: folder.path(of: "database.sqlite"), graph: folder.path(of: "graph"), redis: redis,
                configuration: configuration
            ) { coordinator in
                try await prepare(coordinator)
                try await CoordinatorFixture.$provided.withValue(CoordinatorFixture(coordinator, redis)) {
                    try await function()
                }
            }
        }
    }
}

extension Trait where Self == CoordinatorTrait {
    /// A coordinator over an empty SQLite database, an empty graph and a private redis-server, which the test finds as
    /// `Coordinator.current`, `RedisPool.current`, `RedisServer.current` and `TemporaryDirectory.current`. On a test: one for
    /// each of its cases. On a suite: one for all tests in it.
    ///
    /// - Parameter prepare: makes the schema, and what the test wants to find.
    public static func coordinator(
        _ configuration: CoordinatorConfiguration = .init(),
        prepare: @escaping @Sendable (Coordinator) async throws -> Void = { _ in }
    ) -> CoordinatorTrait {
        CoordinatorTrait(configuration: configuration, prepare: prepare)
    }

    /// A coordinator over empty stores, with the defaults: `coordinator(_:prepare:)`.
    public static var coordinator: CoordinatorTrait { coordinator() }
}

private struct CoordinatorFixture: Sendable {
    @TaskLocal static var provided: CoordinatorFixture?

    let coordinator: Coordinator
    let redis: RedisPool

    init(_ coordinator: Coordinator, _ redis: RedisPool) {
        self.coordinator = coordinator
        self.redis = redis
    }
}

extension Coordinator {
    /// The coordinator that the trait `.coordinator` of this test or its suite provides.
    ///
    /// - Throws: `MissingFixture` without the trait, and in a task that does not inherit the test's task-local values.
    public static var current: Coordinator {
        get throws {
            guard let provided = CoordinatorFixture.provided else {
                throw MissingFixture("Coordinator.current", trait: ".coordinator")
            }
            return provided.coordinator
        }
    }
}

extension RedisPool {
    /// The pool of the server that the trait `.coordinator` of this test or its suite provides.
    ///
    /// - Throws: `MissingFixture` without the trait, and in a task that does not inherit the test's task-local values.
    public static var current: RedisPool {
        get throws {
            guard let provided = CoordinatorFixture.provided else {
                throw MissingFixture("RedisPool.current", trait: ".coordinator")
            }
            return provided.redis
        }
    }
}
