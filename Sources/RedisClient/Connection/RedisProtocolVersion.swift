/// The version of the Redis serialization protocol on a connection.
public enum RedisProtocolVersion: Int, Sendable, Hashable {
    /// What every server speaks. A subscribed connection takes no other commands.
    case resp2 = 2
    /// Since Redis 6: typed replies, and pushes beside replies.
    case resp3 = 3
}
