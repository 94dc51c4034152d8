// Sorted sets.

extension RedisCommands {
    /// ZADD: adds a member, or changes its score; returns how many are new.
    @discardableResult
    public func zadd(_ key: some RESPRenderable, _ member: some RESPRenderable, score: Double) async throws -> Int {
        try await self.send(RedisCommand("ZADD", key, score, member), as: Int.self)
    }

    /// ZADD: adds members with their scores; returns how many are new. At least one.
    @discardableResult
    public func zadd(
        _ key: some RESPRenderable, _ members: [(member: some RESPRenderable, score: Double)]
    ) async throws -> Int {
        var arguments: [RedisArgument] = []
        for entry in members {
            arguments.append(.double(entry.score))
            entry.member.render(into: &arguments)
        }
        return try await self.send(RedisCommand("ZADD", key, arguments), as: Int.self)
    }

    /// ZREM: removes members; returns how many there were.
    @discardableResult
    public func zrem(_ key: some RESPRenderable, _ members: [some RESPRenderable]) async throws -> Int {
        try await self.send(RedisCommand("ZREM", key, members), as: Int.self)
    }

    /// ZSCORE: a member's score; nil if there is none.
    public func zscore(_ key: some RESPRenderable, _ member: some RESPRenderable) async throws -> Double? {
        try await self.send(RedisCommand("ZSCORE", key, member), as: Double?.self)
    }

    /// ZINCRBY: adds to a member's score; returns the new score.
    @discardableResult
    public func zincrby(_ key: some RESPRenderable, _ member: some RESPRenderable, _ increment: Double) async throws
        -> Double
    {
        try await self.send(RedisCommand("ZINCRBY", key, increment, member), as: Double.self)
    }

    /// ZCARD: how many members there are.
    public func zcard(_ key: some RESPRenderable) async throws -> Int {
        try await self.send(RedisCommand("ZCARD", key), as: Int.self)
    }

    /// ZRANK: a member's place, from 0 for the lowest score; nil if there is none.
    public func zrank(_ key: some RESPRenderable, _ member: some RESPRenderable) async throws -> Int? {
        try await self.send(RedisCommand("ZRANK", key, member), as: Int?.self)
    }

    /// ZRANGE: members by place, both ends included, the highest score first if reversed.
    public func zrange<Value: RESPDecodable>(
        _ key: some RESPRenderable, from start: Int, through end: Int, reversed: Bool = false,
        as type: Value.Type = String.self
    ) async throws -> [Value] {
        try await self.send(RedisCommand("ZRANGE", key, start, end, reversed ? "REV" : nil), as: [Value].self)
    }

    /// ZRANGE WITHSCORES: members by place with their scores.
    public func zrangeWithScores<Value: RESPDecodable>(
        _ key: some RESPRenderable, from start: Int, through end: Int, reversed: Bool = false,
        as type: Value.Type = String.self
    ) async throws -> [(member: Value, score: Double)] {
        let command = RedisCommand("ZRANGE", key, start, end, reversed ? "REV" : nil, "WITHSCORES")
        let reply = try await self.send(command, as: [RESPValue].self)
        // RESP3 sends pairs, RESP2 one flat list.
        let flat = reply.flatMap { $0.elements ?? [$0] }
        return try stride(from: 0, to: flat.count - 1, by: 2).map { index in
            (try flat[index].decode(as: Value.self), try flat[index + 1].decode(as: Double.self))
        }
    }

    /// ZRANGE BYSCORE: members by score, both ends included, at most `limit`.
    public func zrangebyscore<Value: RESPDecodable>(
        _ key: some RESPRenderable, from minimum: Double, through maximum: Double, limit: Int? = nil,
        as type: Value.Type = String.self
    ) async throws -> [Value] {
        let bound: [RedisArgument] = limit.map { ["LIMIT", 0, .integer($0)] } ?? []
        return try await self.send(RedisCommand("ZRANGE", key, minimum, maximum, "BYSCORE", bound), as: [Value].self)
    }

    /// ZREMRANGEBYSCORE: removes members by score, both ends included; returns how many.
    @discardableResult
    public func zremrangebyscore(
        _ key: some RESPRenderable, from minimum: Double, through maximum: Double
    ) async throws -> Int {
        try await self.send(RedisCommand("ZREMRANGEBYSCORE", key, minimum, maximum), as: Int.self)
    }
}
