import GRDB
import GraphClient

/// How much of what stands in several stores is the same there.
struct StoreAgreement: Sendable {
    /// Entities of any store.
    var compared: Int
    /// Those that are in each store that should have them.
    var same: Int
    /// The differences in words; nil when there is none.
    var difference: String?

    /// Whether SQLite and Kùzu hold the same users and the same relationships between them.
    static func check(_ engines: LiveEngines) async throws -> StoreAgreement {
        try await engines.coordinator.snapshot { snapshot in
            let (users, follows) = try await snapshot.sqlite { db in
                (
                    try Int.fetchAll(db, sql: "SELECT id FROM users"),
                    try Row.fetchAll(db, sql: "SELECT follower, followee FROM follows").map {
                        [$0["follower"] as Int, $0["followee"] as Int]
                    }
                )
            }
            let nodes = try await snapshot.graph("MATCH (u:User) RETURN u.id").decode(Int.self)
            let edges = try await snapshot.graph("MATCH (a:User)-[:Follows]->(b:User) RETURN a.id AS a, b.id AS b")
                .decode([Int].self)
            var agreement = StoreAgreement(compared: 0, same: 0)
            agreement.add("users", users, nodes)
            agreement.add("follows", follows, edges)
            return agreement
        }
    }

    mutating func add<T: Hashable>(_ what: String, _ sqlite: [T], _ kuzu: [T]) {
        let records = Set(sqlite), nodes = Set(kuzu)
        let missing = records.subtracting(nodes), extra = nodes.subtracting(records)
        let duplicates = kuzu.count - nodes.count
        compared += records.union(nodes).count + duplicates
        same += records.intersection(nodes).count
        guard !missing.isEmpty || !extra.isEmpty || duplicates > 0 else { return }
        difference =
            (difference.map { $0 + "; " } ?? "")
                + """
                \(what): SQLite has \(sqlite.count) and Kùzu \(kuzu.count); \(missing.count) only in SQLite\(example(missing)), \
                \(extra.count) only in Kùzu\(example(extra)), \(duplicates) twice in Kùzu
                """
    }

    private func example<T: Hashable>(_ set: Set<T>) -> String {
        set.first.map { " (such as \($0))" } ?? ""
    }
}
