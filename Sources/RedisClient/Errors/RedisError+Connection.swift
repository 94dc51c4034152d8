import NIOCore
import NIOPosix
import NIOSSL

extension RedisError {
    static func unexpectedReply(_ message: String, command: String? = nil) -> RedisError {
        RedisError(
            .unexpectedReply, message, remedy: "Read the reply as another type; RESPValue takes any.", command: command,
            mayHaveRun: true)
    }

    static func timeout(after duration: Duration, sent: Bool) -> RedisError {
        RedisError(
            .timeout,
            sent
                ? "no reply within \(duration)"
                : "not sent within \(duration), because the connection is in exclusive use (WATCH)",
            remedy: sent
                ? "Check whether the server is frozen, overloaded or blocked by a slow command (SLOWLOG GET); raise the timeout for slow or blocking commands."
                : "Within a WATCH scope send with the scope's own value; keep such scopes short, or give them a connection of their own.",
            mayHaveRun: sent)
    }

    static func cancelled(sent: Bool) -> RedisError {
        RedisError(
            .cancelled, "the task was cancelled \(sent ? "before the reply came" : "before the command was sent")",
            remedy: "Nothing needs to be done.", mayHaveRun: sent)
    }

    static let closedByClient = RedisError(
        .closedByClient, "the connection was closed by this program", remedy: "Open another connection.")

    static let scopeEnded = RedisError(
        .refused, "the scope that this value belongs to has ended", remedy: "Do not let the value out of its closure.")

    static func tooManyPending(_ count: Int) -> RedisError {
        RedisError(
            .tooManyPending, "\(count) requests already wait for their replies on this connection",
            remedy: "Spread the load over more connections (a pool), or send fewer requests at a time.")
    }

    static func refused(_ message: String, remedy: String, command: String) -> RedisError {
        RedisError(.refused, message, remedy: remedy, command: command)
    }

    static let subscriberMode = RedisError(
        .refused, "the connection is in subscriber mode, where a RESP2 server takes no other commands",
        remedy: "Use another connection for commands, or a server with RESP3 (Redis 6 or newer).")

    /// The stream of replies cannot be read.
    static func decoding(_ error: RESPDecodingError, bytes: ByteBuffer, isFirst: Bool) -> RedisError {
        if error.isLimit {
            return RedisError(
                .limitExceeded, error.description,
                remedy: "Ask for less at once (GETRANGE, SCAN, LRANGE), or raise the limit in RESPLimits.",
                underlying: error)
        }
        if isFirst, let peer = Self.otherProtocol(bytes) {
            return RedisError(
                .notRedis, "the server speaks \(peer.name), not the Redis protocol", remedy: peer.remedy,
                underlying: error)
        }
        return RedisError(
            .protocolViolation, error.description,
            remedy: "Check that the endpoint is a Redis server and that nothing in between changes the bytes.",
            underlying: error)
    }

    private static func otherProtocol(_ bytes: ByteBuffer) -> (name: String, remedy: String)? {
        let wrongPort = "Check host and port: this is another kind of server."
        let start = bytes.readableBytesView.prefix(5)
        if start.starts(with: "HTTP/".utf8) || start.starts(with: "<".utf8) { return ("HTTP", wrongPort) }
        if start.starts(with: "SSH-".utf8) { return ("SSH", wrongPort) }
        // An alert (21) or handshake (22) record of TLS 1.x.
        if start.starts(with: [0x15, 0x03]) || start.starts(with: [0x16, 0x03]) {
            return ("TLS", "Enable TLS in the connection's configuration, or use the server's plain port.")
        }
        return nil
    }

    /// The connection ended and the server said nothing about why.
    static func connectionLost(_ error: (any Error)?, whileConnecting: Bool, withinReply: Bool) -> RedisError {
        switch error {
        case let error as RedisError:
            return error
        case let error? where error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError:
            return .tls(error)
        default:
            var message = "the connection ended"
            if withinReply { message += " in the middle of a reply" }
            if let error { message += " (\(error))" }
            return RedisError(
                .connectionClosed, message,
                remedy: whileConnecting
                    ? "Check that the endpoint is a Redis server, that it takes plain connections (or TLS, as configured), and its limit of clients (maxclients)."
                    : "Open another connection. The server's log tells why it closed this one (timeout, CLIENT KILL, shutdown, client-output-buffer-limit).",
                underlying: error)
        }
    }

    static func tls(_ error: any Error) -> RedisError {
        RedisError(
            .tlsFailed, "no TLS connection: \(error)",
            remedy:
                "Check that the port takes TLS (tls-port), that the certificate is trusted and names the server, and that a client certificate is given if the server wants one (tls-auth-clients).",
            underlying: error)
    }

    /// The endpoint could not be connected to.
    static func connecting(
        _ error: any Error, endpoint: RedisEndpoint, configuration: RedisConnection.Configuration
    ) -> RedisError {
        if let error = error as? RedisError { return error.with(command: nil, endpoint: endpoint) }
        if case .connectTimeout? = error as? ChannelError {
            return .connectTimeout(
                configuration.connectTimeout, endpoint: endpoint, isTLS: configuration.tls.context != nil)
        }
        let cause: String
        if let failure = error as? NIOConnectionError {
            if let dns = failure.dnsAError ?? failure.dnsAAAAError, failure.connectionErrors.isEmpty {
                cause = "the host name cannot be resolved (\(dns))"
            } else {
                cause = failure.connectionErrors.map { "\($0.error)" }.first ?? "\(failure)"
            }
        } else {
            cause = "\(error)"
        }
        let remedy =
            switch endpoint {
            case .tcp: "Check host and port, that redis-server runs, and that no firewall is in between."
            case .unixSocket:
                "Check the path, that redis-server runs with it (unixsocket), and your right to write to it."
            }
        return RedisError(
            .cannotConnect, "no connection: \(cause)", remedy: remedy, endpoint: endpoint, underlying: error)
    }

    static func connectTimeout(_ timeout: Duration, endpoint: RedisEndpoint, isTLS: Bool) -> RedisError {
        // A plain redis-server takes the beginning of TLS for an unfinished command and waits for more.
        let tls = isTLS ? " Check that this port takes TLS at all (tls-port)." : ""
        return RedisError(
            .connectTimeout, "the connection was not ready within \(timeout)",
            remedy: "Check whether the server is frozen or overloaded and whether a firewall drops packets; "
                + "or raise connectTimeout." + tls,
            endpoint: endpoint)
    }
}
