import GRDB
import Trivet
import TrivetTesting

/// People who follow each other and write posts: rows in SQLite, nodes and relationships in the graph, copies, counters and feeds in Redis. What
/// the examples of transactions work on.
struct Community: Sendable {
    /// What rows are elsewhere: what the synchronizer writes, and what the verifier compares.
    static let mappings: StoreMappings = [
        StoreMapping(
            table: "people", graph: .node(NodeMapping(label: "Person", properties: ["name"])),
            cache: CacheMapping(key: "person:{id}", value: .json(["id", "name"]))),
        StoreMapping(
            table: "follows",
            graph: .relationship(
                RelationshipMapping(
                    type: "Follows", from: .init(label: "Person", key: ["id": "follower"]),
                    to: .init(label: "Person", key: ["id": "followee"])))),
        StoreMapping(table: "posts", cache: CacheMapping(key: "post:{id}", value: .hash(["author", "text"]))),
    ]

    /// What does not happen, because the application does not want it.
    enum Refusal: Error, Equatable {
        case nobody(Int)
        case secondThoughts
    }

    let coordinator: Coordinator

    /// That of a test with the trait `.coordinator(prepare: Community.found)`.
    static var current: Community {
        get throws { Community(coordinator: try .current) }
    }

    /// Makes the tables of an empty community.
    static let found: @Sendable (Coordinator) async throws -> Void = { coordinator in
        try await coordinator.sqlite.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
                    CREATE TABLE follows (
                        follower INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
                        followee INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
                        PRIMARY KEY (follower, followee));
                    CREATE TABLE posts (
                        id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
                        text TEXT NOT NULL)
                    """)
        }
        try await coordinator.graph?.execute("CREATE NODE TABLE Person(id INT64 PRIMARY KEY, name STRING)")
        try await coordinator.graph?.execute("CREATE REL TABLE Follows(FROM Person TO Person)")
    }

    // MARK: What people do, each in the three stores at once

    func signUp(_ id: Int, _ name: String) async throws {
        try await coordinator.transaction { txn in
            try await txn.sqlite { db in
                try db.execute(sql: "INSERT INTO people VALUES (?, ?)", arguments: [id, name])
            }
            try await txn.graph.execute("CREATE (:Person {id: $id, name: $name})", ["id": id, "name": name])
            try await txn.redis.set("person:\(id)", "{\"id\":\(id),\"name\":\"\(name)\"}")
        }
    }

    func follow(_ follower: Int, _ followee: Int) async throws {
        try await coordinator.transaction { txn in
            try await txn.sqlite { db in
                try db.execute(sql: "INSERT INTO follows VALUES (?, ?)", arguments: [follower, followee])
            }
            // A CREATE after a MATCH that found nothing succeeds, so what it made is counted.
            let made = try await txn.graph.query(
                """
                MATCH (a:Person {id: $a}) WITH a MATCH (b:Person {id: $b}) CREATE (a)-[f:Follows]->(b) RETURN count(f)
                """, ["a": follower, "b": followee])
            guard try made.scalar(Int.self) == 1 else { throw Refusal.nobody(followee) }
            try await txn.redis.increment("followers:\(followee)")
        }
    }

    func unfollow(_ follower: Int, _ followee: Int) async throws {
        try await coordinator.transaction { txn in
            try await txn.sqlite { db in
                try db.execute(
                    sql: "DELETE FROM follows WHERE follower = ? AND followee = ?", arguments: [follower, followee])
            }
            try await txn.graph.execute(
                "MATCH (:Person {id: $a})-[f:Follows]->(:Person {id: $b}) DELETE f", ["a": follower, "b": followee])
            try await txn.redis.increment("followers:\(followee)", by: -1)
        }
    }

    /// - Returns: the post's number.
    @discardableResult
    func post(_ author: Int, _ text: String) async throws -> Int {
        try await coordinator.transaction { txn in
            let post = try await txn.sqlite { db in
                try db.execute(sql: "INSERT INTO posts (author, text) VALUES (?, ?)", arguments: [author, text])
                return Int(db.lastInsertedRowID)
            }
            try await txn.redis.hset("post:\(post)", ["author": author, "text": text])
            let followers = try await txn.graph.query(
                "MATCH (f:Person)-[:Follows]->(:Person {id: $author}) RETURN f.id AS id", ["author": author],
                as: Follower.self)
            for follower in followers {
                try await txn.redis.zadd("feed:\(follower.id)", ["\(post)": Double(post)])
            }
            return post
        }
    }

    func leave(_ id: Int) async throws {
        try await coordinator.transaction { txn in
            let (posts, followees) = try await txn.sqlite { db in
                let posts = try Int.fetchAll(db, sql: "SELECT id FROM posts WHERE author = ?", arguments: [id])
                let followees = try Int.fetchAll(
                    db, sql: "SELECT followee FROM follows WHERE follower = ?", arguments: [id])
                try db.execute(sql: "DELETE FROM people WHERE id = ?", arguments: [id])
                return (posts, followees)
            }
            try await txn.graph.execute("MATCH (p:Person {id: $id}) DETACH DELETE p", ["id": id])
            for followee in followees { try await txn.redis.increment("followers:\(followee)", by: -1) }
            for post in posts { try await txn.redis.delete("post:\(post)") }
            for key in ["person", "followers", "feed"] { try await txn.redis.delete("\(key):\(id)") }
        }
    }

    private struct Follower: Decodable, Sendable {
        var id: Int
    }

    // MARK: What they see

    /// The posts of those whom somebody follows, from Redis, the newest first. What was deleted since is left out.
    func feed(of id: Int) async throws -> [String] {
        try await coordinator.snapshot(of: [.redis]) { snapshot in
            var texts: [String] = []
            for (post, _) in try await snapshot.redis.zrange("feed:\(id)").reversed() {
                if let text = try await snapshot.redis.hget("post:\(post)", "text") { texts.append(text) }
            }
            return texts
        }
    }

    /// How many follow somebody, as each store has it at the same moment: SQLite, the graph, Redis.
    func followers(of id: Int) async throws -> [Int] {
        try await coordinator.snapshot { snapshot in
            let rows = try await snapshot.sqlite { db in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM follows WHERE followee = ?", arguments: [id]) ?? 0
            }
            let relationships = try await snapshot.graph(
                "MATCH (:Person)-[f:Follows]->(:Person {id: $id}) RETURN count(f)", ["id": id])
            let counter = try await snapshot.redis.get("followers:\(id)", as: Int.self)
            return [rows, try relationships.scalar(Int.self), counter ?? 0]
        }
    }

    /// Everything that the three stores hold, as text: equal before and after what must leave no trace.
    func everything(in redis: RedisPool) async throws -> [String] {
        var lines = try await coordinator.sqlite.read { db in
            try ["people", "follows", "posts"].flatMap { table in
                try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\(table) \($0)" }
            }
        }
        if let graph = coordinator.graph {
            for pattern in ["(a:Person) RETURN a.id, a.name", "(a:Person)-[:Follows]->(b:Person) RETURN a.id, b.id"] {
                lines += try await graph.query("MATCH \(pattern)").map { "\($0.values)" }
            }
        }
        for key in try await redis.send(RedisCommand("KEYS", "*"), as: [String].self) where !key.hasPrefix("trivet:") {
            lines.append("\(key) \(try await redis.send(RedisCommand("DUMP", key)))")
        }
        return lines.sorted()
    }
}
