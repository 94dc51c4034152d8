import GRDB
import GraphClient
import Pooling
import Stores
import Testing
import Threads
import TrivetTesting

@Suite("P5: the life of the graph's pools")
struct GraphPoolLifeTests {
    #if os(Linux)
        @Test("P5: a session's thread ends with it, by shutdown or by a lower limit")
        func threadsEnd() async throws {
            try await GraphPool.withPool { pool in
                let readers = try await Self.threads(of: 12, pool)
                let writer = try await pool.write { _ in Embedded.thread }
                #expect(Embedded.living(of: readers.union([writer])).count == 13)
                try pool.setConnectionLimit(5)
                await Embedded.eventually("eight threads end") { Embedded.living(of: readers).count == 4 }
                await pool.shutdown()
                await Embedded.eventually("all threads end") { Embedded.living(of: readers.union([writer])).isEmpty }
            }
        }

        @Test("P5: a pool that is simply let go of ends its threads and frees the database")
        func letGo() async throws {
            try await TemporaryDirectory.withDirectory { folder in
                let path = folder.path(of: "graph")
                let threads = try await {
                    let pool = try await GraphPool.open(at: path)
                    return try await Self.threads(of: 3, pool).union([pool.write { _ in Embedded.thread }])
                }()
                await Embedded.eventually("all threads end") { Embedded.living(of: threads).isEmpty }
                await Embedded.eventually("the database can be opened again") {
                    guard let again = try? await GraphPool.open(at: path) else { return false }
                    return await again.shutdown().isComplete
                }
            }
        }
    #endif

    @Test("P5: the limit of connections counts the writer and keeps to the bounds")
    func limit() async throws {
        try await GraphPool.withPool { pool in
            try pool.setConnectionLimit(7)
            #expect(pool.connectionLimit == 7)
            let readers = try pool.status("graph.readers")
            #expect(readers.maximum == 6)
            for limit in [4, 21] {
                let error = await Embedded.error { try pool.setConnectionLimit(limit) }
                #expect("\(error, default: "")".contains("outside 5 to 20"))
            }
        }
    }

    @Test("M1: each pool has its observer, by its name")
    func observers() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let events = Events()
            let pool = try await GraphPool.open(at: folder.path(of: "graph"), observers: { events.observer($0) })
            try await pool.createTable()
            _ = try await pool.query("RETURN 1")
            await pool.shutdown()
            #expect(Set(events.all.keys) == ["graph.readers", "graph.writer"])
            #expect(events.all.values.allSatisfy { $0 > 1 })
        }
    }

    @Test("T1: both stores' writers live on one lane, where a unit uses both without a hop")
    func lane() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let lane = Lane()
            let records = try await SQLitePool.open(at: folder.path(of: "records.sqlite"), lane: lane.executor)
            let graph = try await GraphPool.open(at: folder.path(of: "graph"), lane: lane.executor)
            try await records.createTable()
            try await graph.createTable()
            let recordsLease = try await records.acquireWriter()
            let graphLease = try await graph.acquireWriter()
            let (recordsWriter, graphWriter) = (recordsLease.connection, graphLease.connection)
            try await lane.run {
                try recordsWriter.assumeIsolated { session in
                    try session.core().write { try $0.execute(sql: "INSERT INTO t VALUES (1)") }
                }
                try graphWriter.assumeIsolated { session in
                    let connection = try session.core()
                    try connection.transaction { try connection.execute("CREATE (:User {id: 1})") }
                }
            }
            records.releaseWriter(recordsLease)
            graph.releaseWriter(graphLease)
            let counts = try await [records.count(), graph.count()]
            #expect(counts == [1, 1])
            let threads = try await [
                records.write { _ in Embedded.thread }, graph.write { _ in Embedded.thread },
                lane.run { Embedded.thread },
            ]
            #expect(Set(threads).count == 1)
            #expect(await graph.shutdown().isComplete)
            #expect(await records.shutdown().isComplete)
        }
    }

    @Test("P8: 50 connections to the graph and 30 to SQLite are in use at one moment, and are reused")
    func manyConnections() async throws {
        try await SQLitePool.withPool({ $0.maximumConnections = 30 }) { records in
            try await records.createTable()
            try await GraphPool.withPool({ $0.maximumConnections = 50 }) { graph in
                for _ in 0..<2 {
                    let inUse = Arrivals()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for index in 0..<50 { group.addTask { try await graph.useOne(isWriter: index == 0, inUse) } }
                        for index in 0..<30 { group.addTask { try await records.useOne(isWriter: index == 0, inUse) } }
                        try await group.waitForAll()
                    }
                }
                for status in graph.statuses + records.statuses {
                    #expect(status.status.total == status.status.maximum)
                    #expect(status.status.counters.closed == 0)
                    #expect(status.status.counters.reused >= status.status.maximum)
                }
            }
        }
    }

    /// The threads of this many readers, all in use at one moment.
    private static func threads(of count: Int, _ pool: GraphPool) async throws -> Set<String> {
        let arrived = Arrivals()
        return try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await pool.withReader { session in
                        arrived.arrive()
                        await arrived.wait(for: count)
                        return try await session.run { _ in Embedded.thread }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.insert($1) }
        }
    }
}

extension GraphPool {
    /// Holds a connection until 80 are held.
    fileprivate func useOne(isWriter: Bool, _ inUse: Arrivals) async throws {
        @Sendable func use(_ session: GraphSession) async throws {
            try await session.execute("MATCH (u:User) RETURN count(*)")
            inUse.arrive()
            await inUse.wait(for: 80)
        }
        if isWriter { try await withWriter { try await use($0) } } else { try await withReader { try await use($0) } }
    }
}

extension SQLitePool {
    /// Holds a connection until 80 are held.
    fileprivate func useOne(isWriter: Bool, _ inUse: Arrivals) async throws {
        @Sendable func use(_ session: SQLiteSession) async throws {
            _ = try await session.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") }
            inUse.arrive()
            await inUse.wait(for: 80)
        }
        if isWriter { try await withWriter { try await use($0) } } else { try await withReader { try await use($0) } }
    }
}
