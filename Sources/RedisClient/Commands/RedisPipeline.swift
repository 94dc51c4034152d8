/// Gathers commands that are to be sent together.
public struct RedisPipeline: Sendable {
    /// The commands so far, in order.
    public private(set) var commands: [RedisCommand] = []

    /// Nothing yet.
    public init() {}

    /// Adds a command.
    public mutating func append(_ command: RedisCommand) {
        self.commands.append(command)
    }

    /// Adds a command with arguments of any kind.
    @inlinable
    public mutating func append<each Argument: RESPRenderable>(_ name: String, _ argument: repeat each Argument) {
        self.append(RedisCommand(name, repeat each argument))
    }
}

extension RedisConnection {
    /// Sends commands in one write and waits for all replies, which stand in the commands' order; see ``pipeline(_:)-([RedisCommand])``.
    ///
    /// ```swift
    /// let replies = await connection.pipeline { commands in
    ///     commands.append("SET", "greeting", "hello")
    ///     commands.append("INCRBY", "visits", 1)
    /// }
    /// ```
    public func pipeline(_ build: (inout RedisPipeline) -> Void) async -> [Result<RESPValue, RedisError>] {
        var pipeline = RedisPipeline()
        build(&pipeline)
        return await self.pipeline(pipeline.commands)
    }
}
