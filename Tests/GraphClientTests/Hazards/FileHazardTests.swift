import Foundation
import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: hazards of the database's files (H4–H6, H13, H14, H16)", .timeLimit(.minutes(5)))
struct FileHazardTests {
    private func withFolder<T: Sendable>(_ body: (String) async throws -> T) async throws -> T {
        try await TemporaryDirectory.withDirectory { try await body($0.path(of: "graph")) }
    }

    private func count(at path: String) async throws -> Int {
        try await GraphDatabase.withDatabase(at: path) { database in
            try await database.withSession { try await $0.query("MATCH (t:T) RETURN count(*)").scalar() }
        }
    }

    private func expectRefused(_ path: String, _ reason: String, _ configuration: GraphDatabase.Configuration = .init())
        async
    {
        await #expect {
            _ = try await GraphDatabase.open(at: path, configuration: configuration)
        } throws: { error in
            "\(error)".contains(reason) && "\(error)".contains(path)
        }
    }

    @Test("H4: a process killed at any moment of a checkpoint loses nothing", arguments: 0..<6)
    func killedInCheckpoint(round: Int) async throws {
        try await withFolder { path in
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
                let database = try await GraphDatabase.open(at: path)
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY, name STRING)")
                    try await session.execute(
                        "UNWIND range(1, 2000) AS i CREATE (:T {id: i, name: 'name ' + cast(i AS STRING)})")
                }
                Thread.detachNewThread {
                    usleep(UInt32(round * 2_500))
                    kill(getpid(), SIGKILL)
                }
                while true { try await database.checkpoint() }
            }
            let found = try await count(at: path)
            #expect(found == 2_000)
            #expect(!FileManager.default.fileExists(atPath: path + ".checkpoint-copy"))
        }
    }

    @Test("H4: a database that a checkpoint destroyed is restored from its copy")
    func restored() async throws {
        try await withFolder { path in
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                    try await session.execute("UNWIND range(1, 100) AS i CREATE (:T {id: i})")
                    try await session.run { _ in try CheckpointCopy(ofDatabaseAt: path).make() }
                }
            }
            // What a kill within the checkpoint can leave: a file torn in the middle, and no log.
            try Data(repeating: 7, count: 10_000).write(to: URL(fileURLWithPath: path))
            try? FileManager.default.removeItem(atPath: path + ".wal")
            #expect(try await count(at: path) == 100)
            #expect(!FileManager.default.fileExists(atPath: path + ".checkpoint-copy"))
            #expect(try await count(at: path) == 100)
        }
    }

    @Test("H4: after a checkpoint that failed, its copy does not replace what is written later")
    func failedCheckpoint() async throws {
        try await withFolder { path in
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                    try await session.run { connection in
                        // Around the gate: the engine gives up when it meets a transaction that writes.
                        let intruder = try GraphConnection(database: connection.database)
                        try intruder.executeUnchecked("BEGIN TRANSACTION")
                        try intruder.executeUnchecked("CREATE (:T {id: 7})")
                        var failure: (any Error)?
                        do { try connection.checkpoint() } catch { failure = error }
                        #expect("\(failure, default: "none")".contains("checkpoint"))
                        try intruder.executeUnchecked("ROLLBACK")
                    }
                    try await session.execute("CREATE (:T {id: 1})")
                }
            }
            #expect(try await count(at: path) == 1)
        }
    }

    @Test("H4: when a copy can't be deleted, writes are refused, and reads go on")
    func writesRefused() async throws {
        try await withFolder { path in
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                    database.core.refuseWrites("for a reason")
                    await #expect(throws: GraphError.self) { try await session.execute("CREATE (:T {id: 1})") }
                    await #expect(throws: GraphError.self) { try await session.transaction { _ in } }
                    await #expect(throws: GraphError.self) { try await database.checkpoint() }
                    let found = try await session.query("MATCH (t:T) RETURN count(*)").scalar(Int.self)
                    #expect(found == 0)
                }
            }
        }
    }

    @Test("H4: a copy that was not finished is not used")
    func unfinishedCopy() async throws {
        try await withFolder { path in
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { try await $0.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)") }
            }
            try FileManager.default.createDirectory(
                atPath: path + ".checkpoint-copy.unfinished", withIntermediateDirectories: false)
            #expect(try await count(at: path) == 0)
            #expect(!FileManager.default.fileExists(atPath: path + ".checkpoint-copy.unfinished"))
        }
    }

    @Test("H4: closing makes no checkpoint; the log is there to be read back")
    func closeKeepsLog() async throws {
        try await withFolder { path in
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { try await $0.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)") }
            }
            let size = try FileManager.default.attributesOfItem(atPath: path + ".wal")[.size] as? Int ?? 0
            #expect(size > 0)
            #expect(try await count(at: path) == 0)
        }
    }

    @Test("H5: a second opener is refused before it touches the log, in this process and in another one")
    func secondOpener() async throws {
        try await withFolder { path in
            let database = try await GraphDatabase.open(at: path)
            try await database.withSession { session in
                try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                try await session.execute("CREATE (:T {id: 1})")
            }
            await expectRefused(path, "this process")
            let link = path + "-link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            await #expect(throws: GraphError.self) { try await GraphDatabase.open(at: link) }
            let size = try FileManager.default.attributesOfItem(atPath: path + ".wal")[.size] as? Int
            let own = getpid()
            await #expect(processExitsWith: .success) { [path = path as String, own = own as Int32] in
                await #expect(throws: GraphError.locked(path: path, holder: "process \(own)")) {
                    try await GraphDatabase.open(at: path)
                }
            }
            #expect(try FileManager.default.attributesOfItem(atPath: path + ".wal")[.size] as? Int == size)
            await database.close()
            #expect(try await count(at: path) == 1)
        }
    }

    @Test("H5: a program that knows nothing of our lock is noticed by the engine's own")
    func foreignHolder() async throws {
        try await withFolder { path in
            try await GraphDatabase.withDatabase(at: path) { _ in }
            async let holder: Void = {
                await #expect(processExitsWith: .success) { [path = path as String] in
                    let database = try RawDatabase(path)
                    _ = FileManager.default.createFile(atPath: path + ".held", contents: nil)
                    while !FileManager.default.fileExists(atPath: path + ".done") {
                        try await Task.sleep(for: .milliseconds(5))
                    }
                    database.close()
                }
            }()
            while !FileManager.default.fileExists(atPath: path + ".held") {
                try await Task.sleep(for: .milliseconds(5))
            }
            await expectRefused(path, "process ")
            _ = FileManager.default.createFile(atPath: path + ".done", contents: nil)
            await holder
            try await GraphDatabase.withDatabase(at: path) { _ in }
        }
    }

    @Test("H6: COPY is refused as a statement, and durable as a bulk load, after SIGKILL too")
    func bulkLoad() async throws {
        try await withFolder { path in
            let csv = path + ".csv"
            try (0..<500).map { "\($0)\n" }.joined().write(toFile: csv, atomically: true, encoding: .utf8)
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, csv = csv as String] in
                let database = try await GraphDatabase.open(at: path)
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                    await #expect(throws: GraphError.self) { try await session.execute("COPY T FROM '\(csv)'") }
                    await #expect(throws: GraphError.self) {
                        try await session.transaction { try $0.execute("COPY T FROM '\(csv)'") }
                    }
                }
                try await database.bulkLoad("COPY T FROM '\(csv)'")
                kill(getpid(), SIGKILL)
            }
            #expect(try await count(at: path) == 500)
        }
    }

    @Test("H6: a bulk load that fails, and one without COPY, change nothing")
    func failedBulkLoad() async throws {
        try await withFolder { path in
            try "1\nx\n".write(toFile: path + ".csv", atomically: true, encoding: .utf8)
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { try await $0.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)") }
                await #expect(throws: GraphError.self) { try await database.bulkLoad("COPY T FROM '\(path).csv'") }
                await #expect(throws: GraphError.self) { try await database.bulkLoad("CREATE (:T {id: 1})") }
            }
            #expect(try await count(at: path) == 0)
        }
    }

    @Test("H13: every reason why a database can't be opened is told apart")
    func openErrors() async throws {
        try await withFolder { path in
            await expectRefused(path + "/no/folder", "doesn't exist")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            await expectRefused(path, "folder")
            try FileManager.default.removeItem(atPath: path)
            try Data("no database at all".utf8).write(to: URL(fileURLWithPath: path))
            let engine = try GraphEngine.load()
            await expectRefused(path, "not a \(engine.kind.displayName) database")
            let version = UInt8(engine.storageVersion)
            for other in [38, version + 1] {
                try Data(engine.kind.magic.utf8 + [other, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 5_000))
                    .write(to: URL(fileURLWithPath: path))
                await expectRefused(path, "storage version \(other)")
            }
            try Data(engine.kind.magic.utf8 + [version, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0xEE, count: 50_000))
                .write(to: URL(fileURLWithPath: path))
            await expectRefused(path, "damaged")
            var readOnly = GraphDatabase.Configuration()
            readOnly.isReadOnly = true
            await expectRefused(path + "-none", "doesn't exist", readOnly)
        }
    }

    @Test("P1: a read-only database reads and refuses writes")
    func readOnly() async throws {
        try await withFolder { path in
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { try await $0.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)") }
                try await database.checkpoint()
            }
            var configuration = GraphDatabase.Configuration()
            configuration.isReadOnly = true
            try await GraphDatabase.withDatabase(at: path, configuration: configuration) { database in
                try await database.withSession { session in
                    let found = try await session.query("MATCH (t:T) RETURN count(*)").scalar(Int.self)
                    #expect(found == 0)
                    await #expect(throws: GraphError.self) { try await session.execute("CREATE (:T {id: 1})") }
                }
            }
        }
    }

    @Test("H14: configurations that the engine takes badly are refused; 40 databases open at once")
    func limits() async throws {
        try await withFolder { path in
            var odd = GraphDatabase.Configuration()
            odd.maxDatabaseSize = 3 << 30
            await expectRefused(path, "power of two", odd)
            var tiny = GraphDatabase.Configuration()
            tiny.bufferPoolSize = 1
            await expectRefused(path, "8 MiB", tiny)
            var threadless = GraphDatabase.Configuration()
            threadless.maxThreads = 0
            await expectRefused(path, "at least 1", threadless)
            var small = GraphDatabase.Configuration()
            small.maxThreads = 1
            var open: [GraphDatabase] = []
            for index in 0..<40 {
                open.append(try await GraphDatabase.open(at: "\(path)-\(index)", configuration: small))
            }
            for database in open { await database.close() }
        }
    }

    @Test("H16: a log that was damaged after closing is refused instead of read")
    func damagedLog() async throws {
        try await withFolder { path in
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                    try await session.execute("UNWIND range(1, 100) AS i CREATE (:T {id: i})")
                }
            }
            let wal = path + ".wal"
            let modified = try FileManager.default.attributesOfItem(atPath: wal)[.modificationDate]
            var bytes = try Data(contentsOf: URL(fileURLWithPath: wal))
            bytes[bytes.count / 2] ^= 0x10
            let file = try #require(FileHandle(forWritingAtPath: wal))
            try file.write(contentsOf: bytes)
            try file.close()
            try FileManager.default.setAttributes([.modificationDate: modified as Any], ofItemAtPath: wal)
            await expectRefused(path, "damaged")
            bytes[bytes.count / 2] ^= 0x10
            try bytes.write(to: URL(fileURLWithPath: wal))
            #expect(try await count(at: path) == 100)
        }
    }
}
