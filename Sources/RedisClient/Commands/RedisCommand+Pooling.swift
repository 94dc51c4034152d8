/// How a command goes together with connections that many tasks share.
extension RedisCommand {
    /// Which kind of connection a command needs.
    package enum ConnectionUse: Sendable {
        /// One that others use at the same time.
        case shared
        /// One of its own for its time, because it can hold up everything behind it.
        case exclusive
        /// One that its caller holds, because it speaks of the connection itself: why, and what to do instead.
        case held(RedisError)
    }

    /// Which kind of connection the command needs.
    package var connectionUse: ConnectionUse {
        guard let first = self.name.utf8.first else { return .held(self.needsConnection("a command without a name")) }
        switch self.effect {
        case .none: break
        case .changesSession: return .held(self.needsConnection("it changes the connection, which others share"))
        case .needsExclusiveUse: return .held(self.needsConnection("other tasks' commands would come in between"))
        case .breaksReplies:
            return .held(self.needsConnection("its replies do not follow the order that a shared connection relies on"))
        }
        switch first | 0x20 {
        // All blocking commands begin with B, X or W.
        case 0x62, 0x78, 0x77: break
        default: return .shared
        }
        guard let rule = CommandTable.rule(for: self) else { return .shared }
        if rule.blocks(self) { return .exclusive }
        guard let word = CommandWords(self).word(0), word == "WAIT" || word == "WAITAOF" else { return .shared }
        return .held(self.needsConnection("it speaks of the connection's own writes, and others write on it too"))
    }

    /// Whether the command only reads, as far as is documented, so that it does no harm to run it twice.
    package var isRead: Bool {
        // The most frequent ones are told without looking them up.
        switch self.name {
        case "GET", "HGET", "MGET", "HGETALL": return true
        case "SET", "DEL", "INCR", "HSET", "EXPIRE", "EVALSHA", "FCALL": return false
        default: break
        }
        if let rule = CommandTable.rule(for: self), rule.isRead { return true }
        return Self.keylessReads.contains(self.name)
    }

    private static let keylessReads: Set<String> = [
        "PING", "ECHO", "TIME", "INFO", "ROLE", "DBSIZE", "KEYS", "SCAN", "RANDOMKEY", "LASTSAVE", "CONFIG GET",
        "SCRIPT EXISTS", "COMMAND INFO", "COMMAND COUNT", "PUBSUB CHANNELS", "PUBSUB NUMSUB", "PUBSUB NUMPAT",
    ]

    private func needsConnection(_ reason: String) -> RedisError {
        .refused(
            reason,
            remedy:
                "Use the pool's withConnection: the connection is yours there, with its transaction, watch, subscribe and withTracking.",
            command: self.name)
    }

    /// Whether RESET leaves what the command has changed.
    var outlivesReset: Bool {
        let words = CommandWords(self)
        guard words.word(0) == "CLIENT", let second = words.word(1) else { return false }
        return second.hasPrefix("NO-")
    }
}
