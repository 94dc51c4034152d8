import Foundation
import GRDB
import Pooling
import Stores
import Synchronization
import Testing
import TrivetTesting

/// What the tests of the two embedded stores share.
enum Embedded {
    /// Waits for something that comes by itself; an issue if it does not come within 10 s.
    static func eventually(
        _ what: Comment, _ sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async -> Bool
    ) async {
        let end = ContinuousClock.now + .seconds(10)
        while await !condition() {
            guard ContinuousClock.now < end else {
                Issue.record(what, sourceLocation: sourceLocation)
                return
            }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    /// The calling thread, as the system knows it.
    static var thread: String {
        #if os(Linux)
            // "4711/task/4712"
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")) ?? "unknown"
        #else
            "\(pthread_self())"
        #endif
    }

    #if os(Linux)
        /// Those threads that still exist.
        static func living(of threads: Set<String>) -> Set<String> {
            threads.filter { FileManager.default.fileExists(atPath: "/proc/\($0)") }
        }
    #endif

    /// Another connection that holds the write lock until it is closed.
    static func lockedDatabase(at path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let holder = try DatabaseQueue(path: path, configuration: configuration)
        try holder.inDatabase { try $0.beginTransaction(.immediate) }
        return holder
    }

    /// The error that `body` throws; an issue if it throws none.
    static func error<Value>(
        _ sourceLocation: SourceLocation = #_sourceLocation, isolation: isolated (any Actor)? = #isolation,
        of body: () async throws -> Value
    ) async -> (any Error)? {
        do {
            _ = try await body()
            Issue.record("no error", sourceLocation: sourceLocation)
            return nil
        } catch {
            return error
        }
    }
}

extension StorePools {
    /// The status of one of the pools.
    func status(_ name: String) throws -> PoolStatus {
        try #require(statuses.first { $0.name == name }).status
    }

    /// Checks that nobody has or waits for a connection, and that every connection opened is idle or was closed.
    func expectSettled(_ sourceLocation: SourceLocation = #_sourceLocation) async {
        await Embedded.eventually("every connection comes to rest: \(statuses)", sourceLocation) {
            statuses.allSatisfy { $0.status.total == $0.status.idle && $0.status.waiting == 0 }
        }
        for named in statuses {
            let status = named.status
            #expect(
                status.counters.opened - status.counters.closed == status.idle, "\(named)",
                sourceLocation: sourceLocation)
            #expect(status.idle <= status.maximum, "\(named)", sourceLocation: sourceLocation)
        }
    }
}

extension SQLitePool {
    /// A pool on a database of its own for the length of `body`.
    static func withPool(
        _ configure: (inout SQLitePoolConfiguration) -> Void = { _ in },
        _ body: (SQLitePool) async throws -> Void
    ) async throws {
        var configuration = SQLitePoolConfiguration()
        configure(&configuration)
        try await TemporaryDirectory.withDirectory { folder in
            let pool = try await SQLitePool.open(at: folder.path(of: "records.sqlite"), configuration: configuration)
            do {
                try await body(pool)
            } catch {
                await pool.shutdown(within: .seconds(10))
                throw error
            }
            #expect(await pool.shutdown(within: .seconds(10)).isComplete)
        }
    }

    /// A table `t` with a column `x`.
    func createTable() async throws {
        try await write { try $0.execute(sql: "CREATE TABLE t(x)") }
    }

    func insert(_ value: Int) async throws {
        try await write { try $0.execute(sql: "INSERT INTO t VALUES (?)", arguments: [value]) }
    }

    func count() async throws -> Int {
        try await read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") ?? 0 }
    }
}

extension Database {
    /// A query that never ends by itself.
    func queryForEver() throws {
        _ = try Int.fetchOne(
            self, sql: "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c")
    }
}

/// Tells a task that another has come to a place in its code.
final class Arrivals: Sendable {
    private let count = Atomic(0)

    func arrive() {
        count.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }

    /// The same for a thread that may block.
    func waitOnThread() {
        let end = ContinuousClock.now + .seconds(10)
        while count.load(ordering: .acquiring) == 0, ContinuousClock.now < end { usleep(1_000) }
    }

    func wait(for number: Int = 1, _ sourceLocation: SourceLocation = #_sourceLocation) async {
        await Embedded.eventually("\(number) arrivals", sourceLocation) {
            count.load(ordering: .acquiring) >= number
        }
    }
}
