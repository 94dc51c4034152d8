import Foundation
import NIOCore
public import RedisClient

/// Redis within a transaction.
///
/// Nothing is written before the transaction is decided. Reads see the transaction's own changes. Each key that is read
/// or written is locked until the end, so what was read stays true; at the levels below serializable, only what is
/// written is. Commands that can't be repeated harmlessly, such as
/// those on lists, and those that look at unknown keys, such as SCAN, are not here: they belong outside of
/// transactions.
public struct TransactionRedis: CacheReading {
    let transaction: Transaction

    /// The answer as this transaction may see it.
    public func answer(_ question: CacheQuestion) async throws -> CacheReply {
        try await StatementSpan.of("redis", question.query.tracedName) {
            CacheReply(answer: try await transaction.core.ask(question.query, of: question.key, for: transaction.id))
        }
    }

    private func write(_ effect: CacheEffect, _ key: CacheKey) async throws {
        _ = try await StatementSpan.of("redis", effect.tracedName) {
            try await transaction.core.write(effect, to: key, for: transaction.id)
        }
    }

    // MARK: Strings and counters

    /// SET: sets a key, whatever it held.
    ///
    /// - Parameter expiry: when the key expires; an earlier expiry is removed.
    public func set(_ key: CacheKey, _ value: some RESPRenderable, expiry: RedisExpiry? = nil) async throws {
        try await write(.set(value.bytes, expiresAt: try expiry?.milliseconds()), key)
    }

    /// INCRBY: adds to a counter, which begins at 0, and keeps its expiry.
    ///
    /// - Returns: the new value.
    @discardableResult
    public func increment(_ key: CacheKey, by amount: Int = 1) async throws -> Int {
        try await StatementSpan.of("redis", "INCRBY") {
            let (core, id) = (transaction.core, transaction.id)
            try await core.lockToChange(id, .key(key))
            while true {
                let revision = try await core.cacheRevision(id)
                let entry = try await core.entry(of: key, for: id)
                let sum = try adding(amount, to: try core.answer(.string, entry, key), of: key)
                let effect = CacheEffect.set(Bytes(String(sum).utf8), expiresAt: entry.expiresAt)
                if try await core.write(effect, to: key, for: id, computedAt: revision) { return sum }
            }
        }
    }

    private func adding(_ amount: Int, to answer: CacheAnswer, of key: CacheKey) throws -> Int {
        var current = 0
        if case .bytes(let bytes) = answer {
            guard let number = Int(String(decoding: bytes, as: UTF8.self)) else {
                throw TransactionError(
                    .wrongType, "the Redis key \(key) holds no whole number to add to", remedy: "Set it to one first.")
            }
            current = number
        }
        let (sum, overflow) = current.addingReportingOverflow(amount)
        guard !overflow else { throw TransactionError.overflow(key) }
        return sum
    }

    // MARK: Keys

    /// DEL: deletes a key, whatever it holds.
    public func delete(_ key: CacheKey) async throws {
        try await write(.delete, key)
    }

    /// PEXPIREAT: when a key expires; nothing happens if there is none.
    public func expire(_ key: CacheKey, _ expiry: RedisExpiry) async throws {
        try await write(.expire(at: try expiry.milliseconds()), key)
    }

    /// PERSIST: the key does not expire any more.
    public func persist(_ key: CacheKey) async throws {
        try await write(.expire(at: nil), key)
    }

    // MARK: Hashes

    /// HSET: sets fields of a hash.
    public func hset(_ key: CacheKey, _ fields: KeyValuePairs<String, any RESPRenderable>) async throws {
        guard !fields.isEmpty else { return }
        try await write(.setFields(fields.map { CacheField(name: Bytes($0.key.utf8), value: $0.value.bytes) }), key)
    }

    /// HDEL: removes fields of a hash.
    public func hdel(_ key: CacheKey, _ fields: [String]) async throws {
        guard !fields.isEmpty else { return }
        try await write(.removeFields(fields.map { Bytes($0.utf8) }), key)
    }

    /// HINCRBY: adds to a field, which begins at 0.
    ///
    /// - Returns: the new value.
    @discardableResult
    public func hincrby(_ key: CacheKey, _ field: String, by amount: Int = 1) async throws -> Int {
        try await StatementSpan.of("redis", "HINCRBY") {
            let (core, id) = (transaction.core, transaction.id)
            let name = Bytes(field.utf8)
            try await core.lockToChange(id, .key(key))
            while true {
                let revision = try await core.cacheRevision(id)
                let sum = try adding(amount, to: try await core.ask(.field(name), of: key, for: id), of: key)
                let effect = CacheEffect.setFields([CacheField(name: name, value: Bytes(String(sum).utf8))])
                if try await core.write(effect, to: key, for: id, computedAt: revision) { return sum }
            }
        }
    }

    // MARK: Sets

    /// SADD: adds members to a set.
    public func sadd(_ key: CacheKey, _ members: [some RESPRenderable]) async throws {
        guard !members.isEmpty else { return }
        try await write(.addMembers(members.map(\.bytes)), key)
    }

    /// SREM: removes members from a set.
    public func srem(_ key: CacheKey, _ members: [some RESPRenderable]) async throws {
        guard !members.isEmpty else { return }
        try await write(.removeMembers(members.map(\.bytes)), key)
    }

    // MARK: Sorted sets

    /// ZADD: adds members or sets their scores.
    public func zadd(_ key: CacheKey, _ scores: KeyValuePairs<String, Double>) async throws {
        guard !scores.isEmpty else { return }
        try await write(.setScores(scores.map { CacheScore(member: Bytes($0.key.utf8), score: $0.value) }), key)
    }

    /// ZREM: removes members.
    public func zrem(_ key: CacheKey, _ members: [some RESPRenderable]) async throws {
        guard !members.isEmpty else { return }
        try await write(.removeScored(members.map(\.bytes)), key)
    }
}

extension TransactionError {
    static func overflow(_ key: CacheKey) -> TransactionError {
        TransactionError(.unsupported, "the counter \(key) would leave the range of 64 bits", remedy: "Start it anew.")
    }
}

extension RESPRenderable {
    /// The one argument's bytes, as they would go to the server.
    var bytes: Bytes {
        var arguments: [RedisArgument] = []
        render(into: &arguments)
        return arguments.flatMap { argument -> Bytes in
            switch argument {
            case .string(let text): Bytes(text.utf8)
            case .bytes(let buffer): Bytes(buffer.readableBytesView)
            case .integer(let number): Bytes(String(number).utf8)
            case .double(let number): Bytes(number.redisText.utf8)
            }
        }
    }
}

extension Double {
    fileprivate var redisText: String {
        if self == .infinity { return "inf" }
        if self == -.infinity { return "-inf" }
        return "\(self)"
    }
}

extension Bytes {
    func decode<Value: RESPDecodable>(_ type: Value.Type) throws -> Value {
        try RESPValue.bulkString(ByteBuffer(bytes: self)).decode(as: type)
    }
}

extension RedisExpiry {
    /// The moment in milliseconds since 1970: an absolute one, so that applying it again changes nothing.
    func milliseconds() throws -> Int64? {
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        switch self {
        case .after(let duration): return now + max(1, Int64(duration / .milliseconds(1)))
        case .at(let milliseconds): return Int64(milliseconds)
        case .never: return nil
        case .keep:
            throw TransactionError(
                .unsupported, "an expiry can't be kept when a key is set within a transaction",
                remedy: "Give a moment or a time, or use increment, which keeps it.")
        }
    }
}
