import NIOCore

/// What a client-side cache has to forget.
public enum RedisInvalidation: Sendable, Hashable {
    /// These keys.
    case keys([ByteBuffer])
    /// Everything: the server's data was flushed, or invalidations were lost because the consumer did not keep up.
    case all
}
