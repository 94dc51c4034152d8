// Streams.

extension RedisCommands {
    /// XADD: adds an entry; returns its id.
    ///
    /// - Parameters:
    ///   - id: `*` for the server's choice.
    ///   - maximumLength: how long the stream may be, about; older entries are dropped.
    @discardableResult
    public func xadd(
        _ key: some RESPRenderable, _ fields: [(name: String, value: some RESPRenderable)], id: String = "*",
        maximumLength: Int? = nil
    ) async throws -> String {
        let bound: [RedisArgument] = maximumLength.map { ["MAXLEN", "~", .integer($0)] } ?? []
        var arguments: [RedisArgument] = []
        for field in fields {
            arguments.append(.string(field.name))
            field.value.render(into: &arguments)
        }
        return try await self.send(RedisCommand("XADD", key, bound, id, arguments), as: String.self)
    }

    /// XLEN: how many entries there are.
    public func xlen(_ key: some RESPRenderable) async throws -> Int {
        try await self.send(RedisCommand("XLEN", key), as: Int.self)
    }

    /// XRANGE: entries by id, both ends included, at most `count`.
    public func xrange(
        _ key: some RESPRenderable, from start: String = "-", through end: String = "+", count: Int? = nil
    ) async throws -> [RedisStreamEntry] {
        let bound: [RedisArgument] = count.map { ["COUNT", .integer($0)] } ?? []
        return try await self.send(RedisCommand("XRANGE", key, start, end, bound), as: [RedisStreamEntry].self)
    }

    /// XREAD: the entries of a stream after an id, waiting for the first if there is none.
    ///
    /// - Parameter block: how long the server waits; nil for not at all. Others' commands on the connection wait as long.
    public func xread(
        _ key: some RESPRenderable, after id: String, count: Int? = nil, block: Duration? = nil
    ) async throws -> [RedisStreamEntry] {
        var command = RedisCommand("XREAD", arguments: [])
        if let count { command.arguments += ["COUNT", .integer(count)] }
        if let block {
            command.arguments += ["BLOCK", .integer(block.redisMilliseconds)]
            command.timeout = block <= .zero ? .never : .after(block + .seconds(10))
        }
        command.arguments.append("STREAMS")
        key.render(into: &command.arguments)
        command.arguments.append(.string(id))
        return try await RedisStreamEntry.entries(ofOneStream: self.send(command))
    }

    /// XGROUP CREATE: makes a consumer group that begins after an id, and the stream with it.
    public func xgroupCreate(_ key: some RESPRenderable, group: String, after id: String = "$") async throws {
        _ = try await self.send(RedisCommand("XGROUP CREATE", key, group, id, "MKSTREAM"))
    }

    /// XREADGROUP: entries that no consumer of the group has got yet.
    public func xreadgroup(
        _ key: some RESPRenderable, group: String, consumer: String, count: Int? = nil
    ) async throws -> [RedisStreamEntry] {
        let bound: [RedisArgument] = count.map { ["COUNT", .integer($0)] } ?? []
        let command = RedisCommand("XREADGROUP", "GROUP", group, consumer, bound, "STREAMS", key, ">")
        return try await RedisStreamEntry.entries(ofOneStream: self.send(command))
    }

    /// XACK: says that entries are dealt with; returns how many were pending.
    @discardableResult
    public func xack(_ key: some RESPRenderable, group: String, _ ids: [String]) async throws -> Int {
        try await self.send(RedisCommand("XACK", key, group, ids), as: Int.self)
    }

    /// XDEL: deletes entries; returns how many there were.
    @discardableResult
    public func xdel(_ key: some RESPRenderable, _ ids: [String]) async throws -> Int {
        try await self.send(RedisCommand("XDEL", key, ids), as: Int.self)
    }
}
