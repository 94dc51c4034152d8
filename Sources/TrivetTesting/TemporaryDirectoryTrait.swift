public import LocalEngines
public import Testing

/// Gives a test, or all tests of a suite together, an empty folder: see `Trait.temporaryDirectory`.
public struct TemporaryDirectoryTrait: TestTrait, SuiteTrait, TestScoping {
    /// Makes the folder, runs the test or suite, removes the folder.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await TemporaryDirectory.withDirectory { directory in
            try await TemporaryDirectory.$provided.withValue(directory) { try await function() }
        }
    }
}

extension Trait where Self == TemporaryDirectoryTrait {
    /// An empty folder, which the test finds as `TemporaryDirectory.current`; it is removed afterwards, also when the
    /// test process is killed. On a test: one for each of its cases. On a suite: one for all tests in it.
    public static var temporaryDirectory: TemporaryDirectoryTrait { TemporaryDirectoryTrait() }
}

extension TemporaryDirectory {
    @TaskLocal static var provided: TemporaryDirectory?

    /// The folder that the trait `.temporaryDirectory` of this test or its suite provides.
    ///
    /// - Throws: `MissingFixture` without the trait, and in a task that does not inherit the test's task-local values.
    public static var current: TemporaryDirectory {
        get throws {
            guard let provided else { throw MissingFixture("TemporaryDirectory.current", trait: ".temporaryDirectory") }
            return provided
        }
    }
}
