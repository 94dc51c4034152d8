import GRDB
import GraphClient

/// After the last journey: whether SQLite and Kùzu hold the same users and the same relationships between them.
enum StoreAgreement {
    /// A difference in words, or nil when there is none.
    static func check(_ engines: LiveEngines) async throws -> String? {
        let (users, follows) = try await engines.sqlite.read { db in
            (
                try Int.fetchAll(db, sql: "SELECT id FROM users ORDER BY id"),
                try Row.fetchAll(db, sql: "SELECT follower, followee FROM follows ORDER BY 1, 2").map {
                    [$0["follower"] as Int, $0["followee"] as Int]
                }
            )
        }
        return try await engines.graph.withSession { session in
            let nodes = try await session.query("MATCH (u:User) RETURN u.id AS id ORDER BY id", as: Int.self)
            let edges = try await session.query(
                "MATCH (a:User)-[:Follows]->(b:User) RETURN a.id AS follower, b.id AS followee ORDER BY follower, followee",
                as: [Int].self)
            return difference("users", users, nodes) ?? difference("follows", follows, edges)
        }
    }

    private static func difference<T: Hashable>(_ what: String, _ sqlite: [T], _ kuzu: [T]) -> String? {
        guard sqlite != kuzu else { return nil }
        let missing = Set(sqlite).subtracting(kuzu), extra = Set(kuzu).subtracting(sqlite)
        return """
            \(what): SQLite has \(sqlite.count) and Kùzu \(kuzu.count); \(missing.count) only in SQLite\(example(missing)), \
            \(extra.count) only in Kùzu\(example(extra))
            """
    }

    private static func example<T: Hashable>(_ set: Set<T>) -> String {
        set.first.map { " (such as \($0))" } ?? ""
    }
}
