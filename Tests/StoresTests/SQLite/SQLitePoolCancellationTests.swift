import GRDB
import Measurement
import Pooling
import Stores
import Testing
import TrivetTesting

@Suite("P5: cancelling users of SQLite")
struct SQLitePoolCancellationTests {
    @Test("P5: cancelling stops a running read, and its connection serves the next one")
    func running() async throws {
        try await SQLitePool.withPool({ $0.maximumConnections = 2 }) { pool in
            let began = Arrivals()
            let task = Task {
                try await pool.read { database in
                    began.arrive()
                    try database.queryForEver()
                }
            }
            await began.wait()
            task.cancel()
            let error = await Embedded.error { try await task.value }
            #expect(error is CancellationError)
            let one = try await pool.read { try Int.fetchOne($0, sql: "SELECT 1") }
            #expect(one == 1)
            let readers = try pool.status("sqlite.readers")
            #expect(readers.counters.opened == 1)
        }
    }

    @Test("P5: a read that catches its interruption is interrupted again")
    func stubborn() async throws {
        try await SQLitePool.withPool({ $0.maximumConnections = 2 }) { pool in
            let began = Arrivals()
            let task = Task {
                try await pool.read { database in
                    began.arrive()
                    for _ in 0..<3 { try? database.queryForEver() }
                    try database.queryForEver()
                }
            }
            await began.wait()
            task.cancel()
            let error = await Embedded.error { try await task.value }
            #expect(error is CancellationError)
        }
    }

    @Test("P5: cancelling a task that waits frees its place at once")
    func waiting() async throws {
        try await SQLitePool.withPool({ $0.maximumConnections = 2 }) { pool in
            try await pool.withReader { _ in
                let task = Task { try await pool.read { _ in } }
                await Embedded.eventually("it waits") { (try? pool.status("sqlite.readers").waiting) == 1 }
                task.cancel()
                let error = await Embedded.error { try await task.value }
                #expect(error is CancellationError)
                let readers = try pool.status("sqlite.readers")
                #expect(readers.waiting == 0)
            }
        }
    }

    @Test("P5: a cancelled write is rolled back as a whole and says so")
    func writing() async throws {
        try await SQLitePool.withPool { pool in
            try await pool.createTable()
            let began = Arrivals()
            let task = Task {
                try await pool.write { database in
                    try database.execute(sql: "INSERT INTO t VALUES (1)")
                    began.arrive()
                    try database.execute(
                        sql: """
                            INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) \
                            SELECT x FROM c WHERE x < 0
                            """)
                }
            }
            await began.wait()
            task.cancel()
            let error = await Embedded.error { try await task.value }
            #expect(error is CancellationError)
            #expect(try await pool.count() == 0)
            try await pool.insert(2)
            #expect(try await pool.count() == 1)
            #expect(try pool.status("sqlite.writer").counters.opened == 1)
        }
    }

    @Test("P5: a write whose task is cancelled between its statements is not committed, though no statement failed")
    func betweenStatements() async throws {
        try await SQLitePool.withPool { pool in
            try await pool.createTable()
            let task = Task {
                try await pool.write { database in
                    try database.execute(sql: "INSERT INTO t VALUES (1)")
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            let error = await Embedded.error { try await task.value }
            #expect(error is CancellationError)
            #expect(try await pool.count() == 0)
        }
    }

    @Test("P5: a writer that waits for another's lock stops when its task is cancelled", .timeLimit(.minutes(1)))
    func waitingForLock() async throws {
        try await SQLitePool.withPool({ $0.busyTimeout = .seconds(600) }) { pool in
            try await pool.createTable()
            let holder = try Embedded.lockedDatabase(at: pool.path)
            let task = Task { try await pool.insert(1) }
            await Embedded.eventually("it has the writer") { (try? pool.status("sqlite.writer").leased) == 1 }
            task.cancel()
            let error = await Embedded.error { try await task.value }
            #expect(error is CancellationError)
            try holder.close()
            try await pool.insert(2)
            let count = try await pool.count()
            #expect(count == 1)
        }
    }

    @Test("P5: an interrupt never hits the next user of the connection")
    func noStrayInterrupts() async throws {
        // One reader, so that whoever comes next comes onto the connection of the one that was interrupted.
        try await SQLitePool.withPool({ $0.maximumConnections = 2 }) { pool in
            for _ in 0..<50 {
                let began = Arrivals()
                let endless = Task {
                    try await pool.read { database in
                        began.arrive()
                        try database.queryForEver()
                    }
                }
                await began.wait()
                // Some milliseconds long: a stray interrupt would find it.
                async let sum = pool.read { database in
                    try Int.fetchOne(
                        database,
                        sql: """
                            WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000) \
                            SELECT sum(x) FROM c
                            """)
                }
                endless.cancel()
                let error = await Embedded.error { try await endless.value }
                #expect(error is CancellationError)
                let found = try await sum
                #expect(found == 200_010_000)
            }
            let readers = try pool.status("sqlite.readers")
            #expect(readers.counters.opened == 1)
        }
    }

    @Test(
        "P5: storms of cancellation leave the counts right, and what was not confirmed was not written",
        arguments: 1...4)
    func storm(seed: UInt64) async throws {
        try await SQLitePool.withPool({ $0.maximumConnections = 4 }) { pool in
            try await pool.createTable()
            var generator = SplitMix64(seed: seed)
            let confirmed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<300 {
                    let action = Int.random(in: 0..<5, using: &generator)
                    let delay = Duration.microseconds(Int.random(in: 0..<20_000, using: &generator))
                    let isCancelled = action == 0 || Bool.random(using: &generator)
                    group.addTask {
                        let task = Task { try await Self.act(action, number, on: pool) }
                        if isCancelled {
                            try await Task.sleep(for: delay)
                            task.cancel()
                        }
                        do {
                            return try await task.value
                        } catch is CancellationError where isCancelled {
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            await pool.expectSettled()
            #expect(try await pool.count() == confirmed)
        }
    }

    /// Whether a row was written.
    private static func act(_ action: Int, _ number: Int, on pool: SQLitePool) async throws -> Bool {
        switch action {
        case 0: try await pool.read { try $0.queryForEver() }
        case 1: _ = try await pool.count()
        case 2:
            try await pool.withReader { session in
                for _ in 0..<3 { _ = try await session.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") } }
            }
        default:
            try await pool.insert(number)
            return true
        }
        return false
    }
}
