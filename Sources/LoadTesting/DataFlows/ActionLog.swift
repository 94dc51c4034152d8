import Analytics
import Foundation
import GRDB
import GraphClient
import RedisClient
import Transactions

/// Actions in the three stores: a row of each in SQLite, a relationship in the graph, and in Redis how often each user did what. The rows' ids ascend as
/// they are committed, since one writes at a time, so that whoever has read to an id has missed nothing before it.
struct ActionLog: Sendable {
    /// A row of it.
    struct Entry: Sendable, Hashable {
        var id: Int
        var event: AnalyticsEvent
    }

    let engines: LiveEngines

    static func activityKey(_ user: Int) -> String { "activity:\(user)" }

    /// Makes what is missing.
    ///
    /// - Returns: the last action's id; 0 when there is none.
    func prepare() async throws -> Int {
        let tables = try await engines.graph.query("CALL show_tables() WHERE name = 'Acted' RETURN name")
        if tables.isEmpty {
            try await engines.graph.withWriter { session in
                try await session.execute("CREATE NODE TABLE Item(id INT64 PRIMARY KEY)")
                try await session.execute(
                    "UNWIND $rows AS r CREATE (:Item {id: r.id})",
                    ["rows": GraphParameters.rows(1...UserAction.items) { ["id": $0] }])
                try await session.execute("CREATE REL TABLE Acted(FROM User TO Item, id INT64, kind STRING)")
            }
        }
        return try await engines.sqlite.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS actions (
                        id INTEGER PRIMARY KEY, user INTEGER NOT NULL, kind TEXT NOT NULL, item INTEGER NOT NULL,
                        happened INTEGER NOT NULL, spent INTEGER NOT NULL);
                    CREATE INDEX IF NOT EXISTS actions_by_user ON actions (user, kind)
                    """)
            return try Int.fetchOne(database, sql: "SELECT max(id) FROM actions") ?? 0
        }
    }

    /// Commits an action in the three stores, as one transaction.
    ///
    /// - Parameter announce: is told the row's id before the commit, and of another one should the transaction run again.
    func commit(_ action: UserAction, announce: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        let happened = Int((Date.now.timeIntervalSince1970 * 1_000).rounded()) - action.delay.wholeMilliseconds
        try await engines.coordinator.transaction { txn in
            let id = try await txn.sqlite { database in
                try database.cachedStatement(
                    sql: "INSERT INTO actions (user, kind, item, happened, spent) VALUES (?, ?, ?, ?, ?)"
                ).execute(
                    arguments: [
                        action.user, action.kind, action.item, happened, Int(action.spent / .microseconds(1)),
                    ])
                return Int(database.lastInsertedRowID)
            }
            // A CREATE after a MATCH that found nothing succeeds, so the relationships are counted.
            let created = try await txn.graph.query(
                """
                MATCH (u:User {id: $user}) WITH u MATCH (i:Item {id: $item})
                CREATE (u)-[a:Acted {id: $id, kind: $kind}]->(i) RETURN count(a)
                """, ["user": action.user, "item": action.item, "id": id, "kind": action.kind])
            guard try created.scalar(Int.self) == 1 else { throw NoPlace(action: action) }
            try await txn.redis.hincrby(CacheKey(Self.activityKey(action.user)), action.kind)
            announce(id)
        }
    }

    /// The user or the item of an action is not in the graph.
    struct NoPlace: Error, CustomStringConvertible {
        var action: UserAction
        var description: String { "user \(action.user) or item \(action.item) is not in the graph" }
    }

    /// What has been committed after an action, in order.
    func entries(after id: Int, limit: Int) async throws -> [Entry] {
        try await engines.sqlite.read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT id, user, kind, item, happened, spent FROM actions WHERE id > ? ORDER BY id LIMIT ?
                    """)
            return try Row.fetchAll(statement, arguments: [id, limit]).map { row in
                Entry(
                    id: row["id"],
                    event: AnalyticsEvent(
                        moment: row["happened"], user: row["user"], kind: row["kind"], item: row["item"],
                        spent: .microseconds(row["spent"] as Int)))
            }
        }
    }

    /// Whether the graph and Redis hold what SQLite does.
    ///
    /// - Parameter first: the id of the last action before those that are looked at in the graph; Redis counts all that there ever were.
    func agreement(after first: Int) async throws -> StoreAgreement {
        let (rows, activity) = try await engines.sqlite.read { database in
            (
                try Row.fetchAll(database, sql: "SELECT id, user, item FROM actions WHERE id > ?", arguments: [first])
                    .map { [$0["id"] as Int, $0["user"] as Int, $0["item"] as Int] },
                try Row.fetchAll(database, sql: "SELECT user, kind, count(*) AS times FROM actions GROUP BY user, kind")
                    .reduce(into: [Int: [String: Int]]()) { $0[$1["user"], default: [:]][$1["kind"]] = $1["times"] }
            )
        }
        let relationships = try await engines.graph.query(
            "MATCH (u:User)-[a:Acted]->(i:Item) WHERE a.id > $first RETURN a.id, u.id, i.id", ["first": first]
        ).decode([Int].self)
        var agreement = StoreAgreement(compared: 0, same: 0)
        agreement.add("actions", rows, relationships)
        let users = activity.keys.sorted()
        let replies = await engines.redis.pipeline(users.map { RedisCommand("HGETALL", Self.activityKey($0)) })
        for (user, reply) in zip(users, replies) {
            let found = try reply.get().decode(as: [String: Int].self), truth = activity[user] ?? [:]
            agreement.compared += 1
            if found == truth {
                agreement.same += 1
            } else if agreement.difference == nil {
                agreement.difference = "user \(user): SQLite has \(truth) and Redis \(found)"
            }
        }
        return agreement
    }
}
