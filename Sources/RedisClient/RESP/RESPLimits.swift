/// Bounds on what a server may make the client hold, checked on what is announced, before memory is spent on it.
public struct RESPLimits: Sendable, Hashable {
    /// The most bytes that one reply may have on the wire, everything nested included.
    ///
    /// Default 128 MiB. Redis itself allows strings of 512 MB (`proto-max-bulk-len`): raise this to read such values whole, or
    /// read them in parts with GETRANGE.
    public var maximumReplyBytes: Int
    /// How deep aggregates may be nested. Default 128; Redis' own replies stay below 10.
    public var maximumDepth: Int
    /// How many values one reply may have in total (a map's keys and values both count). Default 4 194 304.
    ///
    /// A value of 3 bytes on the wire takes about 40 in memory, so this bounds what ``maximumReplyBytes`` alone does not.
    public var maximumElements: Int
    /// The longest line: a simple string, an error, a number. Default 64 KiB.
    public var maximumLineBytes: Int

    /// Limits; each at least 1 (smaller values are raised to that).
    public init(
        maximumReplyBytes: Int = 128 << 20,
        maximumDepth: Int = 128,
        maximumElements: Int = 4 << 20,
        maximumLineBytes: Int = 64 << 10
    ) {
        self.maximumReplyBytes = max(1, maximumReplyBytes)
        self.maximumDepth = max(1, maximumDepth)
        self.maximumElements = max(1, maximumElements)
        self.maximumLineBytes = max(1, maximumLineBytes)
    }
}
