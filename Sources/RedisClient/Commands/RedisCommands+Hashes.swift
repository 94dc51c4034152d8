// Hashes.

extension RedisCommands {
    /// HGET: a field's value; nil if there is none.
    public func hget<Value: RESPDecodable>(
        _ key: some RESPRenderable, _ field: some RESPRenderable, as type: Value.Type = String.self
    ) async throws -> Value? {
        try await self.send(RedisCommand("HGET", key, field), as: Value?.self)
    }

    /// HSET: sets a field; returns how many fields are new.
    @discardableResult
    public func hset(_ key: some RESPRenderable, _ field: some RESPRenderable, _ value: some RESPRenderable)
        async throws -> Int
    {
        try await self.send(RedisCommand("HSET", key, field, value), as: Int.self)
    }

    /// HSET: sets fields; returns how many are new. At least one.
    @discardableResult
    public func hset(
        _ key: some RESPRenderable, _ fields: [String: some RESPRenderable]
    ) async throws -> Int {
        var arguments: [RedisArgument] = []
        for (field, value) in fields {
            arguments.append(.string(field))
            value.render(into: &arguments)
        }
        return try await self.send(RedisCommand("HSET", key, arguments), as: Int.self)
    }

    /// HSETNX: sets a field unless it is there; returns whether it was set.
    @discardableResult
    public func hsetnx(
        _ key: some RESPRenderable, _ field: some RESPRenderable, _ value: some RESPRenderable
    ) async throws -> Bool {
        try await self.send(RedisCommand("HSETNX", key, field, value), as: Bool.self)
    }

    /// HMGET: fields' values, in their order; nil where there is none.
    public func hmget<Value: RESPDecodable>(
        _ key: some RESPRenderable, _ fields: [some RESPRenderable], as type: Value.Type = String.self
    ) async throws -> [Value?] {
        try await self.send(RedisCommand("HMGET", key, fields), as: [Value?].self)
    }

    /// HGETALL: all fields with their values; empty if there is no such key.
    public func hgetall<Value: RESPDecodable>(
        _ key: some RESPRenderable, as type: Value.Type = String.self
    ) async throws -> [String: Value] {
        try await self.send(RedisCommand("HGETALL", key), as: [String: Value].self)
    }

    /// HDEL: deletes fields; returns how many there were.
    @discardableResult
    public func hdel(_ key: some RESPRenderable, _ fields: [some RESPRenderable]) async throws -> Int {
        try await self.send(RedisCommand("HDEL", key, fields), as: Int.self)
    }

    /// HEXISTS: whether there is a field.
    public func hexists(_ key: some RESPRenderable, _ field: some RESPRenderable) async throws -> Bool {
        try await self.send(RedisCommand("HEXISTS", key, field), as: Bool.self)
    }

    /// HINCRBY: adds to a field's number; returns the new value.
    @discardableResult
    public func hincrby(
        _ key: some RESPRenderable, _ field: some RESPRenderable, _ increment: Int
    ) async throws -> Int {
        try await self.send(RedisCommand("HINCRBY", key, field, increment), as: Int.self)
    }

    /// HKEYS: the fields' names.
    public func hkeys(_ key: some RESPRenderable) async throws -> [String] {
        try await self.send(RedisCommand("HKEYS", key), as: [String].self)
    }

    /// HLEN: how many fields there are.
    public func hlen(_ key: some RESPRenderable) async throws -> Int {
        try await self.send(RedisCommand("HLEN", key), as: Int.self)
    }
}
