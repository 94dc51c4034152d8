public import GraphClient
import LocalEngines
public import Testing

/// Gives a test, or all tests of a suite together, an empty graph database: see `Trait.graphDatabase(_:)`.
public struct GraphDatabaseTrait: TestTrait, SuiteTrait, TestScoping {
    let configuration: GraphDatabase.Configuration

    /// Opens the database, runs the test or suite, closes and removes the database.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph"), configuration: configuration) {
                database in
                try await GraphDatabase.$provided.withValue(database) { try await function() }
            }
        }
    }
}

extension Trait where Self == GraphDatabaseTrait {
    /// An empty graph database in a temporary folder, which the test finds as `GraphDatabase.current`. On a test: one for each of its
    /// cases. On a suite: one for all tests in it. Without the engine's library the test fails, and says how to install it.
    public static func graphDatabase(_ configuration: GraphDatabase.Configuration = .init()) -> GraphDatabaseTrait {
        GraphDatabaseTrait(configuration: configuration)
    }

    /// An empty graph database with the defaults: `graphDatabase(_:)`.
    public static var graphDatabase: GraphDatabaseTrait { graphDatabase() }
}

extension GraphDatabase {
    @TaskLocal static var provided: GraphDatabase?

    /// The database that the trait `.graphDatabase` of this test or its suite provides.
    ///
    /// - Throws: `MissingFixture` without the trait, and in a task that does not inherit the test's task-local values.
    public static var current: GraphDatabase {
        get throws {
            guard let provided else { throw MissingFixture("GraphDatabase.current", trait: ".graphDatabase") }
            return provided
        }
    }
}
