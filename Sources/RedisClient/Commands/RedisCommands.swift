/// Anything that commands can be sent to: a connection, a WATCH scope, a pool, a cluster.
///
/// One requirement, ``send(_:)``; the typed commands in this protocol's extensions all go through it, named as Redis documents them.
public protocol RedisCommands: Sendable {
    /// Sends a command and waits for its reply.
    ///
    /// - Throws: ``RedisError`` for what the server or the connection says; what else a pool has to say.
    func send(_ command: RedisCommand) async throws -> RESPValue
}

extension RedisCommands {
    /// Sends any command with any arguments.
    ///
    /// ```swift
    /// let reply = try await redis.send("OBJECT ENCODING", "key")
    /// ```
    @inlinable
    public func send<each Argument: RESPRenderable>(
        _ name: String, _ argument: repeat each Argument
    ) async throws -> RESPValue {
        try await self.send(RedisCommand(name, repeat each argument))
    }

    /// Sends a command and reads its reply as a type.
    @inlinable
    public func send<Reply: RESPDecodable>(_ command: RedisCommand, as type: Reply.Type) async throws -> Reply {
        try await self.send(command).decode(as: type)
    }
}
