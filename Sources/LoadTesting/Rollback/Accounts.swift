import GRDB
import GraphClient
import RedisClient
import Transactions

/// Accounts whose balances are in each of the three stores: their sum never changes, and no store ever shows another
/// balance than the others.
struct Accounts: Sendable {
    static let count = 20
    static let balance = 1_000
    let engines: LiveEngines

    /// The stores show different balances, or money was made or lost.
    struct Torn: Error, CustomStringConvertible {
        var sqlite: [Int: Int]
        var graph: [Int: Int]
        var redis: [Int: Int]

        var description: String {
            let torn = sqlite.keys.sorted().first { sqlite[$0] != graph[$0] || sqlite[$0] != redis[$0] }
            let sum = sqlite.values.reduce(0, +)
            guard let torn else {
                return "the balances add up to \(sum) and should to \(Accounts.count * Accounts.balance)"
            }
            func text(_ value: Int?) -> String { value.map(String.init) ?? "nothing" }
            return """
                account \(torn): SQLite shows \(text(sqlite[torn])), Kùzu \(text(graph[torn])), Redis \(text(redis[torn]))
                """
        }
    }

    func prepare() async throws {
        let tables = try await engines.graph.query("CALL show_tables() WHERE name = 'Account' RETURN name")
        if !tables.isEmpty { return }
        try await engines.graph.withWriter {
            try await $0.execute("CREATE NODE TABLE Account(id INT64 PRIMARY KEY, balance INT64)")
        }
        try await engines.sqlite.write {
            try $0.execute(sql: "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)")
        }
        try await engines.coordinator.transaction { txn in
            for id in 1...Self.count {
                try await txn.sqlite {
                    try $0.execute(sql: "INSERT INTO accounts VALUES (?, ?)", arguments: [id, Self.balance])
                }
                try await txn.graph.execute(
                    "CREATE (:Account {id: $id, balance: $balance})", ["id": id, "balance": Self.balance])
                try await txn.redis.set("account:\(id)", Self.balance)
            }
        }
    }

    /// Reads all balances from the three stores at one moment.
    func audit() async throws {
        try await engines.coordinator.snapshot { snapshot in
            let sqlite = try await snapshot.sqlite { db in
                Dictionary(
                    uniqueKeysWithValues: try Row.fetchAll(db, sql: "SELECT id, balance FROM accounts").map {
                        ($0["id"] as Int, $0["balance"] as Int)
                    })
            }
            let rows = try await snapshot.graph("MATCH (a:Account) RETURN a.id AS id, a.balance AS balance")
                .decode([Int].self)
            let graph = Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
            var redis: [Int: Int] = [:]
            for id in 1...Self.count { redis[id] = try await snapshot.redis.get("account:\(id)", as: Int.self) }
            guard sqlite == graph, graph == redis, sqlite.values.reduce(0, +) == Self.count * Self.balance else {
                throw Torn(sqlite: sqlite, graph: graph, redis: redis)
            }
        }
    }

    /// After all: what is wrong, in words.
    func check() async throws -> String? {
        do {
            try await audit()
            return nil
        } catch let torn as Torn {
            return "\(torn)"
        }
    }
}
