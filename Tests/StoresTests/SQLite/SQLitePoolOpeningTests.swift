import Foundation
import GRDB
import Pooling
import Stores
import Testing
import TrivetTesting

@Suite("P4: opening SQLite")
struct SQLitePoolOpeningTests {
    @Test("P4: a database that another connection holds gives an error with the remedy, after the busy timeout")
    func locked() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "database.sqlite")
            var exclusive = Configuration()
            exclusive.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
            let holder = try DatabaseQueue(path: path, configuration: exclusive)
            try await holder.write { try $0.execute(sql: "CREATE TABLE t(x)") }
            var configuration = SQLitePoolConfiguration()
            configuration.busyTimeout = .milliseconds(50)
            let error = await Embedded.error { try await SQLitePool.open(at: path, configuration: configuration) }
            #expect("\(error, default: "")".contains(path))
            #expect("\(error, default: "")".contains("Another process"))
        }
    }

    @Test("P4: every reason why it can't be opened is told apart")
    func openErrors() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            func expectRefused(
                _ path: String, _ reason: String, _ configure: (inout SQLitePoolConfiguration) -> Void = { _ in }
            ) async {
                var configuration = SQLitePoolConfiguration()
                configure(&configuration)
                let error = await Embedded.error { try await SQLitePool.open(at: path, configuration: configuration) }
                #expect(error is SQLiteStoreError)
                #expect("\(error, default: "")".contains(reason))
            }
            await expectRefused(folder.path, "is a folder")
            await expectRefused(folder.path(of: "no/such/file"), "does not exist")
            await expectRefused(":memory:", "could not share it")
            let text = folder.path(of: "text")
            try String(repeating: "no database ", count: 500).write(toFile: text, atomically: true, encoding: .utf8)
            await expectRefused(text, "not a database")
            await expectRefused(folder.path(of: "x"), "at least 2") { $0.maximumConnections = 1 }
            await expectRefused(folder.path(of: "x"), "at most maximumConnections") { $0.minimumConnections = 11 }
            await expectRefused(folder.path(of: "x"), "negative") { $0.busyTimeout = .seconds(-1) }
            await expectRefused(folder.path(of: "x"), "does not exist") { $0.isReadOnly = true }
            #expect(!FileManager.default.fileExists(atPath: folder.path(of: "x")))
        }
    }

    @Test("P4: opened for reading only, it has readers and refuses to write")
    func readOnly() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "records.sqlite")
            let first = try await SQLitePool.open(at: path)
            try await first.createTable()
            try await first.insert(1)
            await first.shutdown()
            var configuration = SQLitePoolConfiguration()
            configuration.isReadOnly = true
            let pool = try await SQLitePool.open(at: path, configuration: configuration)
            #expect(try await pool.count() == 1)
            #expect(pool.statuses.map(\.name) == ["sqlite.readers"])
            #expect(pool.connectionLimit == 10)
            try await pool.probe()
            let error = await Embedded.error { try await pool.insert(2) }
            #expect("\(error, default: "")".contains("opened for reading only"))
            await pool.shutdown()
        }
    }

    @Test("P5: a file that is gone fails the opening of readers with its reason, makes no new one, and is found again")
    func fileGone() async throws {
        try await SQLitePool.withPool({ configuration in
            configuration.minimumConnections = 1
            configuration.pool.connectBackOff = .milliseconds(5)
            configuration.pool.maximumConnectBackOff = .milliseconds(20)
        }) { pool in
            try await pool.createTable()
            try FileManager.default.moveItem(atPath: pool.path, toPath: pool.path + ".away")
            let error = await Embedded.error { try await pool.count() }
            #expect((error as? PoolError)?.code == .unreachable)
            #expect("\(error, default: "")".contains("it is gone"))
            #expect("\(error, default: "")".contains(pool.path))
            #expect(!FileManager.default.fileExists(atPath: pool.path))
            let probe = await Embedded.error { try await pool.probe() }
            #expect("\(probe, default: "")".contains("it is gone"))
            try FileManager.default.moveItem(atPath: pool.path + ".away", toPath: pool.path)
            await Embedded.eventually("readers can be opened again") { (try? await pool.count()) == 0 }
            try await pool.probe()
            await pool.expectSettled()
        }
    }

    @Test("P5: another file in the place of the database is not read as if it were the same")
    func fileReplaced() async throws {
        try await SQLitePool.withPool({ configuration in
            configuration.minimumConnections = 1
            configuration.pool.connectBackOff = .milliseconds(5)
        }) { pool in
            try await pool.createTable()
            let other = try DatabaseQueue(path: pool.path + ".other")
            try await other.write { try $0.execute(sql: "CREATE TABLE t(x); INSERT INTO t VALUES (1)") }
            try other.close()
            #expect(rename(pool.path + ".other", pool.path) == 0)
            let error = await Embedded.error { try await pool.count() }
            #expect((error as? PoolError)?.code == .unreachable)
            #expect("\(error, default: "")".contains("another file has taken its place"))
        }
    }
}
