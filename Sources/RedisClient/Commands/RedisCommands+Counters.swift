// Counters: strings that hold numbers. None of these is idempotent: never repeat one that may have run.

extension RedisCommands {
    /// INCR: adds 1; a missing key counts as 0. Returns the new value.
    @discardableResult
    public func incr(_ key: some RESPRenderable) async throws -> Int {
        try await self.send(RedisCommand("INCR", key), as: Int.self)
    }

    /// INCRBY: adds a number; returns the new value.
    @discardableResult
    public func incrby(_ key: some RESPRenderable, _ increment: Int) async throws -> Int {
        try await self.send(RedisCommand("INCRBY", key, increment), as: Int.self)
    }

    /// INCRBYFLOAT: adds a number; returns the new value.
    @discardableResult
    public func incrbyfloat(_ key: some RESPRenderable, _ increment: Double) async throws -> Double {
        try await self.send(RedisCommand("INCRBYFLOAT", key, increment), as: Double.self)
    }

    /// DECR: subtracts 1; returns the new value.
    @discardableResult
    public func decr(_ key: some RESPRenderable) async throws -> Int {
        try await self.send(RedisCommand("DECR", key), as: Int.self)
    }

    /// DECRBY: subtracts a number; returns the new value.
    @discardableResult
    public func decrby(_ key: some RESPRenderable, _ decrement: Int) async throws -> Int {
        try await self.send(RedisCommand("DECRBY", key, decrement), as: Int.self)
    }
}
