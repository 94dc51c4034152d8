/// What MOVED and ASK say: `3999 127.0.0.1:6381`.
struct Redirection: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// The slot lives there from now on.
        case moved
        /// This one command goes there, after ASKING.
        case ask
    }

    let kind: Kind
    let slot: RedisHashSlot
    let endpoint: RedisEndpoint

    /// - Parameters:
    ///   - asked: the node that answered. A cluster that does not know how clients reach its nodes (behind a translation of
    ///     addresses) says no host or `?`, and means the host that the client asked.
    /// - Returns: nil for anything else, also for one that cannot be read.
    init?(_ reply: RESPErrorReply, asked: RedisEndpoint) {
        switch reply.code {
        case "MOVED": self.kind = .moved
        case "ASK": self.kind = .ask
        default: return nil
        }
        let words = reply.message.split(separator: " ")
        // IPv6 addresses stand there without brackets: the last colon counts.
        guard words.count >= 2, let number = Int(words[0]), let slot = RedisHashSlot(number),
            let colon = words[1].lastIndex(of: ":"), let port = Int(words[1][words[1].index(after: colon)...]),
            let endpoint = RedisEndpoint(announcedHost: String(words[1][..<colon]), port: port, asked: asked)
        else { return nil }
        self.slot = slot
        self.endpoint = endpoint
    }
}

extension RedisEndpoint {
    /// An address as a cluster announces it; nil if nothing can be reached by it.
    init?(announcedHost host: String?, port: Int, asked: RedisEndpoint) {
        guard (1...65_535).contains(port) else { return nil }
        var host = host ?? ""
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard host.isEmpty || host == "?" else {
            self = .tcp(host: host, port: port)
            return
        }
        guard case .tcp(let asked, _) = asked else { return nil }
        self = .tcp(host: asked, port: port)
    }
}
