/// What went wrong with a command or a connection: cause, place, remedy, and whether the command may have run.
///
/// ``description`` is safe to log: it holds no credentials and no arguments of commands.
public struct RedisError: Error, Sendable {
    /// The kinds of error. New ones can be added, so a `switch` needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name.
        public let description: String

        private init(_ name: String) {
            self.description = name
        }

        /// The server answered with an error; ``RedisError/reply`` has its code as Redis documents it.
        public static let serverError = Code("serverError")
        /// Nobody listens at the endpoint, or it cannot be reached or resolved.
        public static let cannotConnect = Code("cannotConnect")
        /// The connection was not ready within its connect timeout.
        public static let connectTimeout = Code("connectTimeout")
        /// The server refused the user name or password, or wants one.
        public static let authenticationFailed = Code("authenticationFailed")
        /// TLS could not be agreed upon.
        public static let tlsFailed = Code("tlsFailed")
        /// What answers is not a Redis server.
        public static let notRedis = Code("notRedis")
        /// The server sent bytes that are no RESP. The connection is closed.
        public static let protocolViolation = Code("protocolViolation")
        /// A reply exceeds ``RESPLimits``. The connection is closed.
        public static let limitExceeded = Code("limitExceeded")
        /// The connection ended before the reply, by the server or the network.
        public static let connectionClosed = Code("connectionClosed")
        /// The connection was closed on this side.
        public static let closedByClient = Code("closedByClient")
        /// No reply came in time. The connection stays open, and the late reply will be dropped.
        public static let timeout = Code("timeout")
        /// The task was cancelled. The connection stays open, and the late reply will be dropped.
        public static let cancelled = Code("cancelled")
        /// The client refuses the command here: it would disturb others on this connection.
        public static let refused = Code("refused")
        /// Too many commands wait for replies, see ``RedisConnection/Configuration/maximumPendingCommands``.
        public static let tooManyPending = Code("tooManyPending")
        /// EXEC did not run the commands: a watched key changed, or a command was refused when queued.
        public static let transactionAborted = Code("transactionAborted")
        /// A subscriber did not keep up, and its buffer is full.
        public static let slowConsumer = Code("slowConsumer")
        /// A reply cannot be read as the type that was asked for. The command has run.
        public static let unexpectedReply = Code("unexpectedReply")
        /// A cluster: no node ran the command in time; the slot's node is gone, or the cluster is down. The command has not run.
        public static let clusterUnavailable = Code("clusterUnavailable")
        /// A pool had no connection for the command in time. The command has not run; `underlying` tells what the pool was doing.
        public static let noConnection = Code("noConnection")
        /// A cluster: its nodes sent the command round more often than is allowed. The command has not run.
        public static let tooManyRedirections = Code("tooManyRedirections")
    }

    private final class Storage: Sendable {
        let code: Code
        let message: String
        let remedy: String
        let reply: RESPErrorReply?
        let command: String?
        let endpoint: RedisEndpoint?
        let mayHaveRun: Bool
        let underlying: (any Error)?

        init(
            code: Code, message: String, remedy: String, reply: RESPErrorReply?, command: String?,
            endpoint: RedisEndpoint?, mayHaveRun: Bool, underlying: (any Error)?
        ) {
            self.code = code
            self.message = message
            self.remedy = remedy
            self.reply = reply
            self.command = command
            self.endpoint = endpoint
            self.mayHaveRun = mayHaveRun
            self.underlying = underlying
        }
    }

    /// One reference: errors travel in the same place as replies, which must stay small.
    private let storage: Storage

    /// An error. For servers and pools over this client, which have errors of their own kind to report.
    public init(
        _ code: Code, _ message: String, remedy: String, reply: RESPErrorReply? = nil, command: String? = nil,
        endpoint: RedisEndpoint? = nil, mayHaveRun: Bool = false, underlying: (any Error)? = nil
    ) {
        self.storage = Storage(
            code: code, message: message, remedy: remedy, reply: reply, command: command, endpoint: endpoint,
            mayHaveRun: mayHaveRun, underlying: underlying)
    }

    /// The kind of error.
    public var code: Code { self.storage.code }
    /// The cause, in one sentence.
    public var message: String { self.storage.message }
    /// What can be done about it.
    public var remedy: String { self.storage.remedy }
    /// The server's own error, when it sent one: its ``RESPErrorReply/code`` is `WRONGTYPE`, `NOAUTH`, `MOVED`, …
    public var reply: RESPErrorReply? { self.storage.reply }
    /// The command's name, without arguments.
    public var command: String? { self.storage.command }
    /// The server.
    public var endpoint: RedisEndpoint? { self.storage.endpoint }
    /// Another library's error behind this one.
    public var underlying: (any Error)? { self.storage.underlying }

    /// Whether the command may have taken effect on the server.
    ///
    /// False is certain: the command was never handed to the socket, or the server refused it before running it. True means that it
    /// may have run wholly, partly (scripts, functions, transactions) or not at all: only repeat it if it is idempotent.
    public var mayHaveRun: Bool { self.storage.mayHaveRun }

    /// A copy that names command and server, where it does not name one already.
    func with(command: String?, endpoint: RedisEndpoint?, mayHaveRun: Bool? = nil) -> RedisError {
        RedisError(
            self.code, self.message, remedy: self.remedy, reply: self.reply, command: self.command ?? command,
            endpoint: self.endpoint ?? endpoint, mayHaveRun: mayHaveRun ?? self.mayHaveRun, underlying: self.underlying)
    }
}

extension RedisError: CustomStringConvertible {
    /// Code, command, server, cause, whether it may have run, and remedy.
    public var description: String {
        var place = ""
        if let command { place += " in \(command)" }
        if let endpoint { place += " at \(endpoint)" }
        let run = self.mayHaveRun ? "The command may have run." : "The command has not run."
        return "\(self.code)\(place): \(self.message). \(run) \(self.remedy)"
    }
}
