import Foundation
import GRDB
import GraphClient
import RedisClient
import Stores
import Transactions

extension CrashState {
    /// Reads everything that the stores have.
    static func read(_ coordinator: Coordinator, _ redis: RedisPool) async throws -> CrashState {
        var state = try await coordinator.sqlite.read { try records(in: $0) }
        if let graph = coordinator.graph { state.parts[.graph] = try await read(graph) }
        try await state.read(redis)
        return state
    }

    private static func records(in database: Database) throws -> CrashState {
        var state = CrashState()
        var part = Part()
        part.log = try Row.fetchAll(database, sql: "SELECT position, unit FROM log ORDER BY position")
            .map { Entry(position: $0["position"], unit: $0["unit"]) }
        for row in try Row.fetchAll(database, sql: "SELECT id, value FROM items") {
            part.contents[CrashUnit.Name.item(row["id"], false)] = "\(row["value"] as Int)"
        }
        for row in try Row.fetchAll(database, sql: "SELECT a, b FROM links") {
            part.contents[CrashUnit.Name.link(row["a"], row["b"])] = ""
        }
        for row in try Row.fetchAll(database, sql: "SELECT id, value FROM counters") {
            part.contents[CrashUnit.Name.counter(row["id"], false)] = "\(row["value"] as Int)"
        }
        for row in try Row.fetchAll(database, sql: "SELECT a, b, weight FROM paths") {
            part.contents[CrashUnit.Name.path(row["a"], row["b"])] = "\(row["weight"] as Int)"
        }
        for row in try Row.fetchAll(database, sql: "SELECT id, tags FROM places") {
            part.contents[CrashUnit.Name.place(row["id"])] = row["tags"]
        }
        func meta<Value: DatabaseValueConvertible>(_ key: String) throws -> Value? {
            try Value.fetchOne(database, sql: "SELECT value FROM trivet_meta WHERE key = ?", arguments: [key])
        }
        func last(_ condition: String) throws -> UInt64 {
            UInt64(try Int64.fetchOne(database, sql: "SELECT max(number) FROM trivet_journal \(condition)") ?? 0)
        }
        part.identity = try meta("identity")
        part.epoch = try meta("epoch") ?? 0
        state.trimmed = UInt64(try meta("trimmed") as Int64? ?? 0)
        part.marker = max(try last(""), state.trimmed)
        state.parts[.sqlite] = part
        state.lastInJournal[.graph] = try last("WHERE graph IS NOT NULL")
        state.lastInJournal[.redis] = try last("WHERE cache IS NOT NULL")
        for row in try Row.fetchAll(database, sql: "SELECT key, result FROM trivet_idempotency") {
            state.results[row["key"]] = try JSONDecoder().decode([Int].self, from: row["result"] as Data).first
        }
        return state
    }

    private static func read(_ graph: GraphPool) async throws -> Part {
        struct Number: Decodable, Sendable {
            var id: Int
            var value: Int
        }
        var part = Part()
        part.log = try await graph.query("MATCH (e:Entry) RETURN e.position AS id, e.unit AS value ORDER BY e.position")
            .decode(Number.self).map { Entry(position: $0.id, unit: $0.value) }
        for item in try await graph.query("MATCH (i:Item) RETURN i.id AS id, i.value AS value").decode(Number.self) {
            part.contents[CrashUnit.Name.item(item.id, false)] = "\(item.value)"
        }
        for counter in try await graph.query("MATCH (c:Counter) RETURN c.id AS id, c.value AS value").decode(
            Number.self)
        {
            part.contents[CrashUnit.Name.counter(counter.id, false)] = "\(counter.value)"
        }
        let links = try await graph.query("MATCH (a:Item)-[:Link]->(b:Item) RETURN a.id AS id, b.id AS value")
        for link in try links.decode(Number.self) {
            let name = CrashUnit.Name.link(link.id, link.value)
            // Kùzu takes the same relationship twice.
            part.contents[name] = part.contents[name] == nil ? "" : "twice"
        }
        try await readPlaces(graph, into: &part)
        let markers = "MATCH (m:\(StoreMarks.graphTable))"
        part.identity = try await graph.query("\(markers) WHERE m.number = 0 RETURN m.identity").first?
            .decode(String.self)
        let marker = try await graph.query("\(markers) RETURN max(m.number)").scalar(Int64?.self)
        part.marker = UInt64(marker ?? 0)
        return part
    }

