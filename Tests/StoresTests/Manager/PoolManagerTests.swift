import Foundation
import GRDB
import GraphClient
import LocalEngines
import Logging
import MetricsTestKit
import RedisClient
import Stores
import Testing
import TrivetTesting

@Suite("PoolManager on live engines", .timeLimit(.minutes(3)))
struct PoolManagerTests {
    @Test("P1, P2, P4: YAML and the environment open all three stores, which then work")
    func openAll() async throws {
        try await LiveStores.withAll(.init(transport: .tcp, password: "open sesame")) { live in
            guard case .tcp(_, let port) = live.server.endpoint else {
                Issue.record("no port")
                return
            }
            let yaml = """
                sqlite:
                  path: \(live.folder.path(of: "records.sqlite"))
                  maximumConnections: 6
                graph:
                  path: \(live.folder.path(of: "people.graph"))
                  bufferPoolSize: 64MiB
                redis:
                  host: 127.0.0.1
                  port: 1
                """
            let file = live.folder.path(of: "stores.yaml")
            try yaml.write(toFile: file, atomically: true, encoding: .utf8)
            let configuration = try await StoresConfiguration.load(
                file: file, environment: ["TRIVET_REDIS_PORT": "\(port)", "TRIVET_REDIS_PASSWORD": "open sesame"])
            try await PoolManager.withManager(configuration, logger: .quiet) { manager in
                #expect(manager.kinds == [.sqlite, .graph, .redis])
                #expect(manager.health.overall == .healthy)
                try await manager.sqlite.write { try $0.execute(sql: "CREATE TABLE t(x); INSERT INTO t VALUES (7)") }
                #expect(try await manager.sqlite.read { try Int.fetchOne($0, sql: "SELECT x FROM t") } == 7)
                #expect(try await manager.graph.query("RETURN 40 + 2").scalar(Int.self) == 42)
                try await manager.redis.set("k", "v")
                #expect(try await manager.redis.get("k") == "v")
                let limits = manager.status.stores.map(\.limit)
                #expect(limits == [6, 20, 50])
                do {
                    _ = try manager.redisCluster
                    Issue.record("there is no cluster")
                } catch let error as PoolManagerError {
                    #expect(error.code == .notConfigured)
                    #expect("\(error)".contains("redis.cluster"))
                }
            }
        }
    }

    @Test("What is wrong is told for each store at once, and what was opened is closed again")
    func openFailures() async throws {
        try await LiveStores.withAll(.init(password: "right")) { live in
            var configuration = live.configuration
            configuration.sqlite = .init(path: live.folder.path(of: "no/such/folder/records.sqlite"))
            var pool = RedisPoolConfiguration()
            pool.connection.password = "definitely-wrong"
            configuration.redis = .server(live.server.endpoint, pool)
            // A refusal is final, so this is not waited for.
            configuration.openTimeout = .seconds(3600)
            do {
                _ = try await PoolManager.open(configuration, logger: .quiet)
                Issue.record("it opened")
            } catch let error as PoolManagerError {
                #expect(error.code == .openFailed)
                #expect(error.failures.map(\.store) == [.redis, .sqlite])
                let text = error.description
                #expect(text.contains("2 stores can't be opened. What was open is closed again: graph"))
                #expect(text.contains("no/such/folder does not exist"))
                #expect(text.contains("WRONGPASS"))
                #expect(!text.contains("definitely-wrong"))
            }
            // The graph's file is locked as long as it is open.
            try await GraphDatabase.withDatabase(at: live.folder.path(of: "people.graph")) { _ in }
        }
    }

    @Test("A server that is not there has until openTimeout; then the error says what connecting failed with")
    func nobodyThere() async throws {
        var configuration = StoresConfiguration()
        configuration.redis = .server(.unixSocket(path: "/tmp/trivet-nobody.sock"))
        configuration.openTimeout = .milliseconds(300)
        do {
            _ = try await PoolManager.open(configuration, logger: .quiet)
            Issue.record("it opened")
        } catch let error as PoolManagerError {
            #expect(error.description.contains("(openTimeout). The last attempt to connect: "))
            #expect(error.description.contains("trivet-nobody.sock"))
        }
    }

    @Test("A server that comes up while the manager opens is waited for")
    func lateServer() async throws {
        try await RedisServer.withServer { server in
            await server.kill()
            var configuration = StoresConfiguration()
            configuration.redis = .server(server.endpoint)
            configuration.openTimeout = .seconds(60)
            let opening = Task { try await PoolManager.open(configuration, logger: .quiet) }
            try await server.start()
            let manager = try await opening.value
            try await manager.redis.ping()
            await manager.shutdown()
        }
    }

    @Test("P2: TLS and a user's password, all from configuration keys", .temporaryDirectory)
    func encrypted() async throws {
        let certificates = try await LocalCertificates.make(in: TemporaryDirectory.current.path)
        let settings = RedisServer.Configuration(
            transport: .tls(certificates.forServer(requiresClientCertificate: true)),
            users: [RedisServer.Configuration.User(name: "app", password: "of the app")])
        try await RedisServer.withServer(settings) { server in
            guard case .tcp(let host, let port) = server.endpoint else {
                Issue.record("no port")
                return
            }
            let configuration = try await StoresConfiguration.load(
                environment: ["TRIVET_REDIS_PASSWORD": "of the app"],
                overrides: [
                    "redis.host": host, "redis.port": "\(port)", "redis.username": "app", "redis.tls": "true",
                    "redis.tlsTrustRoots": certificates.authority,
                    "redis.tlsCertificate": certificates.clientCertificate,
                    "redis.tlsPrivateKey": certificates.clientKey,
                ])
            try await PoolManager.withManager(configuration, logger: .quiet) { manager in
                let user = try await manager.redis.send(RedisCommand("ACL", "WHOAMI"), as: String.self)
                #expect(user == "app")
            }
        }
    }

    @Test("A budget that is too small is refused after the stores are known, and closes them")
    func budget() async throws {
        try await LiveStores.withAll { live in
            var configuration = live.configuration
            configuration.connectionBudget = 12
            do {
                _ = try await PoolManager.open(configuration, logger: .quiet)
                Issue.record("it opened")
            } catch let error as PoolManagerError {
                #expect(error.description.contains("need at least 17 (sqlite 2, graph 5, redis 10)"))
            }
            try await GraphDatabase.withDatabase(at: live.folder.path(of: "people.graph")) { _ in }
        }
    }

    @Test("A scope closes everything when its closure throws")
    func scope() async throws {
        try await LiveStores.withAll { live in
            do {
                try await PoolManager.withManager(live.configuration, logger: .quiet) { _ in
                    throw ScriptedError(description: "mine")
                }
            } catch let error as ScriptedError {
                #expect(error.description == "mine")
            }
            try await GraphDatabase.withDatabase(at: live.folder.path(of: "people.graph")) { _ in }
        }
    }

    @Test("A store alone is enough")
    func oneStore() async throws {
        try await LiveStores.withAll { live in
            var configuration = StoresConfiguration()
            configuration.sqlite = live.configuration.sqlite
            try await PoolManager.withManager(configuration, logger: .quiet) { manager in
                #expect(manager.kinds == [.sqlite])
                do {
                    _ = try manager.graph
                    Issue.record("there is no graph")
                } catch {
                    #expect("\(error)".contains("graph.path"))
                }
            }
        }
    }
}
