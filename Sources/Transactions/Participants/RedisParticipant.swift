import Failpoints
import Foundation
import NIOCore
import RedisClient

/// Redis as a store that follows the decision.
struct RedisParticipant: CacheParticipant {
    let redis: any RedisCommands
    let identity: String
    let epoch: Int
    /// The last decided number when the coordinator was opened. A marker above it that another session has left is of
    /// another history: one that SQLite has lost.
    let opened: UInt64
    /// Tells this opening from all others; a SQLite restored from a backup counts its epochs a second time.
    private let session = UUID().uuidString

    init(redis: any RedisCommands, identity: String, epoch: Int, opened: UInt64) {
        self.redis = redis
        self.identity = identity
        self.epoch = epoch
        self.opened = opened
    }

    private var claims: [RedisArgument] {
        [.string(identity), .integer(epoch), .string(session), .integer(Int(opened))]
    }

    // MARK: Changing

    func apply(_ batch: CacheBatch) async -> CacheOutcome {
        let keys = batch.writes.keys
        var arguments = claims
        arguments += [
            .integer(Int(batch.predecessor)), .integer(Int(batch.number)), .string(batch.wantsFormer ? "1" : "0"),
        ]
        for key in keys {
            let effects = batch.writes.effects[key] ?? []
            arguments.append(.integer(effects.count))
            for effect in effects { effect.append(to: &arguments) }
        }
        do {
            Failpoint.redisBefore.pass()
            let reply = try await call("trivet_apply", keys, arguments)
            Failpoint.redisAfter.pass()
            return try outcome(reply, keys: keys, wantsFormer: batch.wantsFormer)
        } catch {
            return .unreachable(error)
        }
    }

    private func outcome(_ reply: [RESPValue], keys: [CacheKey], wantsFormer: Bool) throws -> CacheOutcome {
        switch try reply.text(0) {
        case "had": return .had(UInt64(try reply.text(1)) ?? 0)
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
        let reply = try await call("trivet_adopt", [], claims)
        Failpoint.takeOverAfter.pass()
        let adoption: CacheAdoption
        switch try reply.text(0) {
        case "new": adoption = .new
        case "known": adoption = .known(UInt64(try reply.text(1)) ?? 0)
        default: throw try refusal(reply)
        }
        // The server may have the functions of another version of Trivet. It is ours by now.
        try await loadFunctions()
        return adoption
    }

    func reset(from expected: UInt64?, to number: UInt64) async throws {
        let place = RedisArgument.string(expected.map { "\($0)" } ?? "")
        let reply = try await call("trivet_reset", [], claims + [place, .integer(Int(number))])
        switch try reply.text(0) {
        case "done": return
        case "lost": throw CacheLoss(marker: UInt64(try reply.text(1)))
        default: throw try refusal(reply)
        }
    }

    private func refusal(_ reply: [RESPValue]) throws -> TransactionError {
        let reason = try reply.text(0)
        if reason == "ahead" {
            return TransactionError.aheadOfSQLite(number: try reply.text(1), last: opened)
        }
        if reason == "superseded" {
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

    func load(_ key: CacheKey, after number: UInt64) async throws -> CacheEntry {
        let reply = try await call("trivet_load", [key], claims + [.integer(Int(number))], isRead: true)
        return try CacheEntry(dump: try found(reply, of: nil))
    }

    func ask(_ query: CacheQuery, of key: CacheKey, after number: UInt64) async throws -> CacheAnswer {
        var arguments = claims
        arguments += [.integer(Int(number)), .string(query.neededType ?? "")]
        arguments += query.command
        let reply = try await call("trivet_ask", [key], arguments, isRead: true)
        return try query.answer(try found(reply, of: query.neededType))
    }

    private func found(_ reply: [RESPValue], of type: String?) throws -> RESPValue {
        switch try reply.text(0) {
        case "found": return reply.count > 1 ? reply[1] : .null
        case "wrong": throw CacheTypeMismatch(found: try reply.text(1), needed: type ?? "any")
        case "lost": throw CacheLoss(marker: UInt64(try reply.text(1)))
        default: throw try refusal(reply)
        }
    }

    // MARK: Calls

    private func call(
        _ function: String, _ keys: [CacheKey], _ arguments: [RedisArgument], isRead: Bool = false
    ) async throws -> [RESPValue] {
        var all: [RedisArgument] = [.string(function), .integer(keys.count + 1), .string(RedisFunctions.markerKey)]
        all += keys.map { .bytes(ByteBuffer(bytes: $0.bytes)) }
        all += arguments
        let command = RedisCommand(isRead ? "FCALL_RO" : "FCALL", arguments: all)
        return try await withFunctions { try await redis.send(command) }.decode(as: [RESPValue].self)
    }

    /// Loads the functions when the server does not have them: it is new, or was emptied.
    func withFunctions(_ body: () async throws -> RESPValue) async throws -> RESPValue {
        do {
            return try await body()
        } catch let error as RedisError where error.reply?.message.contains("Function not found") == true {
            try await loadFunctions()
            return try await body()
        }
    }

    private func loadFunctions() async throws {
        _ = try await redis.send("FUNCTION", "LOAD", "REPLACE", RedisFunctions.source)
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
    /// The command's name, and what follows its key.
    fileprivate var command: [RedisArgument] {
        func bytes(_ value: Bytes) -> RedisArgument { .bytes(ByteBuffer(bytes: value)) }
        return switch self {
        case .type: ["TYPE"]
        case .string: ["GET"]
        case .exists: ["EXISTS"]
        case .expiry: ["PEXPIRETIME"]
        case .field(let name): ["HGET", bytes(name)]
        case .fields: ["HGETALL"]
        case .isMember(let member): ["SISMEMBER", bytes(member)]
        case .members: ["SMEMBERS"]
        case .score(let member): ["ZSCORE", bytes(member)]
        case .ranking: ["ZRANGE", .integer(0), .integer(-1), "WITHSCORES"]
        }
    }

    fileprivate func answer(_ reply: RESPValue) throws -> CacheAnswer {
        func bytes(_ buffer: ByteBuffer) -> Bytes { Bytes(buffer.readableBytesView) }
        switch self {
        case .type: return .bytes(Bytes(try reply.decode(as: String.self).utf8))
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
