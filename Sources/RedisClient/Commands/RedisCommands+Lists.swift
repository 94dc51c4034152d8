// Lists. The blocking forms hold up everybody else's commands on the connection: give them one of their own.

extension RedisCommands {
    /// LPUSH: adds elements at the head, one after the other; returns the new length.
    @discardableResult
    public func lpush(_ key: some RESPRenderable, _ elements: [some RESPRenderable]) async throws -> Int {
        try await self.send(RedisCommand("LPUSH", key, elements), as: Int.self)
    }

    /// RPUSH: adds elements at the tail, one after the other; returns the new length.
    @discardableResult
    public func rpush(_ key: some RESPRenderable, _ elements: [some RESPRenderable]) async throws -> Int {
        try await self.send(RedisCommand("RPUSH", key, elements), as: Int.self)
    }

    /// LPOP: removes and returns the element at the head; nil if there is none.
    public func lpop<Value: RESPDecodable>(_ key: some RESPRenderable, as type: Value.Type = String.self) async throws
        -> Value?
    {
        try await self.send(RedisCommand("LPOP", key), as: Value?.self)
    }

    /// RPOP: removes and returns the element at the tail; nil if there is none.
    public func rpop<Value: RESPDecodable>(_ key: some RESPRenderable, as type: Value.Type = String.self) async throws
        -> Value?
    {
        try await self.send(RedisCommand("RPOP", key), as: Value?.self)
    }

    /// BLPOP: waits for an element at the head of one of the lists, removes and returns it; nil when the time is up.
    ///
    /// The reply is waited for 10 s longer than the server waits. After a cancellation or time-out an element may be lost: the
    /// late reply, and what was removed with it, is dropped.
    ///
    /// - Parameter timeout: how long the server waits; zero for ever.
    public func blpop<Value: RESPDecodable>(
        _ keys: [some RESPRenderable], timeout: Duration, as type: Value.Type = String.self
    ) async throws -> (key: String, element: Value)? {
        var command = RedisCommand("BLPOP", keys, timeout.redisSeconds)
        command.timeout = timeout <= .zero ? .never : .after(timeout + .seconds(10))
        guard let reply = try await self.send(command, as: [RESPValue]?.self), reply.count == 2 else { return nil }
        return (try reply[0].decode(), try reply[1].decode())
    }

    /// BRPOP: waits for an element at the tail of one of the lists, removes and returns it; nil when the time is up.
    ///
    /// The reply is waited for 10 s longer than the server waits. After a cancellation or time-out an element may be lost: the
    /// late reply, and what was removed with it, is dropped.
    ///
    /// - Parameter timeout: how long the server waits; zero for ever.
    public func brpop<Value: RESPDecodable>(
        _ keys: [some RESPRenderable], timeout: Duration, as type: Value.Type = String.self
    ) async throws -> (key: String, element: Value)? {
        var command = RedisCommand("BRPOP", keys, timeout.redisSeconds)
        command.timeout = timeout <= .zero ? .never : .after(timeout + .seconds(10))
        guard let reply = try await self.send(command, as: [RESPValue]?.self), reply.count == 2 else { return nil }
        return (try reply[0].decode(), try reply[1].decode())
    }

    /// LRANGE: elements, both ends included; negative indices count from the tail.
    public func lrange<Value: RESPDecodable>(
        _ key: some RESPRenderable, from start: Int, through end: Int, as type: Value.Type = String.self
    ) async throws -> [Value] {
        try await self.send(RedisCommand("LRANGE", key, start, end), as: [Value].self)
    }

    /// LLEN: how many elements there are.
    public func llen(_ key: some RESPRenderable) async throws -> Int {
        try await self.send(RedisCommand("LLEN", key), as: Int.self)
    }

    /// LINDEX: the element at an index; nil if there is none.
    public func lindex<Value: RESPDecodable>(
        _ key: some RESPRenderable, _ index: Int, as type: Value.Type = String.self
    ) async throws -> Value? {
        try await self.send(RedisCommand("LINDEX", key, index), as: Value?.self)
    }

    /// LSET: replaces the element at an index.
    public func lset(_ key: some RESPRenderable, _ index: Int, _ element: some RESPRenderable) async throws {
        _ = try await self.send(RedisCommand("LSET", key, index, element))
    }

    /// LREM: removes elements that are equal: `count` from the head, from the tail if negative, all if 0; returns how many.
    @discardableResult
    public func lrem(_ key: some RESPRenderable, count: Int, _ element: some RESPRenderable) async throws -> Int {
        try await self.send(RedisCommand("LREM", key, count, element), as: Int.self)
    }

    /// LTRIM: keeps only the elements from one index through another.
    public func ltrim(_ key: some RESPRenderable, from start: Int, through end: Int) async throws {
        _ = try await self.send(RedisCommand("LTRIM", key, start, end))
    }
}
