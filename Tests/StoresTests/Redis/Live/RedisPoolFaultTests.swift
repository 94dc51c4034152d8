import Measurement
import Pooling
import RedisClient
import Testing
import TrivetTesting

@testable import Stores

/// A server that dies, freezes, closes connections or is away, under load.
@Suite("Redis pool: faults under load", .serialized) struct RedisPoolFaultTests {
    private static let durable = RedisServer.Configuration(transport: .tcp, appendOnly: .always)

    private func load(
        _ codes: [RedisError.Code], with configuration: RedisPoolConfiguration = RedisPoolConfiguration(),
        fault: @Sendable (RedisServer, RedisPool) async throws -> Void
    ) async throws {
        let server = try RedisServer.current
        try await RedisLive.withPool(configuration) { redis in
            let load = MixedLoad()
            try await load.run(on: redis) {
                for round in 1...2 {
                    try await fault(server, redis)
                    try await load.everyoneSucceeds(within: .seconds(10), "after fault \(round)")
                }
            }
            load.expectFailures(codes)
            try await load.audit(redis)
            try await RedisLive.expectSettled(redis)
            #expect(redis.statuses[0].status.counters.leaks == 0)
        }
    }

    @Test("P5: Redis is killed and started again", .redisServer(durable))
    func restart() async throws {
        try await load([.connectionClosed, .serverError]) { server, _ in try await server.restart() }
    }

    @Test("P5: Redis is frozen for 5 s: those who have less time are told, the others served", .redisServer(durable))
    func frozen() async throws {
        var configuration = RedisPoolConfiguration()
        configuration.connection.commandTimeout = .seconds(2)
        configuration.retries.attemptTimeout = .milliseconds(500)
        configuration.pool.acquireTimeout = .seconds(2)
        configuration.pool.validationTimeout = .seconds(1)
        configuration.connection.connectTimeout = .seconds(1)
        try await load([.timeout, .connectTimeout, .noConnection, .connectionClosed], with: configuration) {
            server, _ in
            server.suspend()
            try await Task.sleep(for: .seconds(5))
            server.resume()
        }
    }

    @Test("P5: Redis is frozen for 5 s: with the default times nothing fails", .redisServer(durable))
    func frozenPatiently() async throws {
        try await load([]) { server, _ in
            server.suspend()
            try await Task.sleep(for: .seconds(5))
            server.resume()
        }
    }

    @Test("P5: all connections are cut off", .redisServer(durable))
    func cutOff() async throws {
        try await load([.connectionClosed]) { server, _ in
            try await RedisConnection.withConnection(to: server.endpoint) { admin in
                _ = try await admin.send("CLIENT KILL", "TYPE", "normal", "SKIPME", "yes")
            }
        }
    }

    @Test("P5: the port refuses for a while: attempts to connect are few", .redisServer(durable))
    func refused() async throws {
        try await load([.connectionClosed, .serverError]) { server, redis in
            let before = redis.statuses[0].status.counters
            await server.kill()
            try await Task.sleep(for: .seconds(2))
            let after = redis.statuses[0].status.counters
            // Eight may be under way when the first one fails; from then on one at a time, with pauses that grow.
            #expect((1...25).contains(after.openFailed - before.openFailed), "\(after.openFailed - before.openFailed)")
            try await server.start()
        }
    }

    @Test(
        "P5: a server that stays away: the error tells the last failure to connect",
        .redisServer(.init(transport: .tcp)))
    func away() async throws {
        let server = try RedisServer.current
        try await RedisLive.withPool { redis in
            try await redis.ping()
            await server.kill()
            var command = RedisCommand("SET", "k", 1)
            command.timeout = .after(.milliseconds(500))
            let error = try await RedisLive.error { [command] in
                _ = try? await redis.send(command)
                return try await redis.send(command)
            }
            #expect(error?.code == .cannotConnect && error?.mayHaveRun == false && error?.command == "SET")
            let text = error?.description ?? ""
            #expect(text.contains("in a row") && text.contains("refused") && text.contains("redis-server"), "\(text)")
            do {
                try await redis.withConnection(timeout: .milliseconds(200)) { _ in }
                Issue.record("there is no server")
            } catch let error as PoolError {
                #expect(error.code == .acquireTimedOut && error.status?.lastConnectFailure != nil)
            }
            try await server.start()
            #expect(try await redis.set("k", 2) == true)
        }
    }

