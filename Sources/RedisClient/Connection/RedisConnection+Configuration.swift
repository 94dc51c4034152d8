import NIOSSL

extension RedisConnection {
    /// How a connection is made and what it tolerates. Credentials never appear in `description`.
    public struct Configuration: Sendable {
        /// The ACL user; nil for the default user. Needs a ``password``.
        public var username: String?
        /// The password; nil for none.
        public var password: String?
        /// The database to SELECT. Default 0.
        public var database: Int
        /// The name that CLIENT LIST shows; nil for none. Redis allows printable ASCII without spaces.
        public var clientName: String?
        /// Encryption. Default off.
        public var tls: TLS
        /// The longest time from the first packet to a connection that is ready, TLS and authentication included. Default 5 s.
        public var connectTimeout: Duration
        /// The longest wait for the reply of a command; nil for no limit. Default 10 s.
        ///
        /// A frozen server still accepts connections and data: nothing but this notices.
        public var commandTimeout: Duration?
        /// TCP keep-alive, which finds peers that are gone while the connection is unused; nil for none.
        public var keepAlive: KeepAlive?
        /// The protocol to ask for. With ``RedisProtocolVersion/resp3``, the default, a server that does not know it gets RESP2.
        public var protocolVersion: RedisProtocolVersion
        /// Bounds on what a reply may hold.
        public var limits: RESPLimits
        /// The most requests (a pipeline counts as one) that may wait for replies at a time; more are refused. Default 65 536.
        ///
        /// This bounds memory while a server is slower than its clients, or frozen.
        public var maximumPendingCommands: Int
        /// Whether READONLY is said at the beginning, so that a cluster's replica answers reads. Set by the cluster client.
        var readsFromReplica = false

        /// A configuration; each parameter is explained at its property.
        public init(
            username: String? = nil,
            password: String? = nil,
            database: Int = 0,
            clientName: String? = nil,
            tls: TLS = .disabled,
            connectTimeout: Duration = .seconds(5),
            commandTimeout: Duration? = .seconds(10),
            keepAlive: KeepAlive? = KeepAlive(),
            protocolVersion: RedisProtocolVersion = .resp3,
            limits: RESPLimits = RESPLimits(),
            maximumPendingCommands: Int = 65_536
        ) {
            self.username = username
            self.password = password
            self.database = database
            self.clientName = clientName
            self.tls = tls
            self.connectTimeout = connectTimeout
            self.commandTimeout = commandTimeout
            self.keepAlive = keepAlive
            self.protocolVersion = protocolVersion
            self.limits = limits
            self.maximumPendingCommands = max(1, maximumPendingCommands)
        }
    }

    /// TCP keep-alive probes, sent by the operating system. Whole seconds; the parts below are dropped.
    public struct KeepAlive: Sendable, Hashable {
        /// How long the connection is unused before the first probe. Default 60 s (systems' own default is 2 h).
        public var idle: Duration
        /// The time between probes. Default 10 s.
        public var interval: Duration
        /// How many unanswered probes end the connection. Default 3.
        public var probes: Int

        /// Keep-alive times.
        public init(idle: Duration = .seconds(60), interval: Duration = .seconds(10), probes: Int = 3) {
            self.idle = idle
            self.interval = interval
            self.probes = probes
        }
    }

    /// Whether and how a connection is encrypted.
    public struct TLS: Sendable {
        let context: NIOSSLContext?
        let serverName: String?

        /// Plain text.
        public static let disabled = TLS(context: nil, serverName: nil)

        /// Encryption with a context that is already made. Contexts are costly: share one among connections.
        ///
        /// - Parameter serverName: the name that the certificate must have, also sent as SNI; nil for the endpoint's host, unless that
        ///   is an address.
        public static func enabled(_ context: NIOSSLContext, serverName: String? = nil) -> TLS {
            TLS(context: context, serverName: serverName)
        }

        /// Encryption as a NIOSSL configuration says. Reads its certificates now.
        ///
        /// - Throws: ``RedisError`` with the code ``RedisError/Code-swift.struct/tlsFailed`` when a certificate or key cannot be used.
        public static func enabled(
            _ configuration: TLSConfiguration, serverName: String? = nil
        ) throws(RedisError) -> TLS {
            do {
                return TLS(context: try NIOSSLContext(configuration: configuration), serverName: serverName)
            } catch {
                throw .tls(error)
            }
        }
    }
}

extension RedisConnection.Configuration: CustomStringConvertible {
    /// Everything but the credentials.
    public var description: String {
        let user = self.username == nil ? "none" : "set"
        let password = self.password == nil ? "none" : "redacted"
        let tls = self.tls.context == nil ? "disabled" : "enabled"
        return """
            RedisConnection.Configuration(username: \(user), password: \(password), database: \(self.database), \
            clientName: \(self.clientName ?? "none"), tls: \(tls), connectTimeout: \(self.connectTimeout), \
            commandTimeout: \(self.commandTimeout.map { "\($0)" } ?? "none"), protocolVersion: \(self.protocolVersion))
            """
    }
}

extension RedisConnection.Configuration: CustomDebugStringConvertible, CustomReflectable {
    /// The same as ``description``.
    public var debugDescription: String { self.description }

    /// Nothing: `dump` must not print credentials either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
