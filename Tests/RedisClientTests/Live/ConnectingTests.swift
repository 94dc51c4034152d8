import LocalEngines
import NIOSSL
import RedisClient
import Testing
import TrivetTesting

/// Ways to a server: transports, credentials, TLS, and what is said when they fail.
@Suite struct ConnectingTests {
    @Test(
        "P2: user, password, database and name",
        .redisServer(.init(transport: .tcp, password: "secret", users: [.init(name: "app", password: "word")])))
    func credentials() async throws {
        let good: [RedisConnection.Configuration] = [
            .init(password: "secret", database: 2, clientName: "tester"),
            .init(username: "app", password: "word", database: 2, clientName: "tester"),
            .init(username: "app", password: "word", database: 2, clientName: "tester", protocolVersion: .resp2),
        ]
        for configuration in good {
            try await withRedis(configuration) { redis async throws in
                #expect(try await redis.clientGetname() == "tester")
                #expect(try await redis.send("CLIENT INFO").string?.contains("db=2") == true)
                #expect(redis.isReusable)
                _ = try await redis.send("SELECT", 1)
                #expect(!redis.isReusable)
            }
        }
        let bad: [RedisConnection.Configuration] = [
            .init(), .init(password: "wrong"), .init(username: "nobody", password: "x"), .init(protocolVersion: .resp2),
            .init(password: "wrong", protocolVersion: .resp2),
        ]
        for configuration in bad {
            let error = try await redisError { try await withRedis(configuration) { _ in } }
            #expect(error?.code == .authenticationFailed)
            #expect(error?.remedy.contains("password") == true)
            #expect("\(String(describing: error))".contains("wrong") == false)
        }
        let database = try await redisError { try await withRedis(.init(password: "secret", database: 99)) { _ in } }
        #expect(database?.command == "SELECT")
    }

    @Test(
        "P2: what an ACL user may not do is named",
        .redisServer(
            .init(users: [
                .init(name: "reader", password: "r", rules: "~* +@read +@connection"),
                .init(name: "single", password: "s", rules: "~* +@all -multi"),
            ])))
    func permissions() async throws {
        try await withRedis(.init(username: "reader", password: "r")) { redis async throws in
            #expect(try await redis.get("k") == nil)
            let error = try await redisError { try await redis.set("k", 1) }
            #expect(error?.reply?.code == "NOPERM" && error?.mayHaveRun == false)
        }
        // Without MULTI the commands of a transaction run one by one: the error must not say that nothing has run.
        try await withRedis(.init(username: "single", password: "s")) { redis async throws in
            let error = try await redisError { try await redis.transaction([RedisCommand("SET", "k", 1)]) }
            #expect(error?.reply?.code == "NOPERM" && error?.mayHaveRun == true)
        }
    }

    @Test("P2: a port or path where nobody listens")
    func nobody() async throws {
        let endpoints: [RedisEndpoint] = [
            .tcp(host: "127.0.0.1", port: 1), .unixSocket(path: "/nowhere/redis.sock"),
            .unixSocket(path: "/" + String(repeating: "x", count: 200)), .tcp(host: "name.invalid", port: 6379),
        ]
        for endpoint in endpoints {
            let error = try await redisError { try await RedisConnection.connect(to: endpoint) }
            #expect(error?.code == .cannotConnect, "\(String(describing: error))")
            #expect(error?.endpoint == endpoint && error?.mayHaveRun == false && error?.remedy.isEmpty == false)
        }
    }

    @Test("P2: a cancelled attempt ends at once", .redisServer)
    func cancelled() async throws {
        let server = try RedisServer.current
        server.suspend()
        defer { server.resume() }
        let attempt = Task { try await RedisConnection.connect(to: server.endpoint) }
        attempt.cancel()
        #expect(try await redisError { try await attempt.value }?.code == .cancelled)
    }

    @Test("P2: TLS, with and without what it needs", .temporaryDirectory)
    func tls() async throws {
        let certificates = try await LocalCertificates.make(in: TemporaryDirectory.current.path)
        let server = RedisServer.Configuration(transport: .tls(certificates.forServer()))
        try await RedisServer.withServer(server) { server async throws in
            var configuration = TLSConfiguration.makeClientConfiguration()
            let untrusting = try RedisConnection.TLS.enabled(configuration)
            configuration.trustRoots = .file(certificates.authority)
            let trusting = try RedisConnection.TLS.enabled(configuration, serverName: "localhost")
            try await RedisConnection.withConnection(to: server.endpoint, configuration: .init(tls: trusting)) {
                redis in
                try await redis.set("k", String(repeating: "x", count: 100_000))
                #expect(try await redis.get("k")?.utf8.count == 100_000)
            }
            let untrusted = try await redisError {
                try await RedisConnection.connect(to: server.endpoint, configuration: .init(tls: untrusting))
            }
            #expect(untrusted?.code == .tlsFailed, "\(String(describing: untrusted))")
            let plain = try await redisError { try await RedisConnection.connect(to: server.endpoint) }
            #expect(plain?.code == .notRedis || plain?.code == .connectionClosed, "\(String(describing: plain))")
            try await RedisServer.withServer(.init(transport: .tcp)) { plain async throws in
                let error = try await redisError {
                    try await RedisConnection.connect(
                        to: plain.endpoint, configuration: .init(tls: trusting, connectTimeout: .milliseconds(200)))
                }
                // The server waits for the rest of a command that never comes.
                #expect(error?.code == .connectTimeout && error?.remedy.contains("TLS") == true)
            }
        }
    }
}
