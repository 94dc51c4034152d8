import NIOCore
import NIOSSL
import Pooling
import RedisClient
import Testing
import TrivetTesting

@testable import Stores

/// The single-node pool on a live server.
@Suite("Redis pool") struct RedisPoolTests {
    @Test("P2: defaults: 10 to 50 connections, nothing before the first use", .redisServer)
    func defaults() async throws {
        try await RedisLive.withPool { redis in
            let before = redis.statuses[0]
            #expect(before.name == "redis" && before.status.total == 0 && redis.kind == .redis)
            #expect(before.status.minimum == 10 && before.status.maximum == 50 && redis.connectionLimit == 50)
            #expect(redis.connectionBounds == 10...50)
            #expect(try await redis.set("a", "b") == true)
            #expect(try await redis.get("a") == "b")
            try await RedisLive.expectSettled(redis)
            #expect(redis.statuses[0].status.idle == 10)
        }
    }

    @Test("P2: commands of many tasks share few connections, and each gets its own reply", .redisServer)
    func sharing() async throws {
        try await RedisLive.withPool { redis in
            try await withThrowingTaskGroup { group in
                for number in 0..<500 {
                    group.addTask {
                        for round in 0..<10 {
                            let text = "\(number) \(round)"
                            let reply = try await redis.echo(text)
                            #expect(reply == text)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let counters = redis.statuses[0].status.counters
            #expect(counters.acquired >= 5000 && counters.reuseRate > 0.95)
            try await RedisLive.expectSettled(redis)
            #expect(redis.statuses[0].status.counters.opened == 10)
        }
    }

    @Test("P2: pipelines and transactions share connections too; errors stand at their places", .redisServer)
    func together() async throws {
        try await RedisLive.withPool { redis in
            let replies = await redis.pipeline { commands in
                commands.append("SET", "text", "x")
                commands.append("INCR", "text")
                commands.append("GET", "text")
            }
            #expect(try replies[2].get().decode(as: String.self) == "x")
            let failure = try await RedisLive.error { try replies[1].get() }
            #expect(failure?.reply?.code == "ERR" && failure?.command == "INCR")
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        let results = try await redis.transaction {
                            $0.append("INCR", "first")
                            $0.append("INCR", "second")
                        }
                        #expect(try results[0].get() == results[1].get())
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await redis.get("first", as: Int.self) == 50)
            let refused = await redis.pipeline([RedisCommand("SET", "no", 1), RedisCommand("SELECT", 1)])
            for reply in refused {
                let error = try await RedisLive.error { try reply.get() }
                #expect(error?.code == .refused && error?.mayHaveRun == false && error?.message.isEmpty == false)
            }
            #expect(try await redis.exists(["no"]) == 0)
            let transaction = try await RedisLive.error { try await redis.transaction([RedisCommand("WATCH", "k")]) }
            #expect(transaction?.code == .refused)
        }
    }

    @Test("P2: what speaks of the connection is refused, and the error says what to do", .redisServer)
    func refused() async throws {
        try await RedisLive.withPool { redis in
            for name in ["SELECT", "MULTI", "WATCH", "SUBSCRIBE", "QUIT", "RESET", "CLIENT TRACKING", "WAIT", "AUTH"] {
                let error = try await RedisLive.error { try await redis.send(RedisCommand(name, "x")) }
                #expect(error?.code == .refused && error?.remedy.contains("withConnection") == true, "\(name)")
                #expect(error?.command == name && error?.mayHaveRun == false)
            }
        }
    }

    @Test("P2: a blocking command gets a connection of its own, and holds up nobody", .redisServer)
    func blocking() async throws {
        var configuration = RedisPoolConfiguration()
        configuration.pool.minimumSize = 1
        configuration.pool.leakThreshold = .milliseconds(20)
        try await RedisLive.withPool(configuration) { redis in
            let waiting = Task { try await redis.blpop(["list"], timeout: .seconds(30)) }
            try await RedisLive.poll("it waits") {
                try await redis.info(section: "clients")["blocked_clients"] == "1"
            }
            let start = ContinuousClock.now
            for _ in 0..<100 { try await redis.ping() }
            #expect(ContinuousClock.now - start < .seconds(20))
            try await Task.sleep(for: .milliseconds(100))
            try await redis.rpush("list", ["element"])
            let popped = try await waiting.value
            #expect(popped?.element == "element")
            // A blocking command is meant to last, and so is a connection that is shared: nobody is warned.
            #expect(redis.statuses[0].status.counters.leaks == 0)
            // One that is given up is not waited for: its connection is closed, and the server notices.
            let cancelled = Task { try await redis.blpop(["list"], timeout: .zero) }
            try await RedisLive.poll("it waits") {
                try await redis.info(section: "clients")["blocked_clients"] == "1"
            }
            cancelled.cancel()
            let error = try await RedisLive.error { try await cancelled.value }
            #expect(error?.code == .cancelled && error?.mayHaveRun == true)
            try await RedisLive.poll("the server forgets it") {
                try await redis.info(section: "clients")["blocked_clients"] == "0"
            }
            try await RedisLive.expectSettled(redis)
        }
    }

    @Test("P5: a connection comes back clean: database, name, tracking, watches, subscriptions", .redisServer)
    func cleaning() async throws {
        var configuration = RedisPoolConfiguration()
        configuration.connection.database = 2
        configuration.connection.clientName = "trivet"
        configuration.pool.minimumSize = 1
        configuration.pool.maximumSize = 1
        try await RedisLive.withPool(configuration) { redis in
            try await redis.set("k", "in 2")
            let id = try await redis.send(RedisCommand("CLIENT ID"), as: Int.self)
            try await redis.withConnection { connection in
                _ = try await connection.send("SELECT", 3)
                _ = try await connection.send("CLIENT SETNAME", "other")
                _ = try await connection.send("CLIENT TRACKING", "ON")
            }
            #expect(try await redis.get("k") == "in 2")
            let info = try await redis.send(RedisCommand("CLIENT INFO"), as: String.self)
            #expect(info.contains(" db=2 ") && info.contains(" name=trivet "))
            #expect(info.contains(" flags=U ") && info.contains(" resp=3"))
            // Cleaned, not closed.
            #expect(try await redis.send(RedisCommand("CLIENT ID"), as: Int.self) == id)
            try await redis.withConnection { connection in
                do {
                    try await connection.watch("k") { _ in throw CancellationError() }
                } catch is CancellationError {}
            }
            try await redis.withSubscription(to: ["channel"]) { messages in
                #expect(try await RedisLive.clients(of: redis.endpoint) == 1)
                try await RedisConnection.withConnection(to: redis.endpoint) { other in
                    _ = try await other.send("PUBLISH", "channel", "hello")
                }
                for try await message in messages {
                    #expect(message.payload == ByteBuffer(string: "hello"))
                    break
                }
            }
            #expect(try await redis.send(RedisCommand("CLIENT INFO"), as: String.self).contains(" sub=0 "))
            #expect(try await redis.send(RedisCommand("CLIENT ID"), as: Int.self) == id)
            // What RESET leaves is not handed on.
            try await redis.withConnection { _ = try await $0.send("CLIENT NO-EVICT", "ON") }
            #expect(try await redis.send(RedisCommand("CLIENT ID"), as: Int.self) != id)
            try await RedisLive.expectSettled(redis)
        }
    }

    @Test("P2: one connection serves shared and exclusive use in turn, and neither starves", .redisServer)
    func oneConnection() async throws {
        var configuration = RedisPoolConfiguration()
        configuration.pool.minimumSize = 1
        configuration.pool.maximumSize = 1
        try await RedisLive.withPool(configuration) { redis in
            try await withThrowingTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask { for _ in 0..<200 { try await redis.incr("shared") } }
                }
                for _ in 0..<5 {
                    group.addTask {
                        for _ in 0..<20 {
                            try await redis.withConnection { connection in
                                let value = try await connection.get("own", as: Int.self) ?? 0
                                try await connection.set("own", value + 1)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await redis.get("shared", as: Int.self) == 2000)
            #expect(try await redis.get("own", as: Int.self) == 100)
            try await RedisLive.expectSettled(redis)
        }
    }

    @Test("P2: WATCH on a connection of one's own sees the writes of others", .redisServer)
    func watching() async throws {
        try await RedisLive.withPool { redis in
            try await redis.set("stock", 5)
            let error = try await RedisLive.error {
                try await redis.withConnection { connection in
                    try await connection.watch("stock") { watch in
                        try await redis.decr("stock")
                        _ = try await watch.transaction { $0.append("SET", "stock", 100) }
                    }
                }
            }
            #expect(error?.code == .transactionAborted && error?.mayHaveRun == false)
            #expect(try await redis.get("stock", as: Int.self) == 4)
        }
    }

    @Test(
        "P2: user and password",
        .redisServer(.init(transport: .tcp, password: "admin", users: [.init(name: "app", password: "secret")])))
    func credentials() async throws {
        var configuration = RedisPoolConfiguration(connection: .init(username: "app", password: "secret"))
        try await RedisLive.withPool(configuration) { redis in
            #expect(try await redis.send(RedisCommand("ACL WHOAMI"), as: String.self) == "app")
            // Cleaning logs in again.
            try await redis.withConnection { _ = try await $0.send("SELECT", 1) }
            #expect(try await redis.send(RedisCommand("ACL WHOAMI"), as: String.self) == "app")
        }
        configuration.connection.password = "wrong"
        try await RedisLive.withPool(configuration) { redis in
            // Waiting does not mend it: the error comes at once and not after the time limit.
            let start = ContinuousClock.now
            let error = try await RedisLive.error { try await redis.ping() }
            #expect(error?.code == .authenticationFailed && error?.mayHaveRun == false)
            #expect(error?.description.contains("WRONGPASS") == true && error?.description.contains("wrong") == false)
            #expect((error?.underlying as? PoolError)?.code == .unreachable)
            #expect(ContinuousClock.now - start < .seconds(8))
        }
    }

    @Test("P2: TLS", .temporaryDirectory)
    func encryption() async throws {
        let files = try await LocalCertificates.make(in: TemporaryDirectory.current.path)
        try await RedisServer.withServer(.init(transport: .tls(files.forServer()))) { server in
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(files.authority)
            let configuration = RedisPoolConfiguration(connection: .init(tls: try .enabled(tls)))
            try await RedisPool.withPool(to: server.endpoint, configuration: configuration) { redis in
                try await redis.set("k", "encrypted")
                #expect(try await redis.get("k") == "encrypted")
            }
        }
    }

    @Test("P5: an exhausted pool says who holds what; a task that waits for itself is told so", .redisServer)
    func exhaustion() async throws {
        var configuration = RedisPoolConfiguration()
        configuration.pool.minimumSize = 0
        configuration.pool.maximumSize = 2
        try await RedisLive.withPool(configuration) { redis in
            try await redis.withConnection { _ in
                try await redis.withConnection { _ in
                    var command = RedisCommand("GET", "k")
                    command.timeout = .after(.milliseconds(300))
                    let error = try await RedisLive.error { [command] in try await redis.send(command) }
                    #expect(error?.code == .noConnection && error?.mayHaveRun == false && error?.command == "GET")
                    let text = error?.description ?? ""
                    #expect(text.contains("2 leased") && text.contains("RedisPoolTests.swift:"), "\(text)")
                    #expect((error?.underlying as? PoolError)?.holders.count == 2)
                    do {
                        try await redis.withConnection { _ in }
                        Issue.record("a third connection of two")
                    } catch let error as PoolError {
                        #expect(error.code == .wouldDeadlock)
                    }
                }
            }
            #expect(redis.statuses[0].status.counters.timedOut == 1)
            try await redis.ping()
            try await RedisLive.expectSettled(redis)
        }
    }

    @Test("P7: the limit changes while the pool is used", .redisServer)
    func resizing() async throws {
        var configuration = RedisPoolConfiguration()
        configuration.pool.minimumSize = 2
        configuration.pool.maximumSize = 8
        try await RedisLive.withPool(configuration) { redis in
            for outside in [1, 9] {
                do {
                    try redis.setConnectionLimit(outside)
                    Issue.record("\(outside) is out of bounds")
                } catch let error as PoolError {
                    #expect(error.code == .invalidConfiguration && error.description.contains("2 to 8"))
                }
            }
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        for _ in 0..<100 { _ = try await redis.withConnection { try await $0.incr("n") } }
                    }
                }
                for limit in [3, 8, 2, 5] {
                    try await Task.sleep(for: .milliseconds(20))
                    try redis.setConnectionLimit(limit)
                    #expect(redis.connectionLimit == limit)
                }
                try await group.waitForAll()
            }
            #expect(try await redis.get("n", as: Int.self) == 2000)
            try await RedisLive.expectSettled(redis)
        }
    }

    @Test("P5: a shutdown serves what runs, refuses the rest, and leaves no connection", .redisServer)
    func shutdown() async throws {
        let endpoint = try RedisServer.current.endpoint
        let redis = try RedisPool(to: endpoint)
        try await redis.set("k", 1)
        let waiting = Task { try await redis.blpop(["list"], timeout: .zero) }
        try await RedisLive.poll("it waits") { try await redis.info(section: "clients")["blocked_clients"] == "1" }
        let report = await redis.shutdown(within: .milliseconds(50))
        #expect(report.remainingHolders.count == 1)
        let interrupted = try await RedisLive.error { try await waiting.value }
        #expect(interrupted?.code == .closedByClient && interrupted?.mayHaveRun == true)
        let error = try await RedisLive.error { try await redis.get("k") }
        #expect(error?.code == .closedByClient && error?.mayHaveRun == false)
        try await RedisLive.poll("no client is left") { try await RedisLive.clients(of: endpoint) == 0 }
    }
}
