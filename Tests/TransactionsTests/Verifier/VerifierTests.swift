import GRDB
import GraphClient
import LocalEngines
import Measurement
import RedisClient
import Stores
import Testing

@testable import Transactions

@Suite("T8: the verifier") struct VerifierTests {
    static let mappings: StoreMappings = [
        StoreMapping(
            table: "users", graph: .node(NodeMapping(label: "User", properties: ["name": "name", "born": "born"])),
            cache: CacheMapping(key: "user:{id}", value: .hash(["name", "born"]))),
        StoreMapping(
            table: "follows",
            graph: .relationship(
                RelationshipMapping(
                    type: "Follows", from: .init(label: "User", key: ["id": "follower"]),
                    to: .init(label: "User", key: ["id": "followee"]), properties: ["since"]))),
    ]

    /// Three stores that agree about some users.
    private func with<Value: Sendable>(
        users: Int, _ body: (Coordinator, RedisPool) async throws -> Value
    ) async throws -> Value {
        try await RedisServer.withServer { server in
            try await TemporaryDirectory.withDirectory { folder in
                try await RedisPool.withPool(to: server.endpoint) { redis in
                    try await Coordinator.withCoordinator(
                        sqlite: folder.path(of: "records.sqlite"), graph: folder.path(of: "graph.db"), redis: redis
                    ) { coordinator in
                        try await Self.prepare(coordinator, users: users)
                        return try await body(coordinator, redis)
                    }
                }
            }
        }
    }

