/// Where a Redis server listens.
///
/// A value, safe to log: it never carries credentials.
public enum RedisEndpoint: Sendable, Hashable {
    /// A TCP endpoint. `host` is a name or an IP address (IPv6 without brackets); Redis' usual port is 6379.
    case tcp(host: String, port: Int)
    /// A Unix domain socket, by its path in the file system. The operating system bounds the path's length (about
    /// 104 bytes on macOS, 108 on Linux, the final zero included).
    case unixSocket(path: String)

    /// A TCP endpoint on Redis' default port, 6379.
    public static func tcp(host: String) -> RedisEndpoint {
        .tcp(host: host, port: 6379)
    }
}

extension RedisEndpoint: CustomStringConvertible {
    /// `host:port` (IPv6 in brackets) or `unix:path`.
    public var description: String {
        switch self {
        case .tcp(let host, let port):
            host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unixSocket(let path):
            "unix:\(path)"
        }
    }
}
