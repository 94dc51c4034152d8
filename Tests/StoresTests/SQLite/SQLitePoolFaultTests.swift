import Foundation
import GRDB
import Pooling
import Stores
import Testing
import TrivetTesting

@Suite("P5: faults of SQLite")
struct SQLitePoolFaultTests {
    @Test("P4, P5: busy for longer than its timeout: the error says so, readers go on, and the pool works afterwards")
    func busy() async throws {
        try await SQLitePool.withPool({ $0.busyTimeout = .milliseconds(200) }) { pool in
            try await pool.createTable()
            let holder = try DatabaseQueue(path: pool.path)
            let (held, free) = (Arrivals(), Arrivals())
            let holding = Task {
                try await holder.writeWithoutTransaction { database in
                    try database.beginTransaction(.immediate)
                    try database.execute(sql: "INSERT INTO t VALUES (1)")
                    held.arrive()
                    free.waitOnThread()
                    try database.commit()
                }
            }
            await held.wait()
            let start = ContinuousClock.now
            let error = await Embedded.error { try await pool.insert(2) }
            #expect(ContinuousClock.now - start >= .milliseconds(200))
            let refusal = try #require(error as? SQLiteStoreError)
            #expect(refusal.operation == .beginWrite)
            #expect(refusal.underlying?.resultCode == .SQLITE_BUSY)
            #expect("\(refusal)".contains("held the write lock for longer than the busy timeout"))
            #expect(try await pool.count() == 0)
            let probe = await Embedded.error { try await pool.probe() }
            #expect("\(probe, default: "")".contains("write lock"))
            free.arrive()
            try await holding.value
            try await pool.insert(3)
            #expect(try await pool.count() == 2)
            await pool.expectSettled()
            #expect(try pool.status("sqlite.writer").counters.opened == 1)
            try holder.close()
        }
    }

    @Test("P5: a transaction left open is rolled back, its scope throws, and its connection goes to nobody else")
    func openTransaction() async throws {
        try await SQLitePool.withPool { pool in
            try await pool.createTable()
            let error = await Embedded.error {
                try await pool.withWriter { session in
                    try await session.run { database in
                        try database.beginTransaction(.immediate)
                        try database.execute(sql: "INSERT INTO t VALUES (1)")
                    }
                }
            }
            #expect("\(error, default: "")".contains("a transaction was left open"))
            #expect(try await pool.count() == 0)
            try await pool.insert(2)
            #expect(try await pool.count() == 1)
            #expect(try pool.status("sqlite.writer").counters.opened == 2)
        }
    }

    @Test("P4: a transaction may take several calls, in which reads see it and a second one is refused")
    func longTransaction() async throws {
        try await SQLitePool.withPool { pool in
            try await pool.createTable()
            try await pool.withWriter { session in
                try await session.run { database in
                    try database.beginTransaction(.immediate)
                    try database.execute(sql: "INSERT INTO t VALUES (1)")
                }
                let seen = try await session.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") }
                #expect(seen == 1)
                let error = await Embedded.error { try await session.write { _ in } }
                #expect("\(error, default: "")".contains("has a transaction open already"))
                try await session.run { try $0.commit() }
            }
            #expect(try await pool.count() == 1)
            let error = await Embedded.error { try await pool.withReader { try await $0.write { _ in } } }
            #expect("\(error, default: "")".contains("only reads"))
            #expect(try pool.status("sqlite.writer").counters.opened == 1)
        }
    }

    @Test("P5: after a user's own error the connection is probed, and replaced if a transaction was left open")
    func usersErrors() async throws {
        try await SQLitePool.withPool { pool in
            let first = await Embedded.error { try await pool.read { _ in throw Refusal() } }
            #expect(first is Refusal)
            await pool.expectSettled()
            let kept = try pool.status("sqlite.readers")
            #expect(kept.counters.closed == 0)
            let second = await Embedded.error {
                try await pool.withReader { session in
                    try await session.run { try $0.beginTransaction(.deferred) }
                    throw Refusal()
                }
            }
            #expect(second is Refusal)
            await pool.expectSettled()
            let replaced = try pool.status("sqlite.readers")
            #expect(replaced.counters.closed == 1)
        }
    }

    @Test("P5: a connection that met a damaged file is closed")
    func damage() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "records.sqlite")
            let first = try await SQLitePool.open(at: path)
            try await first.createTable()
            try await first.write { database in
                for _ in 0..<500 { try database.execute(sql: "INSERT INTO t VALUES (zeroblob(1000))") }
            }
            await first.shutdown()
            let file = try #require(FileHandle(forUpdatingAtPath: path))
            let size = try file.seekToEnd()
            try file.seek(toOffset: size / 2)
            try file.write(contentsOf: Data(repeating: 0xAA, count: 3 * 4096))
            try file.close()
            let pool = try await SQLitePool.open(at: path)
            let error = await Embedded.error {
                try await pool.read { try Int.fetchOne($0, sql: "SELECT sum(length(x)) FROM t") }
            }
            #expect((error as? DatabaseError)?.resultCode == .SQLITE_CORRUPT)
            await pool.expectSettled()
            #expect(try pool.status("sqlite.readers").counters.closed == 1)
            #expect(await pool.shutdown().isComplete)
        }
    }

    @Test("P5: a shutdown's deadline interrupts what runs, rolls it back, and says so", arguments: [false, true])
    func drainDeadline(writes: Bool) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let pool = try await SQLitePool.open(at: folder.path(of: "records.sqlite"))
            try await pool.createTable()
            let began = Arrivals()
            let body: @Sendable (Database) throws -> Void = { database in
                if writes { try database.execute(sql: "INSERT INTO t VALUES (1)") }
                began.arrive()
                try database.queryForEver()
            }
            let task = Task {
                if writes { try await pool.write(body) } else { try await pool.read(body) }
            }
            await began.wait()
            let report = await pool.shutdown(within: .milliseconds(50))
            #expect(report.remainingHolders.count == 1)
            let error = await Embedded.error { try await task.value }
            #expect((error as? PoolError)?.code == .connectionRevoked)
            let refused = await Embedded.error { try await pool.read { _ in } }
            #expect((refused as? PoolError)?.code == .shutDown)
            let again = try await SQLitePool.open(at: pool.path)
            #expect(try await again.count() == 0)
            await again.shutdown()
        }
    }
}

/// An error of the user's own.
struct Refusal: Error {}
