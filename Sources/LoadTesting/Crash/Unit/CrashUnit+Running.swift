import Foundation
import GRDB
import GraphClient
import RedisClient
import Stores
import Transactions

/// What a body throws that is to be rolled back.
struct CrashRollback: Error {}

extension CrashUnit {
    /// The body of the transaction.
    func run(in txn: isolated Transaction) async throws {
        let half = course == .savepoint ? actions.count / 2 : actions.count
        for store in stores { try await log(in: store, txn) }
        for action in actions[..<half] { try await run(action, txn) }
        switch course {
        case .plain: break
        case .savepoint:
            try await txn.savepoint { txn in
                for action in actions[half...] { try await run(action, txn) }
            }
        case .poisonedSavepoint(let graphFails):
            do {
                try await txn.savepoint { txn in
                    for store in stores { try await poison(store, txn) }
                    if graphFails {
                        // The same key once more.
                        try await txn.graph.execute("CREATE (:Item {id: -1, value: 0})")
                    }
                    throw CrashRollback()
                }
            } catch  where error is CrashRollback || (graphFails && error is GraphError) {}
        }
        if isRolledBack { throw CrashRollback() }
    }

    /// Notes the unit at the end of the store's list of all units that it has.
    private func log(in store: StoreKind, _ txn: isolated Transaction) async throws {
        switch store {
        case .sqlite:
            try await txn.sqlite { database in
                try database.execute(
                    sql: "INSERT INTO log SELECT coalesce(max(position), 0) + 1, ? FROM log", arguments: [number])
            }
        case .graph:
            let last = try await txn.graph.query("MATCH (e:Entry) RETURN max(e.position)", as: Int?.self).first ?? nil
            try await txn.graph.insert("Entry", ["position": (last ?? 0) + 1, "unit": number])
        case .redis:
            let position = try await txn.redis.increment(CacheKey(Name.logEnd))
            try await txn.redis.zadd(CacheKey(Name.log), ["\(number)": Double(position)])
        }
    }

    private func poison(_ store: StoreKind, _ txn: isolated Transaction) async throws {
        switch store {
        case .sqlite: try await txn.sqlite { try $0.execute(sql: "INSERT INTO items VALUES (-1, 0)") }
        case .graph: try await txn.graph.execute("CREATE (:Item {id: -1, value: 0})")
        case .redis: try await txn.redis.set(CacheKey(Name.poison), "\(number)")
        }
    }

    private func run(_ action: Action, _ txn: isolated Transaction) async throws {
        for store in stores {
            switch store {
            case .sqlite: try await txn.sqlite { try runOnRecords(action, $0) }
            case .graph: try await runOnGraph(action, txn.graph)
            case .redis: try await runOnCache(action, txn.redis)
            }
        }
    }

    private func runOnRecords(_ action: Action, _ database: Database) throws {
        switch action {
        case .setItem(let item, let value):
            try database.execute(
                sql: "INSERT INTO items VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value",
                arguments: [item, value])
        case .deleteItem(let item):
            try database.execute(sql: "DELETE FROM links WHERE a = ? OR b = ?", arguments: [item, item])
            try database.execute(sql: "DELETE FROM items WHERE id = ?", arguments: [item])
        case .link(let from, let to):
            let sql = "INSERT OR IGNORE INTO links SELECT a.id, b.id FROM items a, items b WHERE a.id = ? AND b.id = ?"
            try database.execute(sql: sql, arguments: [from, to])
        case .add(let amount, let counter):
            try database.execute(
                sql: "INSERT INTO counters VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = value + excluded.value",
                arguments: [counter, amount])
        case .connect(let from, let to, let weight):
            try database.execute(
                sql: """
                    INSERT INTO paths VALUES (?, ?, ?) ON CONFLICT (a, b) DO UPDATE SET weight = excluded.weight
                    """,
                arguments: [from, to, weight])
        case .disconnect(let from, let to):
            try database.execute(sql: "DELETE FROM paths WHERE a = ? AND b = ?", arguments: [from, to])
        case .tag(let place, let tags):
            try database.execute(
                sql: "INSERT OR REPLACE INTO places VALUES (?, ?)", arguments: [place, Name.list(tags)])
        case .cache: break
        }
    }

