import Configuration
import Foundation
import LocalEngines
import RedisClient
import Testing

@testable import Stores

@Suite("Configuration of the stores")
struct StoresConfigurationTests {
    private func withFile<Value: Sendable>(
        _ name: String, _ text: String, _ body: (String) async throws -> Value
    ) async throws -> Value {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: name)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return try await body(path)
        }
    }

    private func problems(
        _ file: (name: String, text: String)? = nil, environment: [String: String] = [:],
        overrides: [String: String] = [:]
    ) async throws -> [String] {
        do {
            if let file {
                _ = try await withFile(file.name, file.text) {
                    try await StoresConfiguration.load(file: $0, environment: environment, overrides: overrides)
                }
            } else {
                _ = try await StoresConfiguration.load(environment: environment, overrides: overrides)
            }
            return []
        } catch let error as StoresConfigurationError {
            return error.problems.map(\.description)
        }
    }

    @Test("P1, P2, P3, P4: the defaults")
    func defaults() async throws {
        let configuration = try await StoresConfiguration.load(
            environment: ["TRIVET_SQLITE_PATH": "a", "TRIVET_GRAPH_PATH": "b", "TRIVET_REDIS_HOST": "c"])
        let sqlite = try #require(configuration.sqlite).pool
        #expect(sqlite.maximumConnections == 10)
        #expect(sqlite.busyTimeout == .seconds(30))
        #expect(sqlite.cacheKilobytes == 10_240)
        #expect(sqlite.synchronous == .normal)
        let graph = try #require(configuration.graph).pool
        #expect(graph.minimumConnections == 5)
        #expect(graph.maximumConnections == 20)
        #expect(graph.database.bufferPoolSize == 128 << 20)
        #expect(graph.database.maxThreads == 8)
        #expect(graph.database.isCompressed)
        guard case .server(let endpoint, let redis) = configuration.redis else {
            Issue.record("Redis is not a server")
            return
        }
        #expect(endpoint == .tcp(host: "c", port: 6379))
        #expect(redis.pool.minimumSize == 10)
        #expect(redis.pool.maximumSize == 50)
        #expect(redis.retries.maximum == 2)
        #expect(redis.connection.keepAlive != nil)
        #expect(configuration.connectionBudget == nil)
        let cluster = try await StoresConfiguration.load(environment: ["TRIVET_REDIS_CLUSTER": "a:1,b:2"])
        guard case .cluster(let seeds, let nodes) = cluster.redis else {
            Issue.record("Redis is not a cluster")
            return
        }
        #expect(seeds == [.tcp(host: "a", port: 1), .tcp(host: "b", port: 2)])
        #expect(nodes.pool.maximumSize == 15)
        #expect(cluster.sqlite == nil)
        #expect(cluster.graph == nil)
    }

    @Test("Flags come before the environment, that before the file, and that before the defaults")
    func precedence() async throws {
        let yaml = """
            sqlite:
              path: from-file
              busyTimeout: 1s
              minimumConnections: 3
            redis:
              cluster: [a:7000, b:7001]
            health:
              interval: 750ms
            """
        let configuration = try await withFile("stores.yaml", yaml) {
            try await StoresConfiguration.load(
                file: $0,
                environment: [
                    "TRIVET_SQLITE_BUSY_TIMEOUT": "2s", "TRIVET_SQLITE_MINIMUM_CONNECTIONS": "4", "PATH": "x",
                ],
                overrides: ["sqlite.busyTimeout": "3s"])
        }
        let sqlite = try #require(configuration.sqlite)
        #expect(sqlite.path == "from-file")
        #expect(sqlite.pool.busyTimeout == .seconds(3))
        #expect(sqlite.pool.minimumConnections == 4)
        #expect(configuration.health.interval == .milliseconds(750))
        #expect(configuration.health.probeTimeout == .seconds(1))
        guard case .cluster(let seeds, _) = configuration.redis else {
            Issue.record("Redis is not a cluster")
            return
        }
        #expect(seeds.count == 2)
    }

    @Test("JSON with numbers, flags and lists; a section of a larger file")
    func json() async throws {
        let json = """
            { "port": 8080, "stores": {
                "graph": { "path": "g", "maximumConnections": 12, "compression": false, "bufferPoolSize": "256MiB",
                           "pool": { "lifetimeJitter": 0.25, "idleTimeout": "none" } },
                "redis": { "cluster": ["a:1", "b:2"], "maximumConnectionsPerNode": 7, "pool": { "leakThreshold": "10s" } },
                "connectionBudget": 40 } }
            """
        let configuration = try await withFile("app.json", json) {
            try await StoresConfiguration.load(file: $0, section: "stores", environment: [:])
        }
        let graph = try #require(configuration.graph).pool
        #expect(graph.maximumConnections == 12)
        #expect(!graph.database.isCompressed)
        #expect(graph.database.bufferPoolSize == 256 << 20)
        #expect(graph.pool.lifetimeJitter == 0.25)
        #expect(graph.pool.idleTimeout == nil)
        guard case .cluster(_, let nodes) = configuration.redis else {
            Issue.record("Redis is not a cluster")
            return
        }
        #expect(nodes.pool.maximumSize == 7)
        #expect(nodes.pool.minimumSize == 1)
        #expect(nodes.pool.leakThreshold == .seconds(10))
        #expect(configuration.connectionBudget == 40)
    }

    @Test("An unknown key in a file, its section, or among the flags is refused with the nearest that exists")
    func unknownKeys() async throws {
        #expect(
            try await problems(("a.yaml", "sqlite:\n  path: x\n  busyTimout: 3s\n"))
                == ["sqlite.busyTimout: there is no such key; did you mean sqlite.busyTimeout?"])
        #expect(
            try await problems(("a.json", #"{"redis": {"hots": "x"}}"#))
                == ["redis.hots: there is no such key; did you mean redis.host?"])
        #expect(
            try await problems(overrides: ["graph.pth": "x"])
                == ["graph.pth: there is no such key; did you mean graph.path?"])
        #expect(try await problems(("a.yaml", "sqllite:\n")) != [])
    }

    @Test("Every error names key, value and what is allowed; all come at once")
    func errors() async throws {
        let found = try await problems(
            environment: [
                "TRIVET_SQLITE_PATH": "x", "TRIVET_SQLITE_BUSY_TIMEOUT": "30", "TRIVET_SQLITE_MAXIMUM_CONNECTIONS": "1",
                "TRIVET_SQLITE_SYNCHRONOUS": "off", "TRIVET_GRAPH_PATH": "y", "TRIVET_GRAPH_COMPRESSION": "perhaps",
                "TRIVET_GRAPH_BUFFER_POOL_SIZE": "1MiB", "TRIVET_REDIS_HOST": "z", "TRIVET_REDIS_PORT": "70000",
                "TRIVET_REDIS_RETRIES": "-1", "TRIVET_HEALTH_INTERVAL": "0s",
            ])
        let expected = [
            "sqlite.maximumConnections is “1”: must be a whole number from 2",
            "sqlite.busyTimeout is “30”: must be a number with a unit (ms, s, m, h), such as 500ms, 30s or 5m",
            "sqlite.synchronous is “off”: must be normal or full",
            "graph.bufferPoolSize is “1MiB”: must be a number with a unit (B, KiB, MiB, GiB, KB, MB, GB), such as 128MiB, at least 8MiB",
            "graph.compression is “perhaps”: must be true or false",
            "redis.port is “70000”: must be a whole number from 1 to 65535",
            "redis.retries is “-1”: must be a whole number from 0",
            "health.interval is “0s”: must be a number with a unit (ms, s, m, h), such as 500ms, 30s or 5m, at least 1ms",
        ]
        #expect(found == expected)
    }

    @Test("Values that make no sense together are refused too")
    func contradictions() async throws {
        #expect(
            try await problems(
                environment: ["TRIVET_SQLITE_PATH": "x", "TRIVET_SQLITE_MINIMUM_CONNECTIONS": "30"])
                == ["sqlite.minimumConnections is “30”: must be at most sqlite.maximumConnections, which is 10"])
        #expect(
            try await problems(environment: ["TRIVET_REDIS_HOST": "x", "TRIVET_REDIS_CLUSTER": "y:1"])
                == ["redis.cluster is “y:1”: redis.host is set too, and only one of them can be"])
        #expect(
            try await problems(environment: ["TRIVET_REDIS_HOST": "x", "TRIVET_REDIS_USERNAME": "me"])
                == ["redis.username is “me”: it needs redis.password, which is not set"])
        #expect(
            try await problems(environment: ["TRIVET_GRAPH_THREADS": "4"])
                == ["graph.threads is “4”: it has no effect, because the store is not opened without graph.path"])
        #expect(
            try await problems(
                environment: ["TRIVET_GRAPH_PATH": "x", "TRIVET_GRAPH_MAXIMUM_DATABASE_SIZE": "10GB"])
                == ["graph.maximumDatabaseSize is “10GB”: must be a power of two, such as 64GiB"])
        let backOff = try await problems(
            environment: ["TRIVET_SQLITE_PATH": "x", "TRIVET_SQLITE_POOL_CONNECT_BACK_OFF": "1h"])
        #expect(backOff.count == 1)
        #expect(backOff.first?.hasPrefix("sqlite.pool: maximumConnectBackOff") == true)
        let tls = try await problems(
            environment: [
                "TRIVET_REDIS_HOST": "x", "TRIVET_REDIS_TLS": "true", "TRIVET_REDIS_TLS_TRUST_ROOTS": "/no/such.pem",
            ])
        #expect(tls.first?.hasPrefix("redis.tls is “true”: ") == true)
    }

    @Test("A configuration made in code is held to the same bounds")
    func validation() throws {
        try StoresConfiguration().validate()
        var configuration = StoresConfiguration()
        configuration.health.interval = .zero
        configuration.rebalancing.patience = 0
        configuration.connectionBudget = -1
        configuration.drainTimeout = .seconds(-5)
        do {
            try configuration.validate()
            Issue.record("it was accepted")
        } catch {
            let keys = ["connectionBudget", "rebalancing.patience", "health.interval", "drainTimeout"]
            #expect(error.problems.map(\.key) == keys)
            #expect(error.problems[1].description == "rebalancing.patience is “0”: must be a whole number from 1")
        }
    }

    @Test("A file that can't be read says why")
    func files() async throws {
        let missing = await #expect(throws: StoresConfigurationError.self) {
            try await StoresConfiguration.load(file: "/no/such/file.yaml", environment: [:])
        }
        #expect(missing?.problems.first?.key == "/no/such/file.yaml")
        let other = await #expect(throws: StoresConfigurationError.self) {
            try await StoresConfiguration.load(file: "/etc/hosts", environment: [:])
        }
        #expect(other?.description.contains("must end with .yaml, .yml or .json") == true)
        #expect(try await problems(("broken.yaml", "a: [1, ")) != [])
        #expect(try await problems(("broken.json", "{")) != [])
    }

    @Test("The password is in no error and no description")
    func secrets() async throws {
        let password = "correct-horse"
        let configuration = try await StoresConfiguration.load(
            environment: ["TRIVET_REDIS_HOST": "x", "TRIVET_REDIS_PASSWORD": password])
        guard case .server(_, let redis) = configuration.redis else {
            Issue.record("Redis is not a server")
            return
        }
        #expect(redis.connection.password == password)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains(password))
        }
        let yaml = "redis:\n  password: \(password)\n  retries: many\n"
        for text in try await problems(("a.yaml", yaml)) { #expect(!text.contains(password)) }
        let file = try await withFile("a.yaml", yaml) { "\(try await StoresConfiguration.provider(file: $0))" }
        #expect(!file.contains(password))
        #expect(StoresConfiguration.keys.filter(\.isSecret).map(\.key) == ["redis.password"])
    }
}
