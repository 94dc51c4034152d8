// Sets.

extension RedisCommands {
    /// SADD: adds members; returns how many are new.
    @discardableResult
    public func sadd(_ key: some RESPRenderable, _ members: [some RESPRenderable]) async throws -> Int {
        try await self.send(RedisCommand("SADD", key, members), as: Int.self)
    }

    /// SREM: removes members; returns how many there were.
    @discardableResult
    public func srem(_ key: some RESPRenderable, _ members: [some RESPRenderable]) async throws -> Int {
        try await self.send(RedisCommand("SREM", key, members), as: Int.self)
    }

    /// SMEMBERS: all members.
    public func smembers<Value: RESPDecodable & Hashable>(
        _ key: some RESPRenderable, as type: Value.Type = String.self
    ) async throws -> Set<Value> {
        try await self.send(RedisCommand("SMEMBERS", key), as: Set<Value>.self)
    }

    /// SISMEMBER: whether there is a member.
    public func sismember(_ key: some RESPRenderable, _ member: some RESPRenderable) async throws -> Bool {
        try await self.send(RedisCommand("SISMEMBER", key, member), as: Bool.self)
    }

    /// SCARD: how many members there are.
    public func scard(_ key: some RESPRenderable) async throws -> Int {
        try await self.send(RedisCommand("SCARD", key), as: Int.self)
    }

    /// SPOP: removes and returns a member at random; nil if there is none.
    public func spop<Value: RESPDecodable>(_ key: some RESPRenderable, as type: Value.Type = String.self) async throws
        -> Value?
    {
        try await self.send(RedisCommand("SPOP", key), as: Value?.self)
    }

    /// SINTER: what all sets have.
    public func sinter<Value: RESPDecodable & Hashable>(
        _ keys: [some RESPRenderable], as type: Value.Type = String.self
    ) async throws -> Set<Value> {
        try await self.send(RedisCommand("SINTER", keys), as: Set<Value>.self)
    }

    /// SUNION: what any of the sets has.
    public func sunion<Value: RESPDecodable & Hashable>(
        _ keys: [some RESPRenderable], as type: Value.Type = String.self
    ) async throws -> Set<Value> {
        try await self.send(RedisCommand("SUNION", keys), as: Set<Value>.self)
    }

    /// SDIFF: what the first set has and the others have not.
    public func sdiff<Value: RESPDecodable & Hashable>(
        _ keys: [some RESPRenderable], as type: Value.Type = String.self
    ) async throws -> Set<Value> {
        try await self.send(RedisCommand("SDIFF", keys), as: Set<Value>.self)
    }
}
