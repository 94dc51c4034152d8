import LocalEngines
public import Stores
public import Testing

/// Gives a test, or all tests of a suite together, an empty SQLite database: see `Trait.sqliteDatabase(_:)`.
public struct SQLiteDatabaseTrait: TestTrait, SuiteTrait, TestScoping {
    let configuration: SQLitePoolConfiguration

    /// Opens the database, runs the test or suite, closes and removes the database.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let pool = try await SQLitePool.open(at: folder.path(of: "database.sqlite"), configuration: configuration)
            do {
                try await SQLiteFixture.$provided.withValue(pool) { try await function() }
            } catch {
                await pool.shutdown()
                throw error
            }
            await pool.shutdown()
        }
    }
}

extension Trait where Self == SQLiteDatabaseTrait {
    /// An empty SQLite database in a temporary folder, which the test finds as `SQLitePool.current`. On a test: one for each of its
    /// cases. On a suite: one for all tests in it.
    public static func sqliteDatabase(_ configuration: SQLitePoolConfiguration = .init()) -> SQLiteDatabaseTrait {
        SQLiteDatabaseTrait(configuration: configuration)
    }

    /// An empty SQLite database with the defaults: `sqliteDatabase(_:)`.
    public static var sqliteDatabase: SQLiteDatabaseTrait { sqliteDatabase() }
}

private enum SQLiteFixture {
    @TaskLocal static var provided: SQLitePool?
}

extension SQLitePool {
    /// The database that the trait `.sqliteDatabase` of this test or its suite provides.
    ///
    /// - Throws: `MissingFixture` without the trait, and in a task that does not inherit the test's task-local values.
    public static var current: SQLitePool {
        get throws {
            guard let provided = SQLiteFixture.provided else {
                throw MissingFixture("SQLitePool.current", trait: ".sqliteDatabase")
            }
            return provided
        }
    }
}
