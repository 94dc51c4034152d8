import NIOSSL
import Pooling
import RedisClient

/// The Redis part of a configuration, as its keys have it.
struct RedisDraft: Sendable {
    var host: String?
    var port = 6379
    var socket: String?
    var cluster: [RedisEndpoint] = []
    var connection = RedisConnection.Configuration()
    var server = RedisPoolConfiguration()
    var nodes = RedisClusterPoolConfiguration()
    var isEncrypted = false
    var trustRoots: String?
    var certificate: String?
    var privateKey: String?
    var serverName: String?

    /// What servers and clusters have in common: everything but sizes.
    var pool: PoolConfiguration {
        get { server.pool }
        set {
            server.pool = newValue
            let (minimum, maximum) = (nodes.pool.minimumSize, nodes.pool.maximumSize)
            nodes.pool = newValue
            (nodes.pool.minimumSize, nodes.pool.maximumSize) = (minimum, maximum)
        }
    }

    var sharing: RedisPoolConfiguration.Sharing {
        get { server.sharing }
        set { (server.sharing, nodes.sharing) = (newValue, newValue) }
    }

    var retries: RedisPoolConfiguration.Retries {
        get { server.retries }
        set { (server.retries, nodes.retries) = (newValue, newValue) }
    }

    var readsFromReplicas: Bool {
        get { nodes.cluster.reads == .fromReplicas }
        set { nodes.cluster.reads = newValue ? .fromReplicas : .fromMasters }
    }

    /// - Parameter report: called with each key and what is wrong with it.
    func finished(_ report: (String, String) -> Void) -> StoresConfiguration.Redis? {
        let given = [("redis.host", host != nil), ("redis.socket", socket != nil), ("redis.cluster", !cluster.isEmpty)]
        let names = given.filter(\.1).map(\.0)
        if names.count > 1 { report(names[1], "\(names[0]) is set too, and only one of them can be") }
        if connection.username != nil, connection.password == nil {
            report("redis.username", "it needs redis.password, which is not set")
        }
        var connection = connection
        do {
            if let tls = try tls() { connection.tls = tls }
        } catch {
            report("redis.tls", "\(error)")
        }
        guard cluster.isEmpty else {
            if connection.database != 0 { report("redis.database", "a cluster has only database 0") }
            var nodes = nodes
            nodes.cluster.connection = connection
            return .cluster(cluster, nodes)
        }
        guard let endpoint else { return nil }
        var server = server
        server.connection = connection
        return .server(endpoint, server)
    }

    private var endpoint: RedisEndpoint? {
        if let socket { return .unixSocket(path: socket) }
        return host.map { .tcp(host: $0, port: port) }
    }

    private func tls() throws -> RedisConnection.TLS? {
        guard isEncrypted else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let trustRoots { configuration.trustRoots = .file(trustRoots) }
        if let certificate {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
        }
        if let privateKey {
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: privateKey, format: .pem))
        }
        return try .enabled(configuration, serverName: serverName)
    }
}

extension ValueFormat<[RedisEndpoint]> {
    static let endpoints = ValueFormat<RedisEndpoint>.endpoint.list
}

extension ValueFormat<RedisEndpoint> {
    /// "host:port", "[address]:port" or "host".
    static let endpoint = ValueFormat(
        type: "host:port", allowed: "host:port",
        parse: { text in
            let colon = text.lastIndex(of: ":")
            let bracket = text.lastIndex(of: "]")
            var host = text[...]
            var port = 6379
            if let colon, bracket.map({ $0 < colon }) ?? true {
                guard let number = Int(text[text.index(after: colon)...]), (1...65_535).contains(number) else {
                    return nil
                }
                host = text[..<colon]
                port = number
            }
            if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
            return host.isEmpty ? nil : RedisEndpoint.tcp(host: String(host), port: port)
        }, text: { "\($0)" })
}
