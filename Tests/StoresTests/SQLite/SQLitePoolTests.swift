import Foundation
import GRDB
import Pooling
import Stores
import Testing
import TrivetTesting

@Suite("P4: SQLite behind its pools")
struct SQLitePoolTests {
    private func pragma(_ name: String, _ session: SQLiteSession) async throws -> String? {
        try await session.run { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }

    private func expectDefaults(_ session: SQLiteSession) async throws {
        #expect(try await pragma("journal_mode", session) == "wal")
        #expect(try await pragma("cache_size", session) == "-10240")
        #expect(try await pragma("foreign_keys", session) == "1")
    }

    @Test("P4: by default WAL, cache of 10 MB, synchronous NORMAL, one writer and nine readers")
    func options() async throws {
        try await SQLitePool.withPool { pool in
            try await pool.withReader { try await expectDefaults($0) }
            try await pool.withWriter { session in
                try await expectDefaults(session)
                #expect(try await pragma("synchronous", session) == "1")
            }
            #expect(pool.configuration.busyTimeout == .seconds(30))
            #expect(pool.connectionLimit == 10)
            #expect(try pool.status("sqlite.readers").maximum == 9)
            #expect(try pool.status("sqlite.writer").maximum == 1)
            #expect(pool.statuses.map(\.followsLimit) == [true, false])
            #expect(pool.kind == .sqlite)
        }
    }

    @Test("P4: synchronous FULL where it is asked for", .sqliteDatabase(.durable))
    func full() async throws {
        let synchronous = try await SQLitePool.current.withWriter { try await pragma("synchronous", $0) }
        #expect(synchronous == "2")
    }

    @Test("P4: a reader keeps its snapshot beside the writer")
    func snapshot() async throws {
        try await SQLitePool.withPool { pool in
            try await pool.createTable()
            let began = Arrivals()
            let written = DispatchSemaphore(value: 0)
            async let counts = pool.read { database in
                let before = try Int.fetchOne(database, sql: "SELECT count(*) FROM t")
                began.arrive()
                written.wait()
                return [before, try Int.fetchOne(database, sql: "SELECT count(*) FROM t")]
            }
            await began.wait()
            try await pool.insert(1)
            written.signal()
            #expect(try await counts == [0, 0])
            #expect(try await pool.count() == 1)
        }
    }

    @Test("P4: a transaction that throws leaves nothing behind, and its connection goes on")
    func rollback() async throws {
        try await SQLitePool.withPool { pool in
            try await pool.createTable()
            let error = await Embedded.error {
                try await pool.write { database in
                    try database.execute(sql: "INSERT INTO t VALUES (1)")
                    throw Refusal()
                }
            }
            #expect(error is Refusal)
            #expect(try await pool.count() == 0)
            try await pool.insert(2)
            #expect(try await pool.count() == 1)
            await pool.expectSettled()
            #expect(try pool.status("sqlite.writer").counters.opened == 1)
        }
    }

    @Test("P5: a statement's own fault keeps its connection")
    func statementErrors() async throws {
        try await SQLitePool.withPool { pool in
            try await pool.write { try $0.execute(sql: "CREATE TABLE u(x UNIQUE); INSERT INTO u VALUES (1)") }
            let insert = "INSERT INTO u VALUES (1)"
            let double = await Embedded.error { try await pool.write { try $0.execute(sql: insert) } }
            #expect((double as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT)
            let nonsense = await Embedded.error { try await pool.read { try $0.execute(sql: "nonsense") } }
            #expect((nonsense as? DatabaseError)?.resultCode == .SQLITE_ERROR)
            let write = await Embedded.error { try await pool.read { try $0.execute(sql: insert) } }
            #expect((write as? DatabaseError)?.resultCode == .SQLITE_READONLY)
            await pool.expectSettled()
            for status in pool.statuses { #expect(status.status.counters.closed == 0) }
        }
    }

    @Test("P4: each session's statements run on its own thread and nowhere else")
    func threads() async throws {
        try await SQLitePool.withPool { pool in
            let arrived = Arrivals()
            let threads = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await pool.withReader { session in
                            arrived.arrive()
                            await arrived.wait(for: 3)
                            var threads: [String] = []
                            for _ in 0..<3 {
                                threads.append(try await session.run { _ in Embedded.thread })
                                threads.append(try await session.read { _ in Embedded.thread })
                            }
                            return threads
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let writer = try await pool.withWriter { [try await $0.write { _ in Embedded.thread }] }
            let own = (threads + [writer]).map { Set($0) }
            #expect(own.allSatisfy { $0.count == 1 })
            #expect(Set(own).count == 4)
        }
    }

    @Test("P4: GRDB's records, and a schema that changes under the readers' feet")
    func records() async throws {
        try await SQLitePool.withPool({ $0.maximumConnections = 2 }) { pool in
            var migrator = DatabaseMigrator()
            migrator.registerMigration("players") { database in
                try database.create(table: "player") { $0.autoIncrementedPrimaryKey("id").notNull() }
            }
            migrator.registerMigration("names") { database in
                try database.alter(table: "player") { $0.add(column: "name", .text) }
            }
            try await pool.migrate(migrator, upTo: "players")
            let before = try await pool.read { try $0.columns(in: "player").map(\.name) }
            #expect(before == ["id"])
            try await pool.migrate(migrator)
            let after = try await pool.read { try $0.columns(in: "player").map(\.name) }
            #expect(after == ["id", "name"])
            try await pool.write { try Player(id: 1, name: "Ada").insert($0) }
            #expect(try await pool.read { try Player.fetchAll($0) } == [Player(id: 1, name: "Ada")])
        }
    }

    @Test("P4: each connection is prepared: functions exist on readers and the writer")
    func prepared() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let pool = try await SQLitePool.open(
                at: folder.path(of: "records.sqlite"),
                prepare: { database in
                    database.add(function: DatabaseFunction("answer", argumentCount: 0, pure: true) { _ in 42 })
                })
            #expect(try await pool.read { try Int.fetchOne($0, sql: "SELECT answer()") } == 42)
            #expect(try await pool.write { try Int.fetchOne($0, sql: "SELECT answer()") } == 42)
            await pool.shutdown()
        }
    }
}

private struct Player: Codable, Hashable, FetchableRecord, PersistableRecord {
    var id: Int
    var name: String
}

extension SQLitePoolConfiguration {
    fileprivate static var durable: SQLitePoolConfiguration {
        var configuration = SQLitePoolConfiguration()
        configuration.synchronous = .full
        return configuration
    }
}
