import GRDB
import Testing
import Trivet
import TrivetTesting

/// Each store's own best way, beside the plain one: the same result with fewer steps.
extension DatabasePerformanceTests {
    @Test(
        "S11: a pipeline of 100 commands has the answers of 100 single ones, for one use of a connection",
        .redisServer)
    func redisPipelines() async throws {
        try await RedisPool.withPool(to: try RedisServer.current.endpoint) { redis in
            func uses() -> Int { redis.statuses[0].status.counters.acquired }
            let commands = (0..<100).map { RedisCommand("INCRBY", "counter:\($0 % 10)", $0) }
            let begin = uses()
            var single: [Int] = []
            for command in commands { single.append(try await redis.send(command, as: Int.self)) }
            let afterSingle = uses()
            try await redis.flushdb()
            let beforePipeline = uses()
            let together = try await redis.pipeline(commands).map { try $0.get().decode(as: Int.self) }
            #expect(together == single)
            #expect(afterSingle - begin == 100 && uses() - beforePipeline == 1)
        }
    }

    @Test("S11: one transaction for many rows writes what many would, with one commit", .sqliteDatabase)
    func sqliteTransactions() async throws {
        let sqlite = try SQLitePool.current
        func commits() -> Int { sqlite.statuses.first { $0.name == "sqlite.writer" }?.status.counters.acquired ?? 0 }
        try await sqlite.write { db in
            for table in ["one", "many"] {
                try db.execute(sql: "CREATE TABLE \(table) (id INTEGER PRIMARY KEY, square INTEGER NOT NULL)")
            }
        }
        let begin = commits()
        for id in 1...200 {
            try await sqlite.write { try $0.execute(sql: "INSERT INTO many VALUES (?, ?)", arguments: [id, id * id]) }
        }
        let afterMany = commits()
        try await sqlite.write { db in
            // Compiled once.
            let insert = try db.makeStatement(sql: "INSERT INTO one VALUES (?, ?)")
            for id in 1...200 { try insert.execute(arguments: [id, id * id]) }
        }
        #expect(afterMany - begin == 200 && commits() - afterMany == 1)
        let differences = try await sqlite.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM (SELECT * FROM one EXCEPT SELECT * FROM many)")
        }
        let rows = try await sqlite.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM one") }
        #expect(differences == 0 && rows == 200)
    }

    @Test(
        "S11: readers of SQLite see one moment as long as they read, whatever is written beside them",
        .sqliteDatabase)
    func sqliteReaders() async throws {
        let sqlite = try SQLitePool.current
        try await sqlite.write { try $0.execute(sql: "CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)") }
        func count() async throws -> Int? {
            try await sqlite.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") }
        }
        try await sqlite.withReader { session in
            try await session.run { try $0.execute(sql: "BEGIN") }
            let seen = try await session.run { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") }
            try await sqlite.write { try $0.execute(sql: "INSERT INTO t VALUES (2)") }
            let again = try await session.run { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") }
            #expect(seen == 1 && again == 1)
            #expect(try await count() == 2)
            try await session.run { try $0.execute(sql: "COMMIT") }
        }
    }

    /// A road network: the same in the graph and in SQLite.
    private func withRoads(_ body: (GraphPool, SQLitePool) async throws -> Void) async throws {
        try await Self.withStores { stores in
            let (graph, sqlite) = (try stores.graph, try stores.sqlite)
            var generator = SplitMix64(seed: 11)
            let roads = (0..<400).map { _ in
                (from: Int.random(in: 0..<100, using: &generator), to: Int.random(in: 0..<100, using: &generator))
            }
            try await sqlite.write { db in
                try db.execute(sql: "CREATE TABLE roads (a INTEGER NOT NULL, b INTEGER NOT NULL)")
                for road in roads {
                    try db.execute(sql: "INSERT INTO roads VALUES (?, ?)", arguments: [road.from, road.to])
                }
            }
            try await graph.write { session in
                try session.execute("CREATE NODE TABLE Town(id INT64 PRIMARY KEY)")
                try session.execute("CREATE REL TABLE Road(FROM Town TO Town)")
                try session.execute("UNWIND $towns AS id CREATE (:Town {id: id})", ["towns": Array(0..<100)])
                // All in one statement: a list of structs, one for each row.
                let rows = GraphParameters.rows(roads) { ["a": $0.from, "b": $0.to] }
                try session.execute(
                    """
                    UNWIND $roads AS road MATCH (a:Town {id: road.a}) WITH road, a MATCH (b:Town {id: road.b})
                    CREATE (a)-[:Road]->(b)
                    """, ["roads": rows])
            }
            try await body(graph, sqlite)
        }
    }

    @Test(
        "S11: what is three hops away: the graph's answer is that of three joins in SQL",
        .redisServer, .temporaryDirectory)
    func graphHops() async throws {
        try await withRoads { graph, sqlite in
            for start in [0, 1, 2] {
                let hops = try await graph.query(
                    "MATCH (:Town {id: $id})-[:Road]->()-[:Road]->()-[:Road]->(t:Town) RETURN t.id, count(*) ORDER BY t.id",
                    ["id": start])
                let joins = try await sqlite.read { db in
                    try Row.fetchAll(
                        db,
                        sql: """
                            SELECT z.b, count(*) FROM roads x JOIN roads y ON y.a = x.b JOIN roads z ON z.a = y.b
                            WHERE x.a = ? GROUP BY z.b ORDER BY z.b
                            """, arguments: [start]
                    ).map { row in [row[0] as Int, row[1] as Int] }
                }
                #expect(!joins.isEmpty)
                #expect(hops.map { $0.values } == joins.map { $0.map { .int64(Int64($0)) } })
            }
        }
    }

    @Test(
        "S11: who can be reached at all: the graph's recursive pattern finds what SQL's recursion finds",
        .redisServer, .temporaryDirectory)
    func graphRecursion() async throws {
        try await withRoads { graph, sqlite in
            let reached = try await graph.query(
                "MATCH (:Town {id: 0})-[:Road* SHORTEST 1..30]->(t:Town) WHERE t.id <> 0 RETURN DISTINCT t.id ORDER BY t.id"
            )
            let found = try await sqlite.read { db in
                try Int.fetchAll(
                    db,
                    sql: """
                        WITH RECURSIVE reached (id) AS (VALUES (0) UNION SELECT b FROM roads JOIN reached ON a = id)
                        SELECT id FROM reached WHERE id <> 0 ORDER BY id
                        """)
            }
            #expect(found.count > 50)
            #expect(reached.map { $0.values } == found.map { [.int64(Int64($0))] })
        }
    }

    @Test("S11: a prepared statement answers as a new one each time does", .redisServer, .temporaryDirectory)
    func graphPreparedStatements() async throws {
        try await withRoads { graph, _ in
            let cypher = "MATCH (:Town {id: $id})-[:Road]->(t:Town) RETURN count(t)"
            let prepared = try await graph.read { connection in
                let statement = try connection.prepare(cypher)
                return try (0..<20).map { try statement.query(["id": $0]).scalar(Int.self) }
            }
            for (id, expected) in prepared.enumerated() {
                #expect(try await graph.query(cypher, ["id": id]).scalar(Int.self) == expected)
            }
        }
    }

    @Test(
        "P3: keys of a Redis cluster are found wherever they are; a pipeline over all nodes keeps its order",
        .redisCluster)
    func redisCluster() async throws {
        try await RedisClusterPool.withPool(seeds: try RedisCluster.current.nodes.map(\.endpoint)) { redis in
            let keys = (0..<60).map { "key:\($0)" }
            let replies = await redis.pipeline(keys.enumerated().map { RedisCommand("SET", $0.element, $0.offset) })
            for reply in replies { _ = try reply.get() }
            // MGET goes to each node that has some of the keys.
            #expect(try await redis.mget(keys, as: Int.self) == Array(0..<60))
            #expect(redis.masters.count == 3)
            #expect(redis.statuses.filter { $0.status.counters.acquired > 0 }.count == 3)
        }
    }
}
