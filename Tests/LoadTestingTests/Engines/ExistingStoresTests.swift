import Foundation
import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Scenarios
import Testing
import TrivetTesting

@testable import LoadTesting

@Suite("§5: a scenario on stores of a user's own", .serialized, .timeLimit(.minutes(5)))
struct ExistingStoresTests {
    /// Stores that Trivet knows nothing of.
    private struct Own {
        let folder: String
        let redis: RedisConnection
        var stores: ExistingStores

        /// Every byte that lies in the folder, and every key with its value.
        func contents() async throws -> [String: Data] {
            var all: [String: Data] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                all[name] = FileManager.default.contents(atPath: folder + "/" + name)
            }
            for key in try await redis.send(RedisCommand("KEYS", "*")).decode(as: [String].self) {
                let value = try await redis.send(RedisCommand("GET", key))
                all["key \(key)"] = Data("\(value)".utf8)
            }
            return all
        }
    }

    private func withOwn(isWAL: Bool = true, _ body: (Own) async throws -> Void) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let sqlite = folder.path(of: "app.sqlite"), graph = folder.path(of: "app.graph")
            let database = try DatabaseQueue(path: sqlite)
            if isWAL { try await database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") } }
            try await database.write { db in
                try db.execute(sql: "CREATE TABLE products (id INTEGER PRIMARY KEY, sold INTEGER NOT NULL)")
                for id in 1...20 { try db.execute(sql: "INSERT INTO products VALUES (?, 0)", arguments: [id]) }
            }
            try database.close()
            try await GraphDatabase.withDatabase(at: graph) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE Product(id INT64 PRIMARY KEY, sold INT64)")
                    try await session.execute("UNWIND range(1, 20) AS i CREATE (:Product {id: i, sold: 0})")
                }
            }
            try await RedisServer.withServer { server in
                try await RedisConnection.withConnection(to: server.endpoint) { redis in
                    for id in 1...20 { try await redis.set("sold:\(id)", "0") }
                    let address = ExistingStores.Redis(
                        name: "\(server.endpoint)", endpoint: server.endpoint, configuration: .init())
                    try await body(
                        Own(
                            folder: folder.path, redis: redis,
                            stores: ExistingStores(sqlite: sqlite, graph: graph, redis: address)))
                }
            }
        }
    }

    private func run(_ operations: String, _ more: String = "", on stores: ExistingStores) async throws -> RunResult {
        let text = """
            scenario: own
            values: {id: {uniform: {to: 20}}}
            operations: [\(operations)]
            load: {users: 2, stages: [{hold: 300ms}]}
            \(more)
            """
        var run = FileRun(try ScenarioFile(text, path: "own.yaml"), plan: LoadPlan())
        run.existing = stores
        return try await run.run(command: "", monitor: LoadMonitor())
    }

    private static let reads = """
        {name: a, sqlite: SELECT sold FROM products WHERE id = $id, rows: 1},
        {name: b, graph: 'MATCH (p:Product {id: $id}) RETURN p.sold', rows: 1}, {name: c, redis: GET sold:$id, rows: 1}
        """

    @Test(
        "§5: what would write is refused before anything is written, with the place and the remedy",
        arguments: [
            ("app.sqlite (the operation \"x\")", "{name: x, sqlite: UPDATE products SET sold = 1}", ""),
            ("app.graph (the operation \"x\")", "{name: x, graph: MATCH (p:Product) SET p.sold = 1}", ""),
            ("(INCR of the operation \"x\")", "{name: x, redis: INCR sold:$id}", ""),
            ("(EVAL of the operation \"x\")", "{name: x, redis: \"EVAL 'return 1' 0\"}", ""),
            ("(PFCOUNT of the operation \"x\")", "{name: x, redis: PFCOUNT sold:$id}", ""),
            ("(NOSUCH of the operation \"x\")", "{name: x, redis: NOSUCH}", ""),
            ("(the operation \"x\")", "{name: x, transaction: [{redis: GET sold:$id}]}", ""),
            ("(the operation \"x\")", "{name: x, snapshot: [{sqlite: SELECT 1}]}", ""),
            ("app.sqlite (the schema)", reads, "schema: {sqlite: CREATE TABLE t (id INTEGER)}"),
            ("(the data \"more\")", reads, "data: [{name: more, count: 1, redis: SET more 1}]"),
            ("(the fault sqlite.busy)", reads, "faults: [{fault: sqlite.busy, at: 10ms, for: 10ms}]"),
        ])
    func refused(place: String, operations: String, more: String) async throws {
        try await withOwn { own in
            let before = try await own.contents()
            do {
                _ = try await run(operations, more, on: own.stores)
                Issue.record("it ran")
            } catch let error as ExistingStoresError {
                #expect(error.description.contains(place), "\(error)")
                #expect(error.description.contains("--adopt") && error.description.contains("Nothing was written."))
            }
            #expect(try await own.contents() == before)
        }
    }

    @Test("§5: a run that only reads needs no leave, and writes nothing", arguments: [true, false])
    func readOnly(isWAL: Bool) async throws {
        try await withOwn(isWAL: isWAL) { own in
            let before = try await own.contents()
            let result = try await run(
                Self.reads, "checks: [{name: sum, sqlite: SELECT count(*) FROM products, equals: 20}]", on: own.stores)
            #expect(result.scenarios[0].failureKinds == [])
            #expect(result.scenarios[0].operations > 0 && result.passed)
            #expect(result.scenarios[0].processes?.map(\.name) == ["trivet"])
            var after = try await own.contents()
            // What readers of SQLite and the lock of the graph leave beside them; no database has changed.
            for name in ["app.sqlite-wal", "app.sqlite-shm", "app.graph.lock"] where before[name] == nil {
                if name.hasSuffix("-wal") { #expect(after[name]?.isEmpty != false) }
                after[name] = nil
            }
            var expected = before
            expected["app.graph.lock"] = before["app.graph.lock"] == nil ? nil : after["app.graph.lock"]
            #expect(after == expected)
        }
    }

    @Test("§5: --adopt lets it write, again and again; without coordination nothing of Trivet's comes into the stores")
    func adopted() async throws {
        try await withOwn { own in
            var stores = own.stores
            stores.adopts = true
            let plain = try await run(
                "{name: x, sqlite: UPDATE products SET sold = sold + 1 WHERE id = $id}, {name: y, redis: INCR hits}",
                on: stores)
            #expect(plain.passed, "\(plain.scenarios)")
            #expect(try await own.redis.send(RedisCommand("DBSIZE")).decode(as: Int.self) == 21)
            let path = try #require(stores.sqlite)
            #expect(try SQLiteLook.tables(of: path) == ["products"])
            let sale = """
                {name: sell, transaction: [{redis: INCR sold:$id, into: n},
                  {sqlite: UPDATE products SET sold = $n WHERE id = $id, rows: 1},
                  {graph: "MATCH (p:Product {id: $id}) SET p.sold = CAST($n, 'INT64')"}]}
                """
            let same = """
                checks: [{name: same, same: [{sqlite: SELECT sold FROM products WHERE sold > 0 ORDER BY id},
                  {graph: MATCH (p:Product) WHERE p.sold > 0 RETURN p.sold ORDER BY p.id}]}]
                """
            _ = try await DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE products SET sold = 0") }
            for _ in 0..<2 {
                let coordinated = try await run(sale, same, on: stores)
                #expect(coordinated.scenarios[0].failureKinds == [])
                #expect(coordinated.passed && coordinated.scenarios[0].operations > 0)
            }
            #expect(try SQLiteLook.tables(of: path).contains("trivet_meta"))
            // It is still somebody else's.
            do {
                _ = try await run(sale, on: own.stores)
                Issue.record("it ran")
            } catch is ExistingStoresError {}
        }
    }

    @Test("§5: what a file needs and nobody has named, or what can't be broken, is said before anything is opened")
    func missing() async throws {
        try await withOwn { own in
            let before = try await own.contents()
            func refusal(_ operations: String, _ more: String = "", _ stores: ExistingStores) async throws -> String {
                do {
                    _ = try await run(operations, more, on: stores)
                    return "it ran"
                } catch let error as ExistingStoresError {
                    return error.description
                }
            }
            var few = own.stores
            few.redis = nil
            #expect(try await refusal(Self.reads, "", few).contains("uses Redis") == true)
            var noRecords = own.stores
            noRecords.sqlite = nil
            noRecords.adopts = true
            #expect(
                try await refusal("{name: x, transaction: [{redis: SET a 1}]}", "", noRecords).contains("Give --sqlite")
            )
            var elsewhere = own.stores
            elsewhere.sqlite = own.folder + "/none.sqlite"
            #expect(try await refusal(Self.reads, "", elsewhere).contains("no SQLite database at"))
            var adopting = own.stores
            adopting.adopts = true
            for fault in ["redis.kill", "worker.kill"] {
                let text = try await refusal(Self.reads, "faults: [{fault: \(fault), at: 10ms, for: 10ms}]", adopting)
                #expect(text.contains("The fault \(fault)"))
            }
            #expect(try await own.contents() == before)
        }
    }

    @Test("§5: faults of the network are made on the way to a user's own Redis, which itself notices nothing")
    func network() async throws {
        try await withOwn { own in
            let before = try await own.contents()
            let text = """
                scenario: own
                operations: [{name: c, redis: 'GET sold:1', rows: 1}]
                load: {users: 2, stages: [{hold: 2s}]}
                faults: [{fault: redis.latency, at: 200ms, for: 500ms, delay: 20ms}]
                targets: [max >= 40ms, success >= 0%]
                """
            var run = FileRun(try ScenarioFile(text, path: "own.yaml"), plan: LoadPlan())
            run.existing = own.stores
            let result = try await run.run(command: "", monitor: LoadMonitor())
            #expect(result.checks.first { $0.id == "own: max >= 40ms" }?.pass == true, "\(result.checks)")
            #expect(result.faults?.map(\.kind) == ["latency"])
            #expect(try await own.contents() == before)
        }
    }
}
