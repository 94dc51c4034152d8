extension RedisServer {
    /// How a private server is set up.
    public struct Configuration: Sendable {
        /// How clients reach it.
        public enum Transport: Sendable, Hashable {
            /// A Unix domain socket in a short temporary folder.
            case unixSocket
            /// A free port of 127.0.0.1.
            case tcp
            /// TLS on a free port of 127.0.0.1, with these files.
            case tls(TLSFiles)
        }

        /// Paths of PEM files.
        public struct TLSFiles: Sendable, Hashable {
            /// The server's certificate.
            public var certificate: String
            /// Its private key.
            public var privateKey: String
            /// The certificate of the authority that clients' certificates are checked against.
            public var authority: String
            /// Whether a client without a certificate is refused.
            public var requiresClientCertificate: Bool

            /// Paths of PEM files; by default a client needs no certificate.
            public init(
                certificate: String, privateKey: String, authority: String, requiresClientCertificate: Bool = false
            ) {
                self.certificate = certificate
                self.privateKey = privateKey
                self.authority = authority
                self.requiresClientCertificate = requiresClientCertificate
            }
        }

        /// When the append-only file is written to the disk.
        public enum AppendOnly: String, Sendable, Hashable {
            /// No append-only file: what the server holds is lost with it.
            case off
            /// Once a second.
            case everySecond = "everysec"
            /// Before each answer.
            case always
        }

        /// A user beside the default one.
        public struct User: Sendable, Hashable {
            /// The user's name.
            public var name: String
            /// The user's password.
            public var password: String
            /// What the user may do, in Redis' words, such as `~cache:* +@read`.
            public var rules: String

            /// A user who may do everything unless said otherwise.
            public init(name: String, password: String, rules: String = "~* &* +@all") {
                self.name = name
                self.password = password
                self.rules = rules
            }
        }

        /// How clients reach it. Default: a Unix socket.
        public var transport = Transport.unixSocket
        /// Where it keeps its files. `nil`, the default: in a temporary folder that is removed afterwards. A folder is
        /// made if it is not there, and kept.
        public var folder: String?
        /// The append-only file. `nil`, the default: off in a temporary folder, every second in a given one.
        public var appendOnly: AppendOnly?
        /// The default user's password. `nil`, the default: none is needed.
        public var password: String?
        /// Users beside the default one.
        public var users: [User] = []
        /// Further settings by the names of redis.conf, such as `["maxmemory": "10mb"]`.
        public var settings: [String: String] = [:]
        /// Further command-line arguments, such as `["--notify-keyspace-events", "KEA"]`.
        public var arguments: [String] = []
        /// The program. `nil`, the default: found by `RedisExecutable.find()`.
        public var executable: String?
        /// How long it may take until it answers, reading an append-only file included.
        public var startTimeout: Duration = .seconds(30)

        /// A server with the defaults that stand at each property.
        public init(
            transport: Transport = .unixSocket, folder: String? = nil, appendOnly: AppendOnly? = nil,
            password: String? = nil, users: [User] = [], settings: [String: String] = [:], arguments: [String] = [],
            executable: String? = nil
        ) {
            self.transport = transport
            self.folder = folder
            self.appendOnly = appendOnly
            self.password = password
            self.users = users
            self.settings = settings
            self.arguments = arguments
            self.executable = executable
        }
    }
}

/// The text of redis.conf for a private server. Passwords stand there and not among the arguments, which every user of
/// the machine can read.
struct RedisConfigurationFile {
    var configuration: RedisServer.Configuration
    var folder: String
    var controlSocket: String
    var port: Int?

    var text: String {
        var lines: [(name: String, value: String)] = [
            ("daemonize", "no"),
            ("dir", Self.quoted(folder)),
            ("unixsocket", Self.quoted(controlSocket)),
            ("unixsocketperm", "700"),
            ("bind", "127.0.0.1"),
            ("save", "\"\""),
        ]
        switch configuration.transport {
        case .unixSocket: lines.append(("port", "0"))
        case .tcp: lines.append(("port", "\(port ?? 0)"))
        case .tls(let files):
            lines += [
                ("port", "0"), ("tls-port", "\(port ?? 0)"),
                ("tls-cert-file", Self.quoted(files.certificate)),
                ("tls-key-file", Self.quoted(files.privateKey)),
                ("tls-ca-cert-file", Self.quoted(files.authority)),
                ("tls-auth-clients", files.requiresClientCertificate ? "yes" : "no"),
            ]
        }
        let appendOnly = configuration.appendOnly ?? (configuration.folder == nil ? .off : .everySecond)
        lines.append(("appendonly", appendOnly == .off ? "no" : "yes"))
        if appendOnly != .off { lines.append(("appendfsync", appendOnly.rawValue)) }
        if let password = configuration.password {
            lines += [("requirepass", Self.quoted(password)), ("masterauth", Self.quoted(password))]
        }
        for user in configuration.users {
            lines.append(("user", "\(user.name) on \(Self.quoted(">" + user.password)) \(user.rules)"))
        }
        for (name, value) in configuration.settings.sorted(by: { $0.key < $1.key }) {
            lines.append((name, Self.quoted(value)))
        }
        return lines.map { "\($0.name) \($0.value)\n" }.joined()
    }

    /// A value in double quotes, with what redis.conf wants escaped.
    static func quoted(_ value: String) -> String {
        var text = "\""
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text += "\\" + String(UnicodeScalar(byte))
            case 0x20...0x7e:
                text += String(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16)
                text += "\\x" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return text + "\""
    }
}
