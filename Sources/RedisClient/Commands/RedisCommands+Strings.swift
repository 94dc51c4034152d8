// Strings: https://redis.io/docs/latest/commands/?group=string

extension RedisCommands {
    /// GET: the value of a key; nil if there is none.
    public func get<Value: RESPDecodable>(_ key: some RESPRenderable, as type: Value.Type = String.self) async throws
        -> Value?
    {
        try await self.send(RedisCommand("GET", key), as: Value?.self)
    }

    /// SET: sets a key, whatever it held.
    ///
    /// - Parameters:
    ///   - expiry: when the key expires; by default an earlier expiry is removed.
    ///   - condition: set only if the key exists, or only if it does not.
    /// - Returns: false if the condition was not met, and nothing was set.
    @discardableResult
    public func set(
        _ key: some RESPRenderable, _ value: some RESPRenderable, expiry: RedisExpiry? = nil,
        condition: RedisSetCondition? = nil
    ) async throws -> Bool {
        let arguments = expiry?.arguments ?? []
        return try await self.send(RedisCommand("SET", key, value, condition?.rawValue, arguments), as: Bool.self)
    }

    /// GETDEL: the value of a key, which is deleted.
    public func getdel<Value: RESPDecodable>(_ key: some RESPRenderable, as type: Value.Type = String.self) async throws
        -> Value?
    {
        try await self.send(RedisCommand("GETDEL", key), as: Value?.self)
    }

    /// GETEX: the value of a key, whose expiry is changed.
    public func getex<Value: RESPDecodable>(
        _ key: some RESPRenderable, expiry: RedisExpiry, as type: Value.Type = String.self
    ) async throws -> Value? {
        try await self.send(RedisCommand("GETEX", key, expiry.arguments), as: Value?.self)
    }

    /// MGET: the values of keys, in their order; nil where there is none.
    public func mget<Value: RESPDecodable>(
        _ keys: [some RESPRenderable], as type: Value.Type = String.self
    ) async throws -> [Value?] {
        try await self.send(RedisCommand("MGET", keys), as: [Value?].self)
    }

    /// MSET: sets keys, all at once.
    public func mset(_ pairs: [(key: some RESPRenderable, value: some RESPRenderable)]) async throws {
        var arguments: [RedisArgument] = []
        for pair in pairs {
            pair.key.render(into: &arguments)
            pair.value.render(into: &arguments)
        }
        _ = try await self.send(RedisCommand("MSET", arguments: arguments))
    }

    /// APPEND: adds to the end of a string; returns its new length in bytes.
    @discardableResult
    public func append(_ key: some RESPRenderable, _ value: some RESPRenderable) async throws -> Int {
        try await self.send(RedisCommand("APPEND", key, value), as: Int.self)
    }

    /// STRLEN: the length of a string in bytes; 0 if there is none.
    public func strlen(_ key: some RESPRenderable) async throws -> Int {
        try await self.send(RedisCommand("STRLEN", key), as: Int.self)
    }

    /// GETRANGE: part of a string, both ends included; negative offsets count from the end.
    public func getrange<Value: RESPDecodable>(
        _ key: some RESPRenderable, from start: Int, through end: Int, as type: Value.Type = String.self
    ) async throws -> Value {
        try await self.send(RedisCommand("GETRANGE", key, start, end), as: Value.self)
    }

    /// SETRANGE: overwrites part of a string, filling up with zero bytes; returns its new length.
    @discardableResult
    public func setrange(_ key: some RESPRenderable, offset: Int, _ value: some RESPRenderable) async throws -> Int {
        try await self.send(RedisCommand("SETRANGE", key, offset, value), as: Int.self)
    }
}
