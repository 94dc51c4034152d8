public import RedisClient

/// The reads of Redis that transactions and snapshots have in common.
public protocol CacheReading: Sendable {
    /// The answer to one question about a key.
    func answer(_ question: CacheQuestion) async throws -> CacheReply
}

/// A question of ``CacheReading``, of no use by itself.
public struct CacheQuestion: Sendable {
    let query: CacheQuery
    let key: CacheKey
}

/// A reply of ``CacheReading``, of no use by itself.
public struct CacheReply: Sendable {
    let answer: CacheAnswer
}

extension CacheReading {
    private func ask(_ query: CacheQuery, _ key: CacheKey) async throws -> CacheAnswer {
        try await answer(CacheQuestion(query: query, key: key)).answer
    }

    /// GET: the value of a key; nil if there is none.
    public func get<Value: RESPDecodable>(_ key: CacheKey, as type: Value.Type = String.self) async throws -> Value? {
        guard case .bytes(let bytes) = try await ask(.string, key) else { return nil }
        return try bytes.decode(type)
    }

    /// EXISTS: whether there is a key.
    public func exists(_ key: CacheKey) async throws -> Bool {
        try await ask(.exists, key) == .flag(true)
    }

    /// PEXPIRETIME: when a key expires, in milliseconds since 1970; nil for never, and where there is no key.
    public func expiry(of key: CacheKey) async throws -> Int64? {
        guard case .moment(let moment) = try await ask(.expiry, key) else { return nil }
        return moment
    }

    /// HGET: a field of a hash; nil if there is none.
    public func hget<Value: RESPDecodable>(
        _ key: CacheKey, _ field: String, as type: Value.Type = String.self
    ) async throws -> Value? {
        guard case .bytes(let bytes) = try await ask(.field(Bytes(field.utf8)), key) else { return nil }
        return try bytes.decode(type)
    }

    /// HGETALL: all fields of a hash; none if there is no hash.
    public func hgetall<Value: RESPDecodable>(
        _ key: CacheKey, as type: Value.Type = String.self
    ) async throws -> [String: Value] {
        guard case .fields(let fields) = try await ask(.fields, key) else { return [:] }
        var result: [String: Value] = [:]
        for (name, value) in fields { result[String(decoding: name, as: UTF8.self)] = try value.decode(type) }
        return result
    }

    /// SISMEMBER: whether a set has a member.
    public func sismember(_ key: CacheKey, _ member: some RESPRenderable) async throws -> Bool {
        try await ask(.isMember(member.bytes), key) == .flag(true)
    }

    /// SMEMBERS: a set's members.
    public func smembers(_ key: CacheKey) async throws -> Set<String> {
        guard case .members(let members) = try await ask(.members, key) else { return [] }
        return Set(members.map { String(decoding: $0, as: UTF8.self) })
    }

    /// ZSCORE: a member's score; nil if it is not there.
    public func zscore(_ key: CacheKey, _ member: some RESPRenderable) async throws -> Double? {
        guard case .score(let score) = try await ask(.score(member.bytes), key) else { return nil }
        return score
    }

    /// ZRANGE … WITHSCORES: all members by ascending score.
    public func zrange(_ key: CacheKey) async throws -> [(member: String, score: Double)] {
        guard case .ranking(let scores) = try await ask(.ranking, key) else { return [] }
        return scores.map { (String(decoding: $0.member, as: UTF8.self), $0.score) }
    }
}

/// Redis within a snapshot.
public struct SnapshotRedis: CacheReading {
    let snapshot: Snapshot

    /// The answer as of the snapshot's number.
    public func answer(_ question: CacheQuestion) async throws -> CacheReply {
        CacheReply(answer: try await snapshot.ask(question.query, question.key))
    }
}
