import NIOCore

// Keys and their expiry.

extension RedisCommands {
    /// DEL: deletes keys; returns how many there were.
    @discardableResult
    public func del(_ keys: [some RESPRenderable]) async throws -> Int {
        try await self.send(RedisCommand("DEL", keys), as: Int.self)
    }

    /// DEL: deletes a key; returns whether it was there.
    @discardableResult
    public func del(_ key: some RESPRenderable) async throws -> Bool {
        try await self.send(RedisCommand("DEL", key), as: Bool.self)
    }

    /// UNLINK: deletes keys and gives back their memory in the background; returns how many there were.
    @discardableResult
    public func unlink(_ keys: [some RESPRenderable]) async throws -> Int {
        try await self.send(RedisCommand("UNLINK", keys), as: Int.self)
    }

    /// EXISTS: whether there is a key.
    public func exists(_ key: some RESPRenderable) async throws -> Bool {
        try await self.send(RedisCommand("EXISTS", key), as: Bool.self)
    }

    /// EXISTS: how many of the keys there are; one given twice counts twice.
    public func exists(_ keys: [some RESPRenderable]) async throws -> Int {
        try await self.send(RedisCommand("EXISTS", keys), as: Int.self)
    }

    /// TYPE: `string`, `list`, `set`, `zset`, `hash`, `stream`; `none` for a missing key.
    public func type(_ key: some RESPRenderable) async throws -> String {
        try await self.send(RedisCommand("TYPE", key), as: String.self)
    }

    /// RENAME: gives a key another name, replacing a key that has it.
    public func rename(_ key: some RESPRenderable, to newKey: some RESPRenderable) async throws {
        _ = try await self.send(RedisCommand("RENAME", key, newKey))
    }

    /// EXPIRE, in milliseconds (PEXPIRE): lets a key expire after a time; returns false if there is no such key.
    @discardableResult
    public func expire(_ key: some RESPRenderable, after duration: Duration) async throws -> Bool {
        try await self.send(RedisCommand("PEXPIRE", key, duration.redisMilliseconds), as: Bool.self)
    }

    /// PEXPIREAT: lets a key expire at a time, in milliseconds since 1970; returns false if there is no such key.
    @discardableResult
    public func pexpireat(_ key: some RESPRenderable, milliseconds: Int) async throws -> Bool {
        try await self.send(RedisCommand("PEXPIREAT", key, milliseconds), as: Bool.self)
    }

    /// PERSIST: removes a key's expiry; returns false if there was none.
    @discardableResult
    public func persist(_ key: some RESPRenderable) async throws -> Bool {
        try await self.send(RedisCommand("PERSIST", key), as: Bool.self)
    }

    /// PTTL: what is left until a key expires; nil if it does not expire or is not there.
    public func pttl(_ key: some RESPRenderable) async throws -> Duration? {
        let milliseconds = try await self.send(RedisCommand("PTTL", key), as: Int.self)
        return milliseconds < 0 ? nil : .milliseconds(milliseconds)
    }

    /// SCAN: part of the keys, and the cursor to go on with, `0` at the end.
    ///
    /// A key that is there all the time is found at least once; it may come twice.
    public func scan(cursor: String = "0", match pattern: String? = nil, count: Int? = nil) async throws -> (
        cursor: String, keys: [ByteBuffer]
    ) {
        let match: [String] = pattern.map { ["MATCH", $0] } ?? []
        let size: [RedisArgument] = count.map { ["COUNT", .integer($0)] } ?? []
        let reply = try await self.send(RedisCommand("SCAN", cursor, match, size), as: [RESPValue].self)
        guard reply.count == 2 else {
            throw RedisError.unexpectedReply("the reply has \(reply.count) parts", command: "SCAN")
        }
        return (try reply[0].decode(), try reply[1].decode())
    }
}
