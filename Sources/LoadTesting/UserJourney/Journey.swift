import Foundation
import GRDB
import GraphClient
import RedisClient
import Stores
import Transactions

/// The steps of one user.
struct Journey: Sendable {
    let id: Int
    let engines: LiveEngines

    private var redis: RedisPool { engines.redis }

    private var handle: String { "user-\(id)" }
    private var sessionKey: String { "session:\(id)" }
    private var profileKey: String { "profile:\(id)" }
    private var followingKey: String { "following:\(id)" }
    private var feedKey: String { "feed:\(id)" }
    private var keys: [String] { [sessionKey, profileKey, followingKey, feedKey] }

    /// Two stores disagree with what was written.
    struct Mismatch: Error, CustomStringConvertible {
        let store: String
        let expected: String
        let found: String
        var description: String { "\(store) holds \(found) and should hold \(expected)" }
    }

    private static func expect<T: Equatable>(_ store: String, _ found: T, _ expected: T) throws {
        guard found == expected else { throw Mismatch(store: store, expected: "\(expected)", found: "\(found)") }
    }

    // MARK: - Steps

    func signUp(_ recorder: LoadRecorder) async throws {
        try await transaction(recorder) { [self] txn in
            try await txn.sqlite { db in
                try db.execute(sql: "INSERT INTO users (id, handle) VALUES (?, ?)", arguments: [id, handle])
            }
            try await txn.graph.execute("CREATE (:User {id: $id, handle: $handle})", ["id": id, "handle": handle])
            try await txn.redis.set(CacheKey(sessionKey), handle, expiry: .after(.seconds(3_600)))
            try await txn.redis.hset(CacheKey(profileKey), ["handle": handle])
        }
    }

    private func transaction(
        _ recorder: LoadRecorder, _ body: @escaping @Sendable (isolated Transaction) async throws -> Void
    ) async throws {
        try await recorder.measure(.crossCoordination) {
            try await engines.coordinator.transaction(TransactionOptions(), body)
        }
    }

    /// What a service pays for each connection that its pool doesn't have.
    func connect(_ recorder: LoadRecorder) async throws {
        let session = try await recorder.measure(.graphConnect) { try await engines.graph.database.openSession() }
        await session.close()
    }

    func follow(_ followees: [Int], _ recorder: LoadRecorder) async throws {
        try await transaction(recorder) { [self] txn in
            try await txn.sqlite { db in
                for followee in followees {
                    try db.execute(
                        sql: "INSERT INTO follows (follower, followee) VALUES (?, ?)", arguments: [id, followee])
                }
            }
            // A CREATE after a MATCH that found nothing succeeds, so the relationships are counted.
            let created = try await txn.graph.query(
                """
                UNWIND $followees AS followee MATCH (me:User {id: $id}) WITH me, followee MATCH (other:User {id: followee})
                CREATE (me)-[f:Follows]->(other) RETURN count(f)
                """, ["id": id, "followees": followees])
            try Self.expect("Kùzu", created.scalar(Int.self), followees.count)
            try await txn.redis.sadd(CacheKey(followingKey), followees)
        }
    }

    func post(to readers: [Int], _ recorder: LoadRecorder) async throws {
        let post = try await recorder.measure(.sqliteTransaction) {
            try await engines.sqlite.write { [id] db in
                try db.execute(
                    sql: "INSERT INTO posts (author, body, likes) VALUES (?, ?, 0)",
                    arguments: [id, "Hello from \(id)"])
                return db.lastInsertedRowID
            }
        }
        // Into each reader's feed at once, of which the last 100 posts are kept.
        let pushes = readers.map { RedisCommand("LPUSH", "timeline:\($0)", Int(post)) }
        let results = try await recorder.measure(.redisPipeline) { await redis.pipeline(pushes) }
        for result in results { _ = try result.get() }
        let trims = readers.map { RedisCommand("LTRIM", "timeline:\($0)", 0, 99) }
        for result in await redis.pipeline(trims) { _ = try result.get() }
    }

