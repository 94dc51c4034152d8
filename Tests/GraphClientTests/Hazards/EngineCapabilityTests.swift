import CGraphEngine
import Foundation
import Testing
import TrivetTesting

@testable import GraphClient

/// What the table of capabilities says of the engine that the environment names, shown on the engine itself.
@Suite("P1: what tells the engines apart is as the table says", .timeLimit(.minutes(5)))
struct EngineCapabilityTests {
    private func withDatabase<T: Sendable>(_ body: (RawDatabase, String) throws -> T) async throws -> T {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            let database = try RawDatabase(path)
            defer { database.close() }
            return try body(database, path)
        }
    }

    @Test("H17: a rolled-back change is met by the next one, where the table says so")
    func rolledBackUpdates() async throws {
        // In a process of its own: what is met is freed memory.
        await #expect(processExitsWith: .success) {
            try await TemporaryDirectory.withDirectory { folder in
                let database = try RawDatabase(folder.path(of: "graph"))
                let connection = database.connect()
                _ = connection.run("CREATE NODE TABLE A(id INT64 PRIMARY KEY, b INT64, s STRING)")
                _ = connection.run("UNWIND range(1, 20) AS i CREATE (:A {id: i, b: 0, s: 'a'})")
                // Now and then its content is harmless.
                var conflicts = 0
                for round in 0..<400 where conflicts == 0 {
                    let id = round % 20 + 1
                    _ = connection.run("BEGIN TRANSACTION")
                    _ = connection.run("MATCH (a:A {id: \(id)}) SET a.b = -1, a.s = 'rolled back'")
                    _ = connection.run("ROLLBACK")
                    let failure = connection.run("MATCH (a:A {id: \(id)}) SET a.b = \(round)")
                    let found = try connection.value("MATCH (a:A {id: \(id)}) RETURN a.b")
                    if failure != nil || found != .int64(Int64(round)) { conflicts += 1 }
                }
                #expect((conflicts > 0) == database.engine.capabilities.keepsRolledBackUpdates)
                // Not closed: the process ends here.
            }
        }
    }

    @Test("H22: a list finds other relationships once one was deleted, where the table says so")
    func lists() async throws {
        try await withDatabase { database, _ in
            let connection = database.connect()
            _ = connection.run("CREATE NODE TABLE I(id INT64 PRIMARY KEY)")
            _ = connection.run("CREATE REL TABLE L(FROM I TO I, w INT64)")
            _ = connection.run("UNWIND range(0, 99) AS i CREATE (:I {id: i})")
            for (a, b, w) in [(12, 1, 862), (7, 3, 440), (18, 19, 499), (4, 3, 379), (21, 1, 462)] {
                _ = connection.run("MATCH (a:I {id: \(a)}), (b:I {id: \(b)}) CREATE (a)-[:L {w: \(w)}]->(b)")
            }
            #expect(connection.run("MATCH (:I {id: 4})-[l:L]->() DELETE l") == nil)
            for filter in ["l.w IN [440]", "list_contains([440], l.w)"] {
                let found = try connection.value("MATCH (:I)-[l:L]->(:I) WHERE \(filter) RETURN min(l.w)")
                #expect((found != .int64(440)) == database.engine.capabilities.misfindsByList)
            }
        }
    }

    @Test("H26: a checkpoint makes NaN of a number beside NaN, where the table says so")
    func notANumber() async throws {
        try await withDatabase { database, _ in
            let connection = database.connect()
            _ = connection.run("CREATE NODE TABLE A(id INT64 PRIMARY KEY, x DOUBLE)")
            for (id, x) in ["cast('nan' AS DOUBLE)", "-620.0", "cast('nan' AS DOUBLE)"].enumerated() {
                #expect(connection.run("CREATE (:A {id: \(id), x: \(x)})") == nil)
            }
            #expect(connection.run("CHECKPOINT") == nil)
            guard case .double(let x) = try connection.value("MATCH (a:A {id: 1}) RETURN a.x") else {
                Issue.record("the row is gone")
                return
            }
            #expect(x.isNaN == database.engine.capabilities.spreadsNaN)
            #expect(x.isNaN || x == -620)
        }
    }

    @Test("H16: a changed byte of a text in the log is noticed where records have checksums, and else is the text")
    func checksums() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            let database = try RawDatabase(path)
            let connection = database.connect()
            _ = connection.run("CREATE NODE TABLE A(id INT64 PRIMARY KEY, s STRING)")
            _ = connection.run("CREATE (:A {id: 1, s: 'right text'})")
            _ = connection.run("CREATE (:A {id: 2, s: 'another'})")
            let log = URL(fileURLWithPath: path + ".wal")
            var bytes = try Data(contentsOf: log)
            let text = try #require(bytes.range(of: Data("right".utf8)))
            bytes.replaceSubrange(text, with: Data("wrong".utf8))

            let damaged = folder.path(of: "damaged")
            try FileManager.default.copyItem(atPath: path, toPath: damaged)
            try bytes.write(to: URL(fileURLWithPath: damaged + ".wal"))
            do {
                let database = try RawDatabase(damaged)
                #expect(!database.engine.capabilities.checksumsLog)
                #expect(try database.connect().value("MATCH (a:A {id: 1}) RETURN a.s") == "wrong text")
                database.close()
            } catch let failure as RawDatabase.OpenFailure {
                #expect(database.engine.capabilities.checksumsLog && failure.reason.contains("Checksum"))
            }
        }
    }

    @Test("H18: a plan made within a rolled-back change of a table outlives it, where the table says so")
    func plans() async throws {
        try await withDatabase { database, _ in
            let connection = database.connect()
            let functions = database.engine.functions
            #expect(connection.run("CREATE NODE TABLE A(id INT64 PRIMARY KEY)") == nil)
            #expect(connection.run("CREATE (:A {id: 1})") == nil)
            _ = connection.run("BEGIN TRANSACTION")
            #expect(connection.run("ALTER TABLE A ADD b INT64") == nil)
            var statement = graph_prepared_statement()
            _ = functions.connection_prepare(&connection.handle, "MATCH (a:A {id: $id}) RETURN a.*", &statement)
            defer { functions.prepared_statement_destroy(&statement) }
            func width() -> UInt64 {
                var result = graph_query_result()
                _ = functions.prepared_statement_bind_int64(&statement, "id", 1)
                let state = functions.connection_execute(&connection.handle, &statement, &result)
                defer { if result.pointer != nil { functions.query_result_destroy(&result) } }
                return state == GRAPH_SUCCESS ? functions.query_result_get_num_columns(&result) : 0
            }
            #expect(width() == 2)
            _ = connection.run("ROLLBACK")
            #expect((width() != 1) == database.engine.capabilities.reusesPlans)
        }
    }

    @Test("a destroyed statement's memory is kept until its connection ends, where the table says so")
    func statementMemory() async throws {
        #if os(Linux)
            await #expect(processExitsWith: .success) {
                try await TemporaryDirectory.withDirectory { folder in
                    let database = try RawDatabase(folder.path(of: "graph"))
                    let connection = database.connect()
                    let functions = database.engine.functions
                    _ = connection.run("CREATE NODE TABLE A(id INT64 PRIMARY KEY)")
                    func prepare(_ count: Int) {
                        for _ in 0..<count {
                            var statement = graph_prepared_statement()
                            _ = functions.connection_prepare(
                                &connection.handle, "MATCH (a:A {id: $id}) RETURN a.id", &statement)
                            functions.prepared_statement_destroy(&statement)
                        }
                    }
                    func resident() throws -> Int {
                        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(
                            separator: " ")[1]
                        return (Int(pages) ?? 0) * Int(getpagesize())
                    }
                    prepare(2_000)
                    let before = try resident()
                    prepare(4_000)
                    let kept = (try resident() - before) / 4_000
                    #expect(
                        (kept > 1_000) == database.engine.capabilities.keepsDestroyedStatements, "\(kept) bytes each")
                    database.close()
                }
            }
        #endif
    }

    @Test("P1: storage versions that the table names are read, and those before them are not")
    func storageVersions() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            let engine = try GraphEngine.load()
            try RawDatabase(path).close()
            let oldest = engine.capabilities.oldestStorageVersion ?? engine.storageVersion
            func isRead(_ version: UInt64) throws -> Bool {
                let other = folder.path(of: "version-\(version)")
                var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                bytes.replaceSubrange(4..<12, with: (0..<8).map { UInt8(truncatingIfNeeded: version >> ($0 * 8)) })
                try bytes.write(to: URL(fileURLWithPath: other))
                do {
                    try RawDatabase(other).close()
                    return true
                } catch is RawDatabase.OpenFailure {
                    return false
                }
            }
            for version in oldest...engine.storageVersion { #expect(try isRead(version)) }
            #expect(try !isRead(oldest - 1))
            #expect(try !isRead(engine.storageVersion + 1))
        }
    }

    @Test("H8, H9, H13: what the client guards against on both engines ends worse on one of them")
    func guardedOnBoth() async throws {
        let kind = try GraphEngine.load().kind
        // The number of rows of a failed result.
        let end: ExitTest.Condition = kind == .kuzu ? .signal(SIGSEGV) : .success
        await #expect(processExitsWith: end) {
            try await TemporaryDirectory.withDirectory { folder in
                let database = try RawDatabase(folder.path(of: "graph"))
                database.connect().withResult(of: "RETURN") { result, _ in
                    _ = database.engine.functions.query_result_get_num_tuples(&result)
                }
            }
        }
        try await withDatabase { database, path in
            let connection = database.connect()
            let functions = database.engine.functions
            var statement = graph_prepared_statement()
            _ = functions.connection_prepare(&connection.handle, "RETURN $a", &statement)
            var result = graph_query_result()
            let unbound = functions.connection_execute(&connection.handle, &statement, &result)
            #expect((unbound == GRAPH_SUCCESS) == (kind == .kuzu))
            functions.query_result_destroy(&result)
            functions.prepared_statement_destroy(&statement)
            do {
                try RawDatabase(path + "/none").close()
                Issue.record("a database in a folder that is a file was opened")
            } catch let failure as RawDatabase.OpenFailure {
                #expect(failure.reason.isEmpty == (kind == .kuzu))
            }
        }
    }

    @Test("H19: a checkpoint beside a reader fails (H3), or is one that a crash within the next one makes lose commits")
    func checkpointBesideReader() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                let database = try RawDatabase(path)
                let writer = database.connect(), reader = database.connect()
                _ = writer.run("CREATE NODE TABLE A(id INT64 PRIMARY KEY)")
                _ = writer.run("CREATE REL TABLE R(FROM A TO A)")
                _ = writer.run("UNWIND [1, 2] AS i CREATE (:A {id: i})")
                _ = writer.run("CHECKPOINT")
                _ = reader.run("BEGIN TRANSACTION READ ONLY")
                _ = reader.run("MATCH (a:A) RETURN count(*)")
                _ = writer.run("MATCH (a:A {id: 1}), (b:A {id: 2}) CREATE (a)-[:R]->(b)")
                let failure = writer.run("CHECKPOINT")
                #expect((failure == nil) == (database.engine.kind == .ladybug))
                _ = writer.run("CREATE (:A {id: 3})")
                // What a kill leaves that comes while the next checkpoint writes its pages.
                _ = FileManager.default.createFile(atPath: path + ".shadow", contents: Data([0]))
                kill(getpid(), SIGKILL)
            }
            let database = try RawDatabase(path)
            let relationships = try database.connect().value("MATCH ()-[r:R]->() RETURN count(*)")
            let nodes = try database.connect().value("MATCH (a:A) RETURN count(*)")
            // In Ladybug the relationship is there twice, and the last node is lost; so a checkpoint waits for readers there, too.
            #expect([relationships, nodes] == (database.engine.kind == .ladybug ? [2, 2] : [1, 3]))
            database.close()
        }
    }

    @Test("H6: COPY is in no engine's log")
    func copyOutsideOfLog() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            try "1\n2\n".write(toFile: path + ".csv", atomically: true, encoding: .utf8)
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                let database = try RawDatabase(path)
                let writer = database.connect(), reader = database.connect()
                _ = writer.run("CREATE NODE TABLE A(id INT64 PRIMARY KEY)")
                _ = reader.run("BEGIN TRANSACTION READ ONLY")
                _ = reader.run("MATCH (a:A) RETURN count(*)")
                _ = writer.run("COPY A FROM '\(path).csv'")
                kill(getpid(), SIGKILL)
            }
            let database = try RawDatabase(path)
            #expect(try database.connect().value("MATCH (a:A) RETURN count(*)") == 0)
            database.close()
        }
    }
}
