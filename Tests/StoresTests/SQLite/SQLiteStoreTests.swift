import Foundation
import GRDB
import Stores
import Testing
import TrivetTesting

@Suite("P4: SQLite through GRDB")
struct SQLiteStoreTests {
    private func pragma(_ name: String, in pool: DatabasePool) async throws -> String? {
        try await pool.read { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }

    @Test("P4: WAL, busy timeout 30 s, cache of 10 MB, synchronous NORMAL, on readers and the writer", .sqliteDatabase)
    func options() async throws {
        let pool = try SQLiteStore.current
        #expect(try await pragma("journal_mode", in: pool) == "wal")
        #expect(try await pragma("busy_timeout", in: pool) == "30000")
        #expect(try await pragma("cache_size", in: pool) == "-10240")
        let synchronous = try await pool.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(synchronous == 1)
        #expect(pool.configuration.maximumReaderCount == 9)
    }

    @Test("P4: synchronous FULL where it is asked for", .sqliteDatabase(.durable))
    func full() async throws {
        let synchronous = try await SQLiteStore.current.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(synchronous == 2)
    }

    @Test("P4: a reader keeps its snapshot beside a writer", .sqliteDatabase)
    func snapshot() async throws {
        let pool = try SQLiteStore.current
        try await pool.write { try $0.execute(sql: "CREATE TABLE t(x)") }
        let counts = try await pool.read { reader in
            let before = try Int.fetchOne(reader, sql: "SELECT count(*) FROM t")
            try pool.writeFromAnotherThread("INSERT INTO t VALUES (1)")
            return [before, try Int.fetchOne(reader, sql: "SELECT count(*) FROM t")]
        }
        #expect(counts == [0, 0])
    }

    @Test("P4: a database that another connection holds gives an error with the remedy, after the busy timeout")
    func locked() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "database.sqlite")
            var exclusive = Configuration()
            exclusive.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
            let holder = try DatabaseQueue(path: path, configuration: exclusive)
            try await holder.write { try $0.execute(sql: "CREATE TABLE t(x)") }
            var configuration = SQLiteConfiguration()
            configuration.busyTimeout = .milliseconds(50)
            await #expect {
                _ = try await SQLiteStore.open(at: path, configuration: configuration)
            } throws: { error in
                "\(error)".contains(path) && "\(error)".contains("Another process")
            }
        }
    }

    @Test("P4: every reason why it can't be opened is told apart")
    func openErrors() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            func expectRefused(_ path: String, _ reason: String, _ configuration: SQLiteConfiguration = .init()) async {
                await #expect {
                    _ = try await SQLiteStore.open(at: path, configuration: configuration)
                } throws: { error in
                    "\(error)".contains(reason) && error is SQLiteStoreError
                }
            }
            await expectRefused(folder.path, "is a folder")
            await expectRefused(folder.path(of: "no/such/file"), "does not exist")
            let text = folder.path(of: "text")
            try String(repeating: "no database ", count: 500).write(toFile: text, atomically: true, encoding: .utf8)
            await expectRefused(text, "not a database")
            var single = SQLiteConfiguration()
            single.connections = 1
            await expectRefused(folder.path(of: "x"), "at least 2", single)
            var readOnly = SQLiteConfiguration()
            readOnly.isReadOnly = true
            await expectRefused(folder.path(of: "x"), "does not exist", readOnly)
        }
    }
}

extension SQLiteConfiguration {
    fileprivate static var durable: SQLiteConfiguration {
        var configuration = SQLiteConfiguration()
        configuration.synchronous = .full
        return configuration
    }
}

extension DatabasePool {
    fileprivate func writeFromAnotherThread(_ sql: String) throws {
        try write { try $0.execute(sql: sql) }
    }
}