    private static func prepare(_ coordinator: Coordinator, users: Int) async throws {
        try await coordinator.sqlite.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, born TEXT);
                    CREATE TABLE follows (
                        follower INTEGER, followee INTEGER, since REAL, PRIMARY KEY (follower, followee)) WITHOUT ROWID
                    """)
        }
        try await coordinator.graph?.withWriter { session in
            try await session.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, name STRING, born DATE)")
            try await session.execute("CREATE REL TABLE Follows(FROM User TO User, since DOUBLE)")
        }
        try await coordinator.transaction { txn in
            for id in 1...users { try await txn.addUser(id, named: "user \(id)") }
            for id in 2...users { try await txn.follow(id, id - 1) }
        }
    }

    private func verify(_ coordinator: Coordinator, page: Int = 500) async throws -> ConsistencyReport {
        var configuration = ConsistencyVerifier.Configuration()
        configuration.page = page
        return try await ConsistencyVerifier(coordinator, mappings: Self.mappings, configuration: configuration)
            .verify()
    }

    @Test("T8: stores that agree, whatever the size of a page", arguments: [1, 3, 10, 500])
    func agreement(page: Int) async throws {
        try await with(users: 10) { coordinator, _ in
            let report = try await verify(coordinator, page: page)
            #expect(report.differences.isEmpty && report.isConsistent && report.pending == 0)
            #expect(report.parts.map(\.rows) == [10, 9])
            #expect(report.parts[0].keys == 10)
            #expect(report.parts.map(\.graphElements) == [10, 9])
        }
    }

    @Test("T8: empty stores agree") func empty() async throws {
        try await with(users: 2) { coordinator, _ in
            try await coordinator.transaction { txn in
                try await txn.sqlite { try $0.execute(sql: "DELETE FROM users; DELETE FROM follows") }
                try await txn.graph.execute("MATCH (u:User) DETACH DELETE u")
                for id in 1...2 { try await txn.redis.delete("user:\(id)") }
            }
            #expect(try await verify(coordinator).isConsistent)
        }
    }

    /// What is done to a store behind the coordinator's back, and how the verifier names it.
    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sql: String?
        var cypher: String?
        var command: [String]?
        var expected: [String]
    }

    static let damages: [Damage] = [
        Damage(
            testDescription: "a node's property", cypher: "MATCH (u:User {id: 3}) SET u.name = 'other'",
            expected: [#"users: graph User id=3.name is "other"; expected "user 3""#]),
        Damage(
            testDescription: "a node's date", cypher: "MATCH (u:User {id: 3}) SET u.born = date('1999-12-31')",
            expected: [#"users: graph User id=3.born is "1999-12-31"; expected "2000-01-02""#]),
        Damage(
            testDescription: "a missing node", cypher: "MATCH (u:User {id: 10}) DETACH DELETE u",
            expected: [
                #"users: graph User id=10 is missing; expected name="user 10" born="2000-01-02""#,
                "follows: graph Follows follower=10 followee=9 is missing; expected since=1.5",
            ]),
        Damage(
            testDescription: "an extra node between", cypher: "CREATE (:User {id: 0, name: 'x'})",
            expected: ["users: graph User id=0 is there, and no row for it"]),
        Damage(
            testDescription: "extra nodes at the end", cypher: "UNWIND range(11, 13) AS i CREATE (:User {id: i})",
            expected: (11...13).map { "users: graph User id=\($0) is there, and no row for it" }),
        Damage(
            testDescription: "a relationship's property",
            cypher: "MATCH (:User {id: 5})-[f:Follows]->() SET f.since = 2.5",
            expected: ["follows: graph Follows follower=5 followee=4.since is 2.5; expected 1.5"]),
        Damage(
            testDescription: "a relationship twice",
            cypher: "MATCH (a:User {id: 5}), (b:User {id: 4}) CREATE (a)-[:Follows {since: 1.5}]->(b)",
            expected: ["follows: graph Follows follower=5 followee=4 is there, and no row for it: 2 of them"]),
        Damage(
            testDescription: "a relationship without a row", sql: "DELETE FROM follows WHERE follower = 7",
            expected: ["follows: graph Follows follower=7 followee=6 is there, and no row for it"]),
        Damage(
            testDescription: "a row that is gone", sql: "DELETE FROM users WHERE id = 4",
            expected: [
                "users: graph User id=4 is there, and no row for it",
                "users: redis user:4 is there, and no row for it",
            ]),
        Damage(
            testDescription: "a row that is new", sql: "INSERT INTO users VALUES (11, 'new', NULL)",
            expected: [
                #"users: graph User id=11 is missing; expected name="new" born=NULL"#,
                "users: redis user:11 is missing; expected a hash of name",
            ]),
        Damage(
            testDescription: "a field's value", command: ["HSET", "user:8", "name", "other"],
            expected: [#"users: redis user:8.name is "other"; expected "user 8""#]),
        Damage(
            testDescription: "a field too many", command: ["HSET", "user:8", "age", "7"],
            expected: [#"users: redis user:8.age is "7"; expected nothing"#]),
        Damage(
            testDescription: "a field that is missing", command: ["HDEL", "user:8", "born"],
            expected: [#"users: redis user:8.born is nothing; expected "2000-01-02""#]),
        Damage(
            testDescription: "a key that is missing", command: ["DEL", "user:1"],
            expected: ["users: redis user:1 is missing; expected a hash of born, name"]),
        Damage(
            testDescription: "a key without a row", command: ["SET", "user:99", "x"],
            expected: ["users: redis user:99 is there, and no row for it"]),
        Damage(
            testDescription: "a key of another type", command: ["SET", "user:2", "x"],
            expected: ["users: redis user:2 is "]),
        Damage(testDescription: "a key that is not ours", command: ["SET", "user:1:sessions", "x"], expected: []),
    ]

    @Test("T8: each kind of difference is found, and named", arguments: damages, [2, 500])
    func finds(damage: Damage, page: Int) async throws {
        try await with(users: 10) { coordinator, redis in
            if let sql = damage.sql { try await coordinator.sqlite.write { try $0.execute(sql: sql) } }
            if let cypher = damage.cypher { try await coordinator.graph?.execute(cypher) }
            if let command = damage.command {
                _ = try await redis.send(RedisCommand(command[0], arguments: command.dropFirst().map { .string($0) }))
            }
            let report = try await verify(coordinator, page: page)
            let found = report.differences.map(\.description).sorted()
            let expected = damage.expected.sorted()
            #expect(found.count == expected.count)
            for (found, expected) in zip(found, expected) { #expect(found.hasPrefix(expected)) }
            #expect(report.differenceCount == expected.count)
            #expect(report.isConsistent == expected.isEmpty)
        }
    }

    @Test("T8: only so many differences are listed, and all are counted") func bounded() async throws {
        try await with(users: 30) { coordinator, redis in
            for id in 1...30 { _ = try await redis.del("user:\(id)") }
            var configuration = ConsistencyVerifier.Configuration()
            configuration.page = 4
            configuration.listedDifferences = 10
            let report = try await ConsistencyVerifier(
                coordinator, mappings: Self.mappings, configuration: configuration
            ).verify()
            #expect(report.differences.count == 10)
            #expect(report.differenceCount == 30)
        }
    }

    @Test("T8, cross.consistency: no false alarm while transactions and another program write and Redis follows")
    func noFalseAlarm() async throws {
        try await with(users: 40) { coordinator, _ in
            // What another program writes has no node, so that part is mapped onto Redis alone.
            try await coordinator.sqlite.write {
                try $0.execute(sql: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
            }
            let notes = StoreMapping(table: "notes", cache: CacheMapping(key: "note:{id}", value: .string("text")))
            var configuration = ConsistencyVerifier.Configuration()
            configuration.page = 7
            configuration.patience = .seconds(60)
            let verifier = ConsistencyVerifier(
                coordinator, mappings: StoreMappings(Self.mappings.mappings + [notes]), configuration: configuration)
            let synchronizer = try CacheSynchronizer(coordinator, mappings: [notes])
            let stranger = try DatabaseQueue(path: coordinator.sqlite.path, configuration: FollowedStores.patient)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await synchronizer.run() }
                try await synchronizer.waitUntilCurrent()
                for writer in 0..<4 {
                    group.addTask {
                        var random = SplitMix64(seed: UInt64(writer))
                        while !Task.isCancelled {
                            do {
                                try await Self.change(writer, coordinator, stranger, &random)
                            } catch is CancellationError {
                                return
                            } catch let error as TransactionError where error.isTransient {
                                // Too many deadlocks in a row: that is not what this test is about.
                            }
                        }
                    }
                }
                let until = ContinuousClock.now + .seconds(6)
                var rounds = 0
                while ContinuousClock.now < until {
                    let report = try await verifier.verify()
                    #expect(report.differences.isEmpty && report.pending == 0)
                    rounds += 1
                }
                #expect(rounds > 0)
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(await coordinator.counters.committed > 10)
        }
    }

    private static func change(
        _ writer: Int, _ coordinator: Coordinator, _ stranger: DatabaseQueue, _ random: inout SplitMix64
    ) async throws {
        let id = Int.random(in: 1...60, using: &random)
        let name = "name \(Int.random(in: 0...999, using: &random))"
        guard writer > 0 else {
            try await stranger.inDatabaseOnThread { database in
                try database.execute(sql: "INSERT OR REPLACE INTO notes VALUES (?, ?)", arguments: [id, name])
                try database.execute(sql: "DELETE FROM notes WHERE id = ?", arguments: [id / 2])
            }
            try await Task.sleep(for: .milliseconds(2))
            return
        }
        let isRemoval = Int.random(in: 0..<3, using: &random) == 0
        try await coordinator.transaction { txn in
            let isThere = try await txn.sqlite { database in
                try Bool.fetchOne(database, sql: "SELECT 1 FROM users WHERE id = ?", arguments: [id]) != nil
            }
            if isRemoval || isThere { try await txn.removeUser(id) }
            if !isRemoval {
                try await txn.addUser(id, named: name)
            }
        }
    }
}

extension Transaction {
    fileprivate func addUser(_ id: Int, named name: String) async throws {
        try await sqlite {
            try $0.execute(sql: "INSERT INTO users VALUES (?, ?, '2000-01-02')", arguments: [id, name])
        }
        try await graph.execute(
            "CREATE (:User {id: $id, name: $name, born: date('2000-01-02')})", ["id": id, "name": name])
        try await redis.delete("user:\(id)")
        try await redis.hset("user:\(id)", ["name": name, "born": "2000-01-02"])
    }

    fileprivate func removeUser(_ id: Int) async throws {
        try await sqlite {
            try $0.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [id])
            try $0.execute(sql: "DELETE FROM follows WHERE follower = ? OR followee = ?", arguments: [id, id])
        }
        try await graph.execute("MATCH (u:User {id: $id}) DETACH DELETE u", ["id": id])
        try await redis.delete("user:\(id)")
    }

    fileprivate func follow(_ a: Int, _ b: Int) async throws {
        try await sqlite { try $0.execute(sql: "INSERT INTO follows VALUES (?, ?, 1.5)", arguments: [a, b]) }
        try await graph.execute(
            "MATCH (a:User {id: $a}) WITH a MATCH (b:User {id: $b}) CREATE (a)-[:Follows {since: 1.5}]->(b)",
            ["a": a, "b": b])
    }
}
