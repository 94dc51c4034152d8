import GRDB
import Stores
import Testing
import TrivetTesting

@Suite("T1: SQLite's writer in the hands of whoever owns its thread")
struct SQLiteLaneTests {
    @Test("T1: without waiting, a lock that another holds fails the statement at once", .timeLimit(.minutes(1)))
    func withoutWaiting() async throws {
        try await withWriter { pool, lane, session in
            let holder = try Embedded.lockedDatabase(at: pool.path)
            let error = await Embedded.error {
                try await lane.run {
                    try session.assumeIsolated { isolated in
                        let queue = try isolated.core()
                        try isolated.withoutWaiting { try queue.inDatabase { try $0.beginTransaction(.immediate) } }
                    }
                }
            }
            #expect((error as? DatabaseError)?.resultCode == .SQLITE_BUSY)
            try holder.close()
            try await session.write { try $0.execute(sql: "INSERT INTO t VALUES (1)") }
        }
    }

    @Test("T2: what runs on the lane is interrupted from another thread, and nothing after it")
    func interrupted() async throws {
        try await withWriter { _, lane, session in
            let began = Arrivals()
            let running = Task {
                try await lane.run {
                    try session.assumeIsolated { isolated in
                        let queue = try isolated.core()
                        try isolated.interruptibly(queue) {
                            try queue.inDatabase { database in
                                began.arrive()
                                try database.queryForEver()
                            }
                        }
                    }
                }
            }
            await began.wait()
            session.interruptCall()
            let error = await Embedded.error { try await running.value }
            #expect((error as? DatabaseError)?.resultCode == .SQLITE_INTERRUPT)
            session.interruptCall()
            try await session.write { try $0.execute(sql: "INSERT INTO t VALUES (1)") }
        }
    }

    /// The writer of a pool, on a lane, for the length of `body`, which inserts one row.
    private func withWriter(_ body: (SQLitePool, Lane, SQLiteSession) async throws -> Void) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let lane = Lane()
            var configuration = SQLitePoolConfiguration()
            configuration.busyTimeout = .seconds(600)
            let pool = try await SQLitePool.open(
                at: folder.path(of: "records.sqlite"), configuration: configuration, lane: lane.executor)
            try await pool.createTable()
            let lease = try await pool.acquireWriter()
            do {
                try await body(pool, lane, lease.connection)
            } catch {
                pool.releaseWriter(lease)
                await pool.shutdown()
                throw error
            }
            pool.releaseWriter(lease)
            let count = try await pool.count()
            #expect(count == 1)
            #expect(await pool.shutdown().isComplete)
        }
    }
}
