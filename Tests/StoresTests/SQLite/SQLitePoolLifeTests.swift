import Foundation
import GRDB
import Pooling
import Stores
import Synchronization
import Testing
import Threads
import TrivetTesting

@Suite("P5: the life of SQLite's pools")
struct SQLitePoolLifeTests {
    #if os(Linux)
        @Test("P5: a session's thread ends with it, by shutdown or by a lower limit")
        func threadsEnd() async throws {
            try await SQLitePool.withPool({ $0.maximumConnections = 9 }) { pool in
                let readers = try await Self.threads(of: 8, pool)
                let writer = try await pool.write { _ in Embedded.thread }
                #expect(Embedded.living(of: readers.union([writer])).count == 9)
                try pool.setConnectionLimit(3)
                await Embedded.eventually("six threads end") { Embedded.living(of: readers).count == 2 }
                await pool.shutdown()
                await Embedded.eventually("all threads end") { Embedded.living(of: readers.union([writer])).isEmpty }
            }
        }

        @Test("P5: a pool that is simply let go of ends its threads")
        func letGo() async throws {
            try await TemporaryDirectory.withDirectory { folder in
                let path = folder.path(of: "records.sqlite")
                let threads = try await {
                    let pool = try await SQLitePool.open(at: path)
                    return try await Self.threads(of: 3, pool).union([pool.write { _ in Embedded.thread }])
                }()
                await Embedded.eventually("all threads end") { Embedded.living(of: threads).isEmpty }
            }
        }
    #endif

    @Test("P5: the limit of connections counts the writer, keeps to the bounds, and closes what is above it")
    func limit() async throws {
        try await SQLitePool.withPool { pool in
            #expect(pool.connectionBounds == 2...10)
            _ = try await Self.threads(of: 9, pool)
            try pool.setConnectionLimit(4)
            #expect(pool.connectionLimit == 4)
            await Embedded.eventually("the others are closed") { (try? pool.status("sqlite.readers").total) == 3 }
            for limit in [1, 11] {
                let error = await Embedded.error { try pool.setConnectionLimit(limit) }
                #expect((error as? PoolError)?.code == .invalidConfiguration)
                #expect("\(error, default: "")".contains("outside 2 to 10"))
            }
            #expect(pool.connectionLimit == 4)
        }
    }

    @Test("P5: warm-up opens the minimum, the writer among it, and no more")
    func warmUp() async throws {
        try await SQLitePool.withPool({ $0.minimumConnections = 4 }) { pool in
            await Embedded.eventually("three readers") { (try? pool.status("sqlite.readers").idle) == 3 }
            await Embedded.eventually("one writer") { (try? pool.status("sqlite.writer").idle) == 1 }
            try await pool.probe()
            #expect(pool.statuses.map(\.status.counters.opened).reduce(0, +) == 4)
        }
    }

    @Test("M1: each pool has its observer, by its name")
    func observers() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let events = Events()
            let path = folder.path(of: "records.sqlite")
            let pool = try await SQLitePool.open(at: path, observers: { events.observer($0) })
            try await pool.createTable()
            _ = try await pool.count()
            await pool.shutdown()
            #expect(Set(events.all.keys) == ["sqlite.readers", "sqlite.writer"])
            #expect(events.all.values.allSatisfy { $0 > 1 })
        }
    }

    @Test("P4: after a shutdown everything is in the database's file")
    func logIsCleared() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let pool = try await SQLitePool.open(at: folder.path(of: "records.sqlite"))
            try await pool.createTable()
            try await pool.insert(1)
            _ = try await pool.count()
            #expect(await pool.shutdown().isComplete)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["records.sqlite"])
        }
    }

    @Test("T1: the writer lives on the thread that it is given, where its core is at hand without a hop")
    func lane() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let lane = Lane()
            let pool = try await SQLitePool.open(at: folder.path(of: "records.sqlite"), lane: lane.executor)
            try await pool.createTable()
            #expect(try await pool.write { _ in Embedded.thread } == (await lane.run { Embedded.thread }))
            let lease = try await pool.acquireWriter()
            let session = lease.connection
            try await lane.run {
                try session.assumeIsolated { session in
                    try session.core().write { try $0.execute(sql: "INSERT INTO t VALUES (1)") }
                }
            }
            let busy = await Embedded.error { try await pool.write(timeout: .zero) { _ in } }
            #expect((busy as? PoolError)?.code == .acquireTimedOut)
            pool.releaseWriter(lease)
            #expect(try await pool.count() == 1)
            #expect(await pool.shutdown().isComplete)
            // The lane is not the pool's to end.
            #expect(await lane.run { ThreadExecutor.current } == "test-lane")
        }
    }

    /// The threads of this many readers, all in use at one moment.
    private static func threads(of count: Int, _ pool: SQLitePool) async throws -> Set<String> {
        let arrived = Arrivals()
        return try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await pool.withReader { session in
                        arrived.arrive()
                        await arrived.wait(for: count)
                        return try await session.read { _ in Embedded.thread }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.insert($1) }
        }
    }
}

/// A thread that a test owns.
actor Lane {
    nonisolated let executor = ThreadExecutor(name: "test-lane")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    deinit {
        executor.retire()
    }

    func run<Value: Sendable>(_ body: @Sendable () throws -> Value) rethrows -> Value { try body() }
}

/// Counts each pool's events.
final class Events: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    var all: [String: Int] { counts.withLock { $0 } }

    func observer(_ pool: String) -> any PoolObserver { Observer(events: self, pool: pool) }

    private struct Observer: PoolObserver {
        let events: Events
        let pool: String

        func record(_ event: PoolEvent) {
            events.counts.withLock { $0[pool, default: 0] += 1 }
        }
    }
}
