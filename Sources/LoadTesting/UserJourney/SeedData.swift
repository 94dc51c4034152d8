import GRDB
import GraphClient
import Measurement
import Stores

/// The data that the journeys meet: users with posts who follow each other, the same for the same seed.
struct SeedData: Sendable {
    let userCount: Int
    let postCount: Int
    static let followsPerUser = 10

    /// The joins have to be over at least 100 000 rows, so the scale can add posts and not take any away.
    init(scale: Double) {
        userCount = max(200, Int(2_000 * scale))
        postCount = max(100_000, Int(100_000 * scale))
    }

    /// Different users, by their ids from 1.
    func users(_ count: Int, using generator: inout SplitMix64) -> [Int] {
        var chosen: Set<Int> = []
        var order: [Int] = []
        while order.count < min(count, userCount) {
            let user = Int.random(in: 1...userCount, using: &generator)
            if chosen.insert(user).inserted { order.append(user) }
        }
        return order
    }

    /// Makes tables and data, unless a run before this one made them in the same folder.
    /// - Returns: the highest id in use.
    func prepare(_ engines: LiveEngines, seed: UInt64, note: (String) -> Void) async throws -> Int {
        note("tables")
        try await engines.sqlite.write { db in try db.execute(sql: Self.sqliteSchema) }
        let tables = try await engines.graph.withReader { session in
            try await session.query(
                "CALL show_tables() WHERE NOT name STARTS WITH 'Trivet' RETURN name", as: String.self)
        }
        let (users, lastUsed) = try await engines.sqlite.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM users WHERE id <= ?", arguments: [userCount]) ?? 0,
                try Int.fetchOne(db, sql: "SELECT max(id) FROM users") ?? 0
            )
        }
        if users == userCount, tables.contains("Follows") { return max(lastUsed, userCount) }
        guard users == 0, tables.isEmpty else {
            throw ForeignDataError(users: users, expected: userCount)
        }
        var generator = SplitMix64(seed: seed)
        let follows = (1...userCount).flatMap { follower in
            self.users(Self.followsPerUser, using: &generator).filter { $0 != follower }.map { (follower, $0) }
        }
        note("\(userCount) users and \(postCount) posts in SQLite")
        try await insertRecords(engines.sqlite, follows: follows, generator: generator)
        note("\(userCount) nodes and \(follows.count) relationships in Kùzu")
        try await insertGraph(engines.graph, follows: follows)
        return userCount
    }

    private func insertRecords(
        _ sqlite: SQLitePool, follows: [(Int, Int)], generator: SplitMix64
    ) async throws {
        try await sqlite.write { db in
            var generator = generator
            let user = try db.makeStatement(sql: "INSERT INTO users (id, handle) VALUES (?, ?)")
            for id in 1...userCount { try user.execute(arguments: [id, "user-\(id)"]) }
            let follow = try db.makeStatement(sql: "INSERT INTO follows (follower, followee) VALUES (?, ?)")
            for (follower, followee) in follows { try follow.execute(arguments: [follower, followee]) }
            let post = try db.makeStatement(sql: "INSERT INTO posts (author, body, likes) VALUES (?, ?, ?)")
            for number in 0..<postCount {
                try Task.checkCancellation()
                let author = Int.random(in: 1...userCount, using: &generator)
                try post.execute(arguments: [author, "Post \(number)", Int.random(in: 0..<1_000, using: &generator)])
            }
        }
    }

    private func insertGraph(_ graph: GraphPool, follows: [(Int, Int)]) async throws {
        try await graph.withWriter { session in
            try await session.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, handle STRING)")
            try await session.execute("CREATE REL TABLE Follows(FROM User TO User)")
            let batch = 1_000
            for start in stride(from: 1, through: userCount, by: batch) {
                let rows = GraphParameters.rows(start...min(start + batch - 1, userCount)) {
                    ["id": $0, "handle": "user-\($0)"]
                }
                try await session.execute(
                    "UNWIND $rows AS r CREATE (:User {id: r.id, handle: r.handle})", ["rows": rows])
            }
            for start in stride(from: 0, to: follows.count, by: batch) {
                let rows = GraphParameters.rows(follows[start..<min(start + batch, follows.count)]) {
                    ["a": $0.0, "b": $0.1]
                }
                // Two MATCH clauses: with both patterns in one, the engine takes some twenty times as long.
                try await session.execute(
                    """
                    UNWIND $rows AS r MATCH (a:User {id: r.a}) WITH a, r.b AS id MATCH (b:User {id: id})
                    CREATE (a)-[:Follows]->(b)
                    """, ["rows": rows])
            }
        }
    }

    private static let sqliteSchema = """
        CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, handle TEXT NOT NULL UNIQUE);
        CREATE TABLE IF NOT EXISTS posts (
            id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            body TEXT NOT NULL, likes INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS posts_by_author ON posts (author, likes);
        CREATE TABLE IF NOT EXISTS follows (
            follower INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            followee INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            PRIMARY KEY (follower, followee)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS follows_by_followee ON follows (followee);
        """
}

/// The data folder holds something else.
struct ForeignDataError: Error, CustomStringConvertible {
    let users: Int
    let expected: Int

    var description: String {
        """
        The data folder holds \(users) seeded users where this run needs \(expected), or a preparation that was cut short. \
        Use the same --scale as before, or another folder.
        """
    }
}
