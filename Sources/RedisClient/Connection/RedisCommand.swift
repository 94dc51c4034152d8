/// A command and its arguments, named as Redis documents it: `GET`, `CLIENT TRACKING`.
///
/// `description` shows the name and the number of arguments only.
public struct RedisCommand: Sendable, Hashable {
    /// The documented name in capitals; a container command's subcommand belongs to it (`CONFIG GET`).
    public let name: String
    /// The arguments, of any bytes.
    public var arguments: [RedisArgument]
    /// How long to wait for the reply.
    public var timeout: Timeout = .connection

    /// How long to wait for a reply.
    public enum Timeout: Sendable, Hashable {
        /// As the connection's configuration says.
        case connection
        /// Its own time, for slow and blocking commands.
        case after(Duration)
        /// Until the reply, the end of the connection or the task's cancellation.
        case never
    }

    /// A command with arguments already rendered.
    @inlinable
    public init(_ name: String, arguments: [RedisArgument]) {
        self.name = name
        self.arguments = arguments
    }

    /// A command with any number of arguments: text, numbers, bytes, and collections of these.
    @inlinable
    public init<each Argument: RESPRenderable>(_ name: String, _ argument: repeat each Argument) {
        self.name = name
        var count = 0
        repeat (count += (each argument).argumentCount)
        var arguments: [RedisArgument] = []
        arguments.reserveCapacity(count)
        repeat (each argument).render(into: &arguments)
        self.arguments = arguments
    }
}

extension RedisCommand: CustomStringConvertible {
    /// The name and the number of arguments, never their content.
    public var description: String {
        self.arguments.isEmpty ? self.name : "\(self.name) (\(self.arguments.count) arguments)"
    }
}

extension RedisCommand {
    /// What a command means for the connection it is sent on.
    enum Effect {
        /// One command, one reply, nothing remembered.
        case none
        /// Changes what later commands on the connection mean (SELECT, AUTH, …).
        case changesSession
        /// Only right when nobody else uses the connection (WATCH, MULTI, …).
        case needsExclusiveUse
        /// Would break the order of replies for everybody.
        case breaksReplies
    }

    var effect: Effect {
        guard let first = self.name.utf8.first else { return .breaksReplies }
        // Most commands are told apart by their first letter alone.
        switch first | 0x20 {
        case 0x20, 0x61, 0x63, 0x64, 0x65, 0x68, 0x6d, 0x70, 0x71, 0x72, 0x73, 0x75, 0x77:
            return self.effect(of: self.name)
        default:
            return .none
        }
    }

    private func effect(of name: String) -> Effect {
        switch name {
        case "SET", "DEL", "HGET", "HSET", "MGET", "EVALSHA", "FCALL", "EXPIRE", "PING":
            return .none
        case "SELECT", "AUTH", "ASKING", "READONLY", "READWRITE", "CLIENT SETNAME", "CLIENT TRACKING",
            "CLIENT NO-EVICT",
            "CLIENT NO-TOUCH", "CLIENT CACHING":
            return .changesSession
        case "WATCH", "UNWATCH", "MULTI", "EXEC", "DISCARD":
            return .needsExclusiveUse
        case "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR", "SYNC",
            "PSYNC", "HELLO", "RESET", "QUIT", "CLIENT REPLY":
            return .breaksReplies
        case "CLIENT":
            guard let first = self.arguments.first else { return .none }
            return Self.effect(ofClient: first)
        default:
            // Names are documented in capitals, and servers take any; words may stand further apart.
            guard name.utf8.contains(where: { $0 == 0x20 || (0x61...0x7a).contains($0) }) else { return .none }
            let folded = Self.capitals(name).split(separator: " ").joined(separator: " ")
            return folded == name ? .none : self.effect(of: folded)
        }
    }

    private static func effect(ofClient subcommand: RedisArgument) -> Effect {
        let text: String
        switch subcommand {
        case .string(let string): text = string
        case .bytes(let bytes): text = String(buffer: bytes)
        case .integer, .double: return .none
        }
        return RedisCommand("CLIENT " + Self.capitals(text), arguments: []).effect
    }

    /// Capital letters for ASCII only, so that no other letter can turn into one.
    static func capitals(_ text: String) -> String {
        String(decoding: text.utf8.map { (0x61...0x7a).contains($0) ? $0 & 0xdf : $0 }, as: UTF8.self)
    }
}
