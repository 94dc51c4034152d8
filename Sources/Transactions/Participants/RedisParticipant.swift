import NIOCore
import RedisClient

/// Redis as a store that follows the decision.
struct RedisParticipant: CacheParticipant {
    let redis: any RedisCommands
    let identity: String
    let epoch: Int

    // MARK: Changing

    func apply(_ batch: CacheBatch, wantsFormer: Bool) async -> CacheOutcome {
        let keys = batch.writes.keys
        var arguments: [RedisArgument] = [
            .string(identity), .integer(epoch), .integer(Int(batch.predecessor)), .integer(Int(batch.number)),
            .string(wantsFormer ? "1" : "0"),
        ]
        for key in keys {
            let effects = batch.writes.effects[key] ?? []
            arguments.append(.integer(effects.count))
            for effect in effects { effect.append(to: &arguments) }
        }
        do {
            let reply = try await call("trivet_apply", keys, arguments)
            return try outcome(reply, keys: keys, wantsFormer: wantsFormer)
        } catch {
            return .unreachable(error)
        }
    }

    private func outcome(_ reply: [RESPValue], keys: [CacheKey], wantsFormer: Bool) throws -> CacheOutcome {
        switch try reply.text(0) {
        case "applied": return .applied(former: nil)
        case "done":
            guard wantsFormer else { return .applied(former: [:]) }
            let entries = try reply[1].decode(as: [RESPValue].self).map(CacheEntry.init(dump:))
            return .applied(former: Dictionary(uniqueKeysWithValues: zip(keys, entries)))
        case "behind": return .behind(UInt64(try reply.text(1)))
        case "rejected":
            let key = keys[(Int(try reply.text(1)) ?? 1) - 1]
            return .rejected(
                key, reason: "it holds a \(try reply.text(2)), and the change needs a \(try reply.text(3))")
        default: return .refused(try refusal(reply))
        }
    }

    func adopt() async throws -> CacheAdoption {
        let reply = try await call("trivet_adopt", [], [.string(identity), .integer(epoch)])
        let adoption: CacheAdoption
        switch try reply.text(0) {
        case "new": adoption = .new
        case "known": adoption = .known(UInt64(try reply.text(1)) ?? 0)
        default: throw try refusal(reply)
        }
        // The server may have the functions of another version of Trivet. It is ours by now.
        _ = try await redis.send("FUNCTION", "LOAD", "REPLACE", RedisFunctions.source)
        return adoption
    }

    func reset(to number: UInt64) async throws {
        let reply = try await call("trivet_reset", [], [.string(identity), .integer(epoch), .integer(Int(number))])
        guard try reply.text(0) == "done" else { throw try refusal(reply) }
    }

    private func refusal(_ reply: [RESPValue]) throws -> TransactionError {
        if try reply.text(0) == "superseded" {
            return TransactionError(
                .stopped,
                "another coordinator has taken over the stores (epoch \(try reply.text(1)), this one has \(epoch))",
                remedy: "End this process; one coordinator at a time may work.")
        }
        return TransactionError(
            .foreignStore,
            "Redis belongs to the SQLite database with the identity \(try reply.text(1)), and this one has \(identity)",
            remedy:
                "Use the Redis that belongs to this database, or delete its key \(RedisFunctions.markerKey) to give it to this one."
        )
    }

    func discardManagedKeys(_ patterns: [String]) async throws {
        // What was to be filled in may be out of date too, and the synchronizer has to make its keys anew.
        for pattern in patterns + [RedisFunctions.leasePrefix + "*", RedisFill.key] {
            var cursor = "0"
            repeat {
                let reply = try await redis.send("SCAN", cursor, "MATCH", pattern, "COUNT", 1_000)
                let parts = try reply.decode(as: [RESPValue].self)
                cursor = try parts.text(0)
                let keys = try parts[1].decode(as: [ByteBuffer].self)
                if !keys.isEmpty {
                    _ = try await redis.send(RedisCommand("UNLINK", arguments: keys.map { .bytes($0) }))
                }
            } while cursor != "0"
        }
    }

    // MARK: Reading

    func load(_ key: CacheKey) async throws -> CacheEntry {
        let command = RedisCommand(
            "FCALL_RO", arguments: ["trivet_load", .integer(1), .bytes(ByteBuffer(bytes: key.bytes))])
        let reply = try await withFunctions { try await redis.send(command) }
        return try CacheEntry(dump: reply)
    }

    func ask(_ query: CacheQuery, of key: CacheKey) async throws -> CacheAnswer {
        let reply: RESPValue
        do {
            reply = try await redis.send(query.command(key))
        } catch let error as RedisError where error.reply?.code == "WRONGTYPE" {
            throw CacheTypeMismatch(found: "value of another type", needed: query.command(key).name)
        }
        return try query.answer(reply)
    }

    // MARK: Calls

    private func call(_ function: String, _ keys: [CacheKey], _ arguments: [RedisArgument]) async throws -> [RESPValue]
    {
        var all: [RedisArgument] = [.string(function), .integer(keys.count + 1), .string(RedisFunctions.markerKey)]
        all += keys.map { .bytes(ByteBuffer(bytes: $0.bytes)) }
        all += arguments
        let command = RedisCommand("FCALL", arguments: all)
        return try await withFunctions { try await redis.send(command) }.decode(as: [RESPValue].self)
    }

