import Foundation
import GraphClient
import Pooling
import Stores
import Testing
import TrivetTesting

@Suite("P1: the graph database behind its pools")
struct GraphPoolTests {
    @Test("P1: by default at least 5 and at most 20 connections, a buffer pool of 128 MiB, 8 threads, compression on")
    func options() async throws {
        try await GraphPool.withPool { pool in
            await Embedded.eventually("five are open") {
                (try? pool.status("graph.readers").idle) == 4 && (try? pool.status("graph.writer").idle) == 1
            }
            #expect(pool.connectionLimit == 20)
            #expect(pool.connectionBounds == 5...20)
            #expect(pool.statuses.map(\.name) == ["graph.readers", "graph.writer"])
            #expect(pool.statuses.map(\.followsLimit) == [true, false])
            #expect(pool.kind == .graph)
            let threads = try await pool.query("CALL current_setting('threads') RETURN *").scalar(String.self)
            #expect(threads == "8")
            let memory = try await pool.query("CALL bm_info() RETURN mem_limit").scalar(Int.self)
            #expect(memory == 128 << 20)
            #expect(pool.configuration.database.isCompressed)
            try await pool.probe()
        }
    }

    @Test("P1: a reader keeps its snapshot beside the writer")
    func snapshot() async throws {
        try await GraphPool.withPool { pool in
            let began = Arrivals()
            let written = DispatchSemaphore(value: 0)
            async let counts = pool.read { connection in
                let before = try connection.count()
                began.arrive()
                written.wait()
                return [before, try connection.count()]
            }
            await began.wait()
            try await pool.insert(1)
            written.signal()
            let seen = try await counts
            #expect(seen == [0, 0])
            let after = try await pool.count()
            #expect(after == 1)
        }
    }

    @Test("P1: a reader refuses to write, whichever way it is tried, and says who may")
    func readersOnlyRead() async throws {
        try await GraphPool.withPool { pool in
            let create = "CREATE (:User {id: 1})"
            var errors: [(any Error)?] = []
            errors.append(await Embedded.error { try await pool.read { try $0.execute(create) } })
            errors.append(await Embedded.error { try await pool.query(create) })
            errors.append(await Embedded.error { try await pool.withReader { try await $0.execute(create) } })
            errors.append(
                await Embedded.error {
                    try await pool.withReader { session in try await session.transaction { try $0.execute(create) } }
                })
            for error in errors {
                #expect("\(error, default: "")".contains("only reads; use write or withWriter"))
            }
            let count = try await pool.count()
            #expect(count == 0)
            await pool.expectSettled()
            #expect(pool.statuses.allSatisfy { $0.status.counters.closed == 0 })
        }
    }

    @Test("P1: a transaction that throws leaves nothing behind, and its connection goes on")
    func rollback() async throws {
        try await GraphPool.withPool { pool in
            let error = await Embedded.error {
                try await pool.write { connection in
                    try connection.execute("CREATE (:User {id: 1})")
                    throw Refusal()
                }
            }
            #expect(error is Refusal)
            let double = await Embedded.error {
                try await pool.write { connection in
                    for _ in 0..<2 { try connection.execute("CREATE (:User {id: 2})") }
                }
            }
            #expect(double is GraphError)
            try await pool.insert(3)
            let count = try await pool.count()
            #expect(count == 1)
            await pool.expectSettled()
            let writer = try pool.status("graph.writer")
            #expect(writer.counters.opened == 1)
        }
    }

    @Test("P1: rows as values, many users at once, one writer at a time")
    func users() async throws {
        struct User: Decodable, Hashable { var id: Int }
        try await GraphPool.withPool { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 0..<40 {
                    group.addTask { try await pool.insert(id) }
                    group.addTask { _ = try await pool.count() }
                }
                try await group.waitForAll()
            }
            let users = try await pool.query("MATCH (u:User) RETURN u.id AS id ORDER BY id", as: User.self)
            #expect(users == (0..<40).map { User(id: $0) })
            await pool.expectSettled()
            #expect(pool.statuses.allSatisfy { $0.status.counters.reuseRate > 0.5 })
        }
    }

    @Test("P1: checkpoints and bulk loads run beside readers and writers")
    func maintenance() async throws {
        try await GraphPool.withPool { pool in
            let file = pool.path + ".csv"
            try (0..<100).map { "\($0)" }.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
            try await pool.bulkLoad("COPY User FROM '\(file)'")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 100..<110 {
                    group.addTask { try await pool.insert(id) }
                    group.addTask { _ = try await pool.count() }
                }
                group.addTask { try await pool.checkpoint() }
                try await group.waitForAll()
            }
            let count = try await pool.count()
            #expect(count == 110)
        }
    }

    @Test("P1: opened for reading only, it has readers and refuses to write; a bad configuration is refused")
    func opening() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            let first = try await GraphPool.open(at: path)
            try await first.createTable()
            let double = await Embedded.error { try await GraphPool.open(at: path) }
            #expect("\(double, default: "")".contains("in use by this process"))
            #expect(await first.shutdown().isComplete)
            var configuration = GraphPoolConfiguration()
            configuration.database.isReadOnly = true
            let pool = try await GraphPool.open(at: path, configuration: configuration)
            let count = try await pool.count()
            #expect(count == 0)
            try await pool.probe()
            let write = await Embedded.error { try await pool.insert(1) }
            #expect("\(write, default: "")".contains("opened for reading only"))
            #expect(await pool.shutdown().isComplete)
            var refused = GraphPoolConfiguration()
            refused.maximumConnections = 1
            let error = await Embedded.error { try await GraphPool.open(at: path, configuration: refused) }
            #expect("\(error, default: "")".contains("at least 2"))
            refused = GraphPoolConfiguration()
            refused.pool.lifetimeJitter = 2
            let jitter = await Embedded.error { try await GraphPool.open(at: path, configuration: refused) }
            #expect((jitter as? PoolError)?.code == .invalidConfiguration)
        }
    }
}