    @Test(
        "P2: a read whose connection is lost is sent again; a write is not, and says that it may have run",
        .redisServer(durable))
    func sentAgain() async throws {
        try await RedisLive.withPool { redis in
            try await redis.set("k", "v")
            let server = try RedisServer.current
            server.suspend()
            let read = Task { try await redis.get("k") }
            let write = Task { try await redis.send(RedisCommand("INCR", "n")) }
            let connections = redis.node
            try await RedisLive.poll("both are under way") {
                connections.guarded.withLock { $0.lanes.lanes.reduce(0) { $0 + $1.link.load } } == 2
            }
            // The server has read neither when it dies.
            try await server.restart()
            #expect(try await read.value == "v")
            let error = try await RedisLive.error { try await write.value }
            #expect(error?.code == .connectionClosed && error?.mayHaveRun == true && error?.command == "INCR")
            try await RedisLive.expectSettled(redis)
        }
    }

    @Test(
        "P5: storms of cancellations leave the counts right, and each reply to its own request", .redisServer,
        arguments: [UInt64](1...3))
    func cancellations(seed: UInt64) async throws {
        var configuration = RedisPoolConfiguration()
        configuration.pool.minimumSize = 2
        configuration.pool.maximumSize = 6
        try await RedisLive.withPool(configuration) { redis in
            let wrong = PoolLock<[String]>([])
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<400 {
                    var generator = SplitMix64(seed: seed).split(number)
                    let pause = UInt64.random(in: 0..<3_000, using: &generator)
                    let isCancelled = Int.random(in: 0..<100, using: &generator) < 60
                    let use = Int.random(in: 0..<5, using: &generator)
                    let task = Task {
                        do {
                            let text = "\(number)"
                            let reply =
                                switch use {
                                case 0: try await redis.withConnection { try await $0.echo(text) }
                                case 1:
                                    try await redis.pipeline([RedisCommand("ECHO", text)])[0].get().decode(
                                        as: String.self)
                                case 2:
                                    try await redis.transaction([RedisCommand("ECHO", text)])[0].get().decode(
                                        as: String.self)
                                case 3: try await redis.blpop(["never"], timeout: .milliseconds(20)) == nil ? text : "?"
                                default: try await redis.echo(text)
                                }
                            if reply != text { wrong.withLock { $0.append("\(text) got \(reply)") } }
                        } catch let error as RedisError where error.code == .cancelled {
                        } catch is CancellationError {
                        } catch {
                            wrong.withLock { $0.append("\(error)") }
                        }
                    }
                    group.addTask {
                        try? await Task.sleep(for: .microseconds(pause))
                        if isCancelled { task.cancel() }
                        _ = await task.value
                    }
                }
            }
            #expect(wrong.withLock { $0 } == [])
            #expect(try await redis.echo("after") == "after")
            try await RedisLive.expectSettled(redis)
        }
    }

    @Test("P8: 100 connections in use at one moment", .redisServer(.init(transport: .tcp)))
    func hundred() async throws {
        var configuration = RedisPoolConfiguration()
        configuration.pool.maximumSize = 110
        try await RedisLive.withPool(configuration) { redis in
            let inUse = PoolLock(0)
            let (gate, open) = AsyncStream<Never>.makeStream()
            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        try await redis.withConnection { connection in
                            try await connection.set("held:\(number)", number)
                            inUse.withLock { $0 += 1 }
                            for await _ in gate {}
                            _ = try await connection.get("held:\(number)")
                        }
                    }
                }
                try await RedisLive.poll("all are in use") { inUse.withLock { $0 } == 100 }
                let status = redis.statuses[0].status
                #expect(status.leased >= 100 && status.total <= 110)
                #expect(try await RedisLive.clients(of: redis.endpoint) >= 100)
                // Beside them plain commands go on.
                try await redis.ping()
                open.finish()
                try await group.waitForAll()
            }
            try await RedisLive.expectSettled(redis)
        }
    }
}