    /// Loads the functions when the server does not have them: it is new, or was emptied.
    func withFunctions(_ body: () async throws -> RESPValue) async throws -> RESPValue {
        do {
            return try await body()
        } catch let error as RedisError where error.reply?.message.contains("Function not found") == true {
            _ = try await redis.send("FUNCTION", "LOAD", "REPLACE", RedisFunctions.source)
            return try await body()
        }
    }
}

extension [RESPValue] {
    fileprivate func text(_ index: Int) throws -> String {
        try self[index].decode(as: String.self)
    }
}

extension CacheEffect {
    fileprivate func append(to arguments: inout [RedisArgument]) {
        func add(_ name: String, _ values: [Bytes]) {
            arguments += [.string(name), .integer(values.count)]
            arguments += values.map { .bytes(ByteBuffer(bytes: $0)) }
        }
        func text(_ moment: Int64?) -> Bytes { moment.map { Bytes(String($0).utf8) } ?? [] }
        switch self {
        case .set(let value, let expiresAt): add("set", [value, text(expiresAt)])
        case .delete: add("del", [])
        case .expire(let moment): add("expire", [text(moment)])
        case .setFields(let fields): add("hset", fields.flatMap { [$0.name, $0.value] })
        case .removeFields(let names): add("hdel", names)
        case .addMembers(let members): add("sadd", members)
        case .removeMembers(let members): add("srem", members)
        case .setScores(let scores): add("zadd", scores.flatMap { [$0.score.bytes, $0.member] })
        case .removeScored(let members): add("zrem", members)
        }
    }
}

extension CacheEntry {
    /// What `trivet_load` returns: type, expiry, content.
    fileprivate init(dump: RESPValue) throws {
        let parts = try dump.decode(as: [RESPValue].self)
        let kind = try parts.text(0)
        let moment = Int64(try parts.text(1)) ?? -1
        expiresAt = moment < 0 ? nil : moment
        let list = { try parts[2].decode(as: [ByteBuffer].self).map { Bytes($0.readableBytesView) } }
        switch kind {
        case "none": content = .none
        case "string": content = .string(Bytes(try parts[2].decode(as: ByteBuffer.self).readableBytesView))
        case "hash": content = .hash(try pairs(try list()))
        case "set": content = .set(Set(try list()))
        case "zset":
            content = .sortedSet(try pairs(try list()).mapValues { try $0.decode(Double.self) })
        default: content = .other(kind)
        }
    }
}

private func pairs(_ flat: [Bytes]) throws -> [Bytes: Bytes] {
    Dictionary(stride(from: 0, to: flat.count - 1, by: 2).map { (flat[$0], flat[$0 + 1]) }) { $1 }
}

extension CacheQuery {
    fileprivate func command(_ key: CacheKey) -> RedisCommand {
        func make(_ name: String, _ rest: [RedisArgument] = []) -> RedisCommand {
            RedisCommand(name, arguments: [.bytes(ByteBuffer(bytes: key.bytes))] + rest)
        }
        func bytes(_ value: Bytes) -> RedisArgument { .bytes(ByteBuffer(bytes: value)) }
        return switch self {
        case .string: make("GET")
        case .exists: make("EXISTS")
        case .expiry: make("PEXPIRETIME")
        case .field(let name): make("HGET", [bytes(name)])
        case .fields: make("HGETALL")
        case .isMember(let member): make("SISMEMBER", [bytes(member)])
        case .members: make("SMEMBERS")
        case .score(let member): make("ZSCORE", [bytes(member)])
        case .ranking: make("ZRANGE", [.integer(0), .integer(-1), .string("WITHSCORES")])
        }
    }

    fileprivate func answer(_ reply: RESPValue) throws -> CacheAnswer {
        func bytes(_ buffer: ByteBuffer) -> Bytes { Bytes(buffer.readableBytesView) }
        switch self {
        case .string, .field: return try reply.decode(as: ByteBuffer?.self).map { .bytes(bytes($0)) } ?? .nothing
        case .exists, .isMember: return .flag(try reply.decode(as: Int.self) == 1)
        case .expiry:
            let moment = try reply.decode(as: Int.self)
            return moment < 0 ? .nothing : .moment(Int64(moment))
        case .fields:
            let fields = try reply.decode(as: [ByteBuffer: ByteBuffer].self)
            return .fields(Dictionary(fields.map { (bytes($0.key), bytes($0.value)) }) { $1 })
        case .members: return .members(Set(try reply.decode(as: [ByteBuffer].self).map(bytes)))
        case .score: return try reply.decode(as: Double?.self).map { .score($0) } ?? .nothing
        case .ranking: return .ranking(try reply.scores())
        }
    }
}

extension RESPValue {
    /// Members with scores: pairs under RESP3, one flat list under RESP2.
    fileprivate func scores() throws -> [CacheScore] {
        let items = try decode(as: [RESPValue].self)
        if case .array? = items.first {
            return try items.map { item in
                let pair = try item.decode(as: [RESPValue].self)
                return CacheScore(
                    member: Bytes(try pair[0].decode(as: ByteBuffer.self).readableBytesView),
                    score: try pair[1].decode(as: Double.self))
            }
        }
        return try stride(from: 0, to: items.count - 1, by: 2).map { index in
            CacheScore(
                member: Bytes(try items[index].decode(as: ByteBuffer.self).readableBytesView),
                score: try items[index + 1].decode(as: Double.self))
        }
    }
}
