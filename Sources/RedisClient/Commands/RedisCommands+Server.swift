// The server, connections and publishing.

extension RedisCommands {
    /// PING: whether the server answers.
    public func ping() async throws {
        _ = try await self.send(RedisCommand("PING"))
    }

    /// ECHO: the message back.
    public func echo(_ message: some RESPRenderable) async throws -> String {
        try await self.send(RedisCommand("ECHO", message), as: String.self)
    }

    /// PUBLISH: sends a message to a channel's subscribers; returns how many on this node got it.
    @discardableResult
    public func publish(_ message: some RESPRenderable, to channel: String) async throws -> Int {
        try await self.send(RedisCommand("PUBLISH", channel, message), as: Int.self)
    }

    /// SPUBLISH: the same for a shard channel.
    @discardableResult
    public func spublish(_ message: some RESPRenderable, to shardChannel: String) async throws -> Int {
        try await self.send(RedisCommand("SPUBLISH", shardChannel, message), as: Int.self)
    }

    /// CLIENT ID: the connection's number on the server.
    public func clientID() async throws -> Int {
        try await self.send(RedisCommand("CLIENT ID"), as: Int.self)
    }

    /// CLIENT GETNAME: the connection's name; nil if it has none.
    public func clientGetname() async throws -> String? {
        let name = try await self.send(RedisCommand("CLIENT GETNAME"), as: String?.self)
        return name == "" ? nil : name
    }

    /// DBSIZE: how many keys there are.
    public func dbsize() async throws -> Int {
        try await self.send(RedisCommand("DBSIZE"), as: Int.self)
    }

    /// INFO: the server's figures by name, of one section or the usual ones.
    public func info(section: String? = nil) async throws -> [String: String] {
        let text = try await self.send(RedisCommand("INFO", section), as: String.self)
        var figures: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { figures[String(parts[0])] = String(parts[1]) }
        }
        return figures
    }

    /// CONFIG GET: settings whose names match a pattern.
    public func configGet(_ pattern: String) async throws -> [String: String] {
        try await self.send(RedisCommand("CONFIG GET", pattern), as: [String: String].self)
    }

    /// CONFIG SET: changes a setting until the server restarts.
    public func configSet(_ name: String, _ value: some RESPRenderable) async throws {
        _ = try await self.send(RedisCommand("CONFIG SET", name, value))
    }

    /// TIME: the server's clock, in microseconds since 1970.
    public func time() async throws -> Int {
        let parts = try await self.send(RedisCommand("TIME"), as: [Int].self)
        guard parts.count == 2 else {
            throw RedisError.unexpectedReply("the reply has \(parts.count) parts", command: "TIME")
        }
        return parts[0] * 1_000_000 + parts[1]
    }

    /// FLUSHDB: deletes all keys of the selected database.
    public func flushdb() async throws {
        _ = try await self.send(RedisCommand("FLUSHDB"))
    }

    /// FLUSHALL: deletes all keys of all databases.
    public func flushall() async throws {
        _ = try await self.send(RedisCommand("FLUSHALL"))
    }

    /// WAIT: how many replicas have acknowledged this connection's writes when so many have, or the time is up.
    public func wait(replicas: Int, timeout: Duration) async throws -> Int {
        var command = RedisCommand("WAIT", replicas, timeout.redisMilliseconds)
        command.timeout = timeout <= .zero ? .never : .after(timeout + .seconds(10))
        return try await self.send(command, as: Int.self)
    }
}