    private static func readPlaces(_ graph: GraphPool, into part: inout Part) async throws {
        struct Path: Decodable, Sendable {
            var a: Int
            var b: Int
            var weight: Int
        }
        struct Place: Decodable, Sendable {
            var id: Int
            var tags: [Int]
        }
        // From either end: the engine keeps each relationship twice.
        let returned = "RETURN a.id AS a, b.id AS b, p.weight AS weight"
        let forwards = try await graph.query("MATCH (a:Place) WITH a MATCH (a)-[p:Path]->(b:Place) \(returned)")
            .decode(Path.self)
        let backwards = try await graph.query("MATCH (b:Place) WITH b MATCH (b)<-[p:Path]-(a:Place) \(returned)")
            .decode(Path.self)
        for path in forwards {
            let name = CrashUnit.Name.path(path.a, path.b)
            part.contents[name] = part.contents[name] == nil ? "\(path.weight)" : "twice"
        }
        var seen: Set<String> = []
        for path in backwards {
            let name = CrashUnit.Name.path(path.a, path.b)
            if part.contents[name] != "\(path.weight)" { part.contents[name + " from its end"] = "\(path.weight)" }
            seen.insert(name)
        }
        for path in forwards where !seen.contains(CrashUnit.Name.path(path.a, path.b)) {
            part.contents[CrashUnit.Name.path(path.a, path.b) + " from its end"] = "missing"
        }
        for place in try await graph.query("MATCH (p:Place) WHERE p.tags IS NOT NULL RETURN p.id AS id, p.tags AS tags")
            .decode(Place.self)
        {
            part.contents[CrashUnit.Name.place(place.id)] = CrashUnit.Name.list(place.tags)
        }
    }

    private mutating func read(_ redis: RedisPool) async throws {
        var part = Part()
        let keys = try await redis.send(RedisCommand("KEYS", "crash:*"), as: [String].self).sorted()
        let commands =
            keys.map { RedisCommand("TYPE", $0) } + keys.map { RedisCommand("PEXPIRETIME", $0) }
            + [RedisCommand("HMGET", StoreMarks.redisKey, "identity", "number", "epoch")]
        let replies = try await redis.pipeline(commands).map { try $0.get() }
        let marker = try replies[keys.count * 2].decode(as: [String?].self)
        part.identity = marker[0]
        part.marker = marker[1].flatMap { UInt64($0) } ?? 0
        part.epoch = marker[2].flatMap { Int($0) } ?? 0
        let types = try replies[..<keys.count].map { try $0.decode(as: String.self) }
        let contents = await redis.pipeline(zip(keys, types).map { Self.command(toRead: $0, type: $1) })
        for (index, key) in keys.enumerated() {
            let moment = try replies[keys.count + index].decode(as: Int.self)
            if key.hasPrefix("crash:brief:") {
                if moment == -1 { everlasting.append(key) }
                continue
            }
            // Between the questions it may have expired.
            guard types[index] != "none" else { continue }
            try Self.take(key, types[index], try contents[index].get(), into: &part)
            if moment >= 0 { part.contents["\(key) expires"] = "\(moment)" }
        }
        parts[.redis] = part
    }

    private static func command(toRead key: String, type: String) -> RedisCommand {
        switch type {
        case "hash": RedisCommand("HGETALL", key)
        case "set": RedisCommand("SMEMBERS", key)
        case "zset": RedisCommand("ZRANGE", key, "0", "-1", "WITHSCORES")
        case "string": RedisCommand("GET", key)
        default: RedisCommand("TYPE", key)
        }
    }

    private static func take(_ key: String, _ type: String, _ reply: RESPValue, into part: inout Part) throws {
        switch type {
        case "hash":
            let fields = try reply.decode(as: [String: String].self)
            if key.hasPrefix("crash:kept:") {
                part.contents[key] = "hash \(fields["value"] ?? "without its field")"
            } else {
                for (field, value) in fields { part.contents["\(key) \(field)"] = value }
            }
        case "set":
            let members = try reply.decode(as: [String].self).sorted()
            if key.hasPrefix("crash:kept:") {
                part.contents[key] = "set \(members.joined(separator: ", "))"
            } else {
                for member in members { part.contents["\(key) \(member)"] = "" }
            }
        case "zset":
            let scores = try ranking(reply)
            guard key == CrashUnit.Name.log else {
                for (member, score) in scores { part.contents["\(key) \(member)"] = "\(score)" }
                return
            }
            part.log = scores.map { Entry(position: $0.score, unit: Int($0.member) ?? 0) }
        case "string":
            let text = try reply.decode(as: String.self)
            if key == CrashUnit.Name.logEnd { return }
            part.contents[key] = key.hasPrefix("crash:kept:") ? "string \(text)" : text
        default: part.contents[key] = type
        }
    }

    /// Members with scores: pairs under RESP3, one flat list under RESP2.
    private static func ranking(_ reply: RESPValue) throws -> [(member: String, score: Int)] {
        let items = try reply.decode(as: [RESPValue].self)
        func entry(_ member: RESPValue, _ score: RESPValue) throws -> (member: String, score: Int) {
            (try member.decode(as: String.self), Int(try score.decode(as: Double.self)))
        }
        if case .array? = items.first {
            return try items.map { item in
                let pair = try item.decode(as: [RESPValue].self)
                return try entry(pair[0], pair[1])
            }
        }
        return try stride(from: 0, to: items.count - 1, by: 2).map { try entry(items[$0], items[$0 + 1]) }
    }
}
