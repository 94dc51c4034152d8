/// What is said before a connection is ready: protocol, credentials, name, database.
///
/// A plain value that makes commands and judges replies. All commands of a round leave in one write.
struct Handshake {
    enum Verdict {
        case ready(RedisProtocolVersion)
        /// The server does not know HELLO: say these instead.
        case fallBack([RedisCommand])
        case failed(RedisError)
    }

    let configuration: RedisConnection.Configuration
    let endpoint: RedisEndpoint

    /// The first round. Never empty: a server that is none must be found out now, not by the first user.
    var opening: [RedisCommand] {
        guard self.configuration.protocolVersion == .resp3 else { return self.withoutHello }
        var hello = RedisCommand("HELLO", 3)
        if let password = self.configuration.password {
            hello.arguments += ["AUTH", .string(self.configuration.username ?? "default"), .string(password)]
        }
        return [hello] + self.session
    }

    /// The same for a server, or by configuration, without HELLO.
    var withoutHello: [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password = self.configuration.password {
            if let username = self.configuration.username {
                commands.append(RedisCommand("AUTH", username, password))
            } else {
                commands.append(RedisCommand("AUTH", password))
            }
        }
        commands += self.session
        return commands + [RedisCommand("PING")]
    }

    private var session: [RedisCommand] {
        var commands: [RedisCommand] = []
        if let name = self.configuration.clientName { commands.append(RedisCommand("CLIENT SETNAME", name)) }
        if self.configuration.database != 0 { commands.append(RedisCommand("SELECT", self.configuration.database)) }
        if self.configuration.readsFromReplica { commands.append(RedisCommand("READONLY")) }
        return commands
    }

    func judge(_ commands: [RedisCommand], _ replies: [Result<RESPValue, RedisError>]) -> Verdict {
        var version = RedisProtocolVersion.resp2
        for (command, reply) in zip(commands, replies) {
            switch (command.name, reply) {
            case ("HELLO", .success(let value)):
                guard let pairs = value.pairs else { return .failed(self.notRedis) }
                let proto = pairs.first { $0.key.string == "proto" }?.value
                version = proto == .integer(3) ? .resp3 : .resp2
            case ("HELLO", .failure(let error)):
                // Unknown command (before Redis 6, and proxies), unknown version, or a user who may not say it.
                switch error.reply?.code {
                case "ERR", "NOPROTO", "NOPERM": return .fallBack(self.withoutHello)
                default: return .failed(self.explained(error))
                }
            case (_, .failure(let error)):
                // An ACL may well forbid PING; that is an answer too.
                if command.name == "PING", error.reply?.code == "NOPERM" { continue }
                return .failed(self.explained(error))
            case (_, .success):
                continue
            }
        }
        return .ready(version)
    }

    /// Gives the steps of a handshake the codes that their errors deserve.
    private func explained(_ error: RedisError) -> RedisError {
        guard let reply = error.reply else { return error }
        switch (error.command, reply.code) {
        case ("AUTH", _), ("HELLO", "WRONGPASS"), ("HELLO", "NOAUTH"), (_, "NOAUTH"):
            return RedisError(
                .authenticationFailed, error.message,
                remedy: self.configuration.password == nil
                    ? "Give a username and password in the connection's configuration."
                    : "Check username and password, and that the user is enabled (ACL LIST).",
                reply: reply, command: error.command, endpoint: self.endpoint)
        case ("SELECT", _):
            return RedisError(
                .serverError, error.message,
                remedy: "Choose a database that the server has (CONFIG GET databases); a cluster has only 0.",
                reply: reply, command: error.command, endpoint: self.endpoint)
        default:
            return error
        }
    }

    private var notRedis: RedisError {
        RedisError(
            .notRedis, "the answer to HELLO is not a Redis server's",
            remedy: "Check host and port: this is another kind of server.", endpoint: self.endpoint)
    }

    /// Runs the handshake on the event loop.
    static func run(
        on handler: RedisChannelHandler, configuration: RedisConnection.Configuration,
        completion: @escaping @Sendable (Result<RedisProtocolVersion, RedisError>) -> Void
    ) {
        let handshake = Handshake(configuration: configuration, endpoint: handler.state.endpoint)
        handshake.say(handshake.opening, on: handler, mayFallBack: true, completion: completion)
    }

    private func say(
        _ commands: [RedisCommand], on handler: RedisChannelHandler, mayFallBack: Bool,
        completion: @escaping @Sendable (Result<RedisProtocolVersion, RedisError>) -> Void
    ) {
        let bound = handler.bound
        let waiter = ReplyWaiter.callback { outcome in
            guard case .many(let replies) = outcome else { return }
            switch self.judge(commands, replies) {
            case .ready(let version):
                completion(.success(version))
            case .failed(let error):
                completion(.failure(error))
            case .fallBack(let commands):
                guard mayFallBack else { return completion(.failure(self.notRedis)) }
                self.say(commands, on: bound.value, mayFallBack: false, completion: completion)
            }
        }
        // The time is the attempt's, not the command's. Ids of the connection's users begin at 1.
        handler.submit(Request(id: 0, content: .batch(commands), waiter: waiter))
    }
}