    func feed(_ recorder: LoadRecorder) async throws {
        let suggestions = try await recorder.measure(.graphQuery) {
            try await engines.graph.query(
                """
                MATCH (me:User {id: $id})-[:Follows]->(:User)-[:Follows]->(other:User) WHERE other.id <> $id
                RETURN other.id AS id, count(*) AS paths ORDER BY paths DESC, id LIMIT 10
                """, ["id": id], as: Suggestion.self)
        }
        _ = try await recorder.measure(.graphQuery) {
            try await engines.graph.query(
                "MATCH (me:User {id: $id})-[:Follows* SHORTEST 1..3]->(other:User) RETURN count(*)", ["id": id])
        }
        let authors = try await recorder.measure(.sqliteQuery) {
            try await engines.sqlite.read { db in
                try String.fetchAll(
                    db,
                    sql: """
                        SELECT u.handle FROM posts p JOIN users u ON u.id = p.author
                        GROUP BY p.author ORDER BY sum(p.likes) DESC, count(*) DESC, u.id LIMIT 10
                        """)
            }
        }
        let feed = (suggestions.map { "\($0.id)" } + authors).joined(separator: ",")
        try await recorder.measure(.redisOperation) {
            try await redis.set(feedKey, feed, expiry: .after(.seconds(60)))
        }
        let cached = try await recorder.measure(.redisOperation) {
            try await redis.get(feedKey)
        }
        try Self.expect("Redis", cached, feed)
    }

    private struct Suggestion: Decodable, Sendable {
        var id: Int
        var paths: Int
    }

    /// Reads the user back from the three stores at one moment.
    func compare(follows: Int) async throws {
        try await engines.coordinator.snapshot { [id] snapshot in
            let found = try await snapshot.sqlite { db in
                let handle = try String.fetchOne(db, sql: "SELECT handle FROM users WHERE id = ?", arguments: [id])
                let follows = try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM follows WHERE follower = ?", arguments: [id])
                return [handle, follows.map(String.init)]
            }
            try Self.expect("SQLite", found, [handle, "\(follows)"])
            let node = try await snapshot.graph(
                "MATCH (u:User {id: $id}) OPTIONAL MATCH (u)-[f:Follows]->(:User) RETURN u.handle, count(f)",
                ["id": id])
            try Self.expect("Kùzu", node.first?.values, [.string(handle), .int64(Int64(follows))])
            try Self.expect("Redis", try await snapshot.redis.get(CacheKey(sessionKey)), handle)
            try Self.expect("Redis", try await snapshot.redis.smembers(CacheKey(followingKey)).count, follows)
        }
    }

    func unfollow(_ followee: Int, _ recorder: LoadRecorder) async throws {
        try await transaction(recorder) { [self] txn in
            try await txn.sqlite { db in
                try db.execute(
                    sql: "DELETE FROM follows WHERE follower = ? AND followee = ?", arguments: [id, followee])
            }
            try await txn.graph.execute(
                "MATCH (:User {id: $id})-[f:Follows]->(:User {id: $followee}) DELETE f",
                ["id": id, "followee": followee])
            try await txn.redis.srem(CacheKey(followingKey), [followee])
        }
    }

    func delete(_ recorder: LoadRecorder) async throws {
        try await transaction(recorder) { [self] txn in
            try await txn.sqlite { db in try db.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [id]) }
            try await txn.graph.execute("MATCH (u:User {id: $id}) DETACH DELETE u", ["id": id])
            for key in keys { try await txn.redis.delete(CacheKey(key)) }
        }
    }

    func compareGone() async throws {
        try await engines.coordinator.snapshot { [id] snapshot in
            let records = try await snapshot.sqlite { db in
                try Int.fetchOne(
                    db,
                    sql: """
                        SELECT (SELECT count(*) FROM users WHERE id = ?1) + (SELECT count(*) FROM posts WHERE author = ?1)
                        + (SELECT count(*) FROM follows WHERE follower = ?1)
                        """, arguments: [id])
            }
            try Self.expect("SQLite", records, 0)
            let nodes = try await snapshot.graph("MATCH (u:User {id: $id}) RETURN count(*)", ["id": id])
            try Self.expect("Kùzu", nodes.scalar(Int.self), 0)
            for key in keys { try Self.expect("Redis", try await snapshot.redis.exists(CacheKey(key)), false) }
        }
    }

    func cleanUp() async {
        // In a task of its own, which the cancellation that may have ended the journey doesn't reach.
        await Task {
            // Its monitor never comes to a steady state.
            try? await delete(LoadRecorder(monitor: LoadMonitor(), targets: []))
        }.value
    }
}
