/// The keys of a command or transaction that are in different slots. It stands in ``RedisError/underlying``, so that keys, which
/// can be confidential, do not get into logs by an error's description alone.
public struct RedisCrossSlotError: Error, Sendable, CustomStringConvertible {
    /// A key and its slot.
    public struct Key: Sendable, Hashable {
        /// The key.
        public let key: RedisArgument
        /// Its slot.
        public let slot: RedisHashSlot
    }

    /// All keys, in the command's order.
    public let keys: [Key]

    /// Each key with its slot. Shows the keys.
    public var description: String {
        self.keys.map { "\($0.key.text) in slot \($0.slot)" }.joined(separator: ", ")
    }
}

extension RedisArgument {
    /// The argument as it is sent, as far as it is text.
    var text: String {
        switch self {
        case .string(let text): text
        case .bytes(let bytes): String(buffer: bytes)
        case .integer(let number): String(number)
        case .double(let number): RESPEncoder.text(number)
        }
    }
}

extension RedisError {
    /// Keys in more slots than one. The description names them by place; the names are in `underlying`.
    static func crossSlot(_ keys: [(RedisArgument, RedisHashSlot)], command: String) -> RedisError {
        let shown = keys.prefix(8).enumerated().map { "key \($0 + 1) is in slot \($1.1)" }.joined(separator: ", ")
        return RedisError(
            .refused, "its keys are in different slots: \(shown)\(keys.count > 8 ? ", …" : "")",
            remedy: "Give keys that belong together the same hash tag, as in {user1}:name and {user1}:mail. "
                + "`underlying` has the keys with their slots.",
            command: command, underlying: RedisCrossSlotError(keys: keys.map { .init(key: $0.0, slot: $0.1) }))
    }
}