    private func runOnGraph(_ action: Action, _ graph: TransactionGraph) async throws {
        func isThere(_ label: String, _ id: Int) async throws -> Bool {
            try await !graph.query("MATCH (n:\(label) {id: $id}) RETURN n.id", ["id": id]).isEmpty
        }
        switch action {
        case .setItem(let item, let value):
            if try await isThere("Item", item) {
                try await graph.set(GraphNodeKey("Item", "id", item), ["value": value])
            } else {
                try await graph.insert("Item", ["id": item, "value": value])
            }
        case .deleteItem(let item):
            try await graph.execute("MATCH (i:Item {id: $id}) DETACH DELETE i", ["id": item])
        case .link(let from, let to):
            let ends: GraphParameters = ["a": from, "b": to]
            let known = try await graph.query("MATCH (a:Item {id: $a})-[l:Link]->(b:Item {id: $b}) RETURN a.id", ends)
            guard known.isEmpty, try await isThere("Item", from), try await isThere("Item", to) else { return }
            try await graph.connect(GraphNodeKey("Item", "id", from), "Link", GraphNodeKey("Item", "id", to))
        case .add(let amount, let counter):
            try await graph.execute(
                try await isThere("Counter", counter)
                    ? "MATCH (c:Counter {id: $id}) SET c.value = c.value + $amount"
                    : "CREATE (:Counter {id: $id, value: $amount})",
                ["id": counter, "amount": amount])
        case .connect(let from, let to, let weight):
            let path = "MATCH (a:Place {id: $a})-[p:Path]->(b:Place {id: $b})"
            let isThere = try await !graph.query("\(path) RETURN p.weight", ["a": from, "b": to]).isEmpty
            try await graph.execute(
                isThere
                    ? "\(path) SET p.weight = $weight"
                    : "MATCH (a:Place {id: $a}), (b:Place {id: $b}) CREATE (a)-[:Path {weight: $weight}]->(b)",
                ["a": from, "b": to, "weight": weight])
        case .disconnect(let from, let to):
            try await graph.execute(
                "MATCH (a:Place {id: $a})-[p:Path]->(b:Place {id: $b}) DELETE p", ["a": from, "b": to])
        case .tag(let place, let tags):
            try await graph.execute(
                "MATCH (p:Place {id: $id}) SET p.tags = $tags",
                GraphParameters([
                    GraphField("id", .int64(Int64(place))), GraphField("tags", .list(tags.map { .int64(Int64($0)) })),
                ]))
        case .cache: break
        }
    }

    private func runOnCache(_ action: Action, _ redis: TransactionRedis) async throws {
        switch action {
        case .setItem(let item, let value): try await redis.set(CacheKey(Name.item(item, true)), value)
        case .deleteItem(let item): try await redis.delete(CacheKey(Name.item(item, true)))
        case .link, .connect, .disconnect, .tag: break
        case .add(let amount, let counter):
            try await redis.increment(CacheKey(Name.counter(counter, true)), by: amount)
        case .cache(let action): try await runOnCache(action, redis)
        }
    }

    private func runOnCache(_ action: CacheAction, _ redis: TransactionRedis) async throws {
        func expiry(_ moment: Int64?) -> RedisExpiry { moment.map { .at(milliseconds: Int($0)) } ?? .never }
        switch action {
        case .keep(let key, let form, let value, let moment):
            let key = CacheKey(Name.kept(key))
            switch form {
            case .string: return try await redis.set(key, value, expiry: moment.map { expiry($0) })
            case .hash:
                try await redis.delete(key)
                try await redis.hset(key, ["value": value])
            case .set:
                try await redis.delete(key)
                try await redis.sadd(key, [value])
            }
            if let moment { try await redis.expire(key, expiry(moment)) }
        case .expire(let key, let moment):
            let key = CacheKey(Name.kept(key))
            if let moment { try await redis.expire(key, expiry(moment)) } else { try await redis.persist(key) }
        case .drop(let key): try await redis.delete(CacheKey(Name.kept(key)))
        case .setField(let hash, let field, let value):
            try await redis.hset(CacheKey(Name.hash(hash)), ["\(field)": value])
        case .addToField(let hash, let field, let amount):
            try await redis.hincrby(CacheKey(Name.hash(hash)), "\(field)", by: amount)
        case .removeField(let hash, let field): try await redis.hdel(CacheKey(Name.hash(hash)), ["\(field)"])
        case .addMember(let set, let member): try await redis.sadd(CacheKey(Name.set(set)), [member])
        case .removeMember(let set, let member): try await redis.srem(CacheKey(Name.set(set)), [member])
        case .setScore(let ranking, let member, let score):
            try await redis.zadd(CacheKey(Name.ranking(ranking)), ["\(member)": Double(score)])
        case .removeScored(let ranking, let member):
            try await redis.zrem(CacheKey(Name.ranking(ranking)), ["\(member)"])
        case .brief:
            try await redis.set(CacheKey(Name.brief(number)), number, expiry: .after(.milliseconds(5)))
        }
    }
}
