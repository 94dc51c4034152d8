import LocalEngines
import RedisClient
import Testing
import TrivetTesting

/// A real server that freezes, dies or is slow.
@Suite struct FaultTests {
    @Test("P2: a frozen server: commands time out, and their late replies reach nobody", .redisServer)
    func frozen() async throws {
        let server = try RedisServer.current
        try await withRedis { redis async throws in
            try await redis.set("k", "right")
            server.suspend()
            var command = RedisCommand("ECHO", "late")
            command.timeout = .after(.milliseconds(50))
            let error = try await redisError { [command] in try await redis.send(command) }
            #expect(error?.code == .timeout && error?.mayHaveRun == true && error?.command == "ECHO")
            #expect(redis.lateReplies == 1 && redis.isOpen && !redis.isReusable)
            let waiting = Task { try await redis.get("k") }
            while redis.pendingRequests < 2 { await Task.yield() }
            let cancelled = Task { try await redis.echo("cancelled") }
            while redis.pendingRequests < 3 { await Task.yield() }
            cancelled.cancel()
            let cancellation = try await redisError { try await cancelled.value }
            #expect(cancellation?.code == .cancelled && cancellation?.mayHaveRun == true)
            server.resume()
            #expect(try await waiting.value == "right")
            try await redis.ping()
            #expect(redis.lateReplies == 0 && redis.isReusable)
        }
    }

    @Test("P2: connecting to a frozen server ends at the connect timeout", .redisServer)
    func frozenConnect() async throws {
        let server = try RedisServer.current
        server.suspend()
        defer { server.resume() }
        let error = try await redisError {
            try await RedisConnection.connect(
                to: server.endpoint, configuration: .init(connectTimeout: .milliseconds(100)))
        }
        #expect(error?.code == .connectTimeout)
    }

    @Test("P2: a frozen server does not hold up closing", .redisServer)
    func frozenClose() async throws {
        let server = try RedisServer.current
        let redis = try await RedisConnection.connect(to: server.endpoint)
        server.suspend()
        defer { server.resume() }
        let waiting = Task { try await redis.get("k") }
        while redis.pendingRequests < 1 { await Task.yield() }
        await redis.close()
        let error = try await redisError { try await waiting.value }
        #expect(error?.code == .closedByClient && error?.mayHaveRun == true)
        let after = try await redisError { try await redis.get("k") }
        #expect(after?.code == .closedByClient && after?.mayHaveRun == false)
        await redis.close()
    }

    @Test(
        "P2: a killed server ends all that wait, and is not hidden by sending again",
        .redisServer(.init(transport: .tcp)))
    func killed() async throws {
        let server = try RedisServer.current
        try await withRedis { redis async throws in
            let waiting = (0..<20).map { _ in
                Task { try await redis.blpop(["never"], timeout: .zero) }
            }
            while redis.pendingRequests < 20 { await Task.yield() }
            let (reasons, continuation) = AsyncStream<RedisError>.makeStream()
            redis.onClose { reason in
                continuation.yield(reason)
                continuation.finish()
            }
            try await server.restart()
            for task in waiting {
                let error = try await redisError { try await task.value }
                #expect(error?.code == .connectionClosed && error?.mayHaveRun == true)
            }
            #expect(await reasons.first { _ in true }?.code == .connectionClosed)
            #expect(!redis.isOpen && redis.closeReason?.endpoint == server.endpoint)
        }
    }

    @Test("P2: cancelling many commands at random times leaves each of the others its own reply", .redisServer)
    func cancellations() async throws {
        try await withRedis { redis async throws in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<2000 {
                    let task = Task {
                        do {
                            let reply = try await redis.echo("\(number)")
                            #expect(reply == "\(number)")
                        } catch let error as RedisError {
                            #expect(error.code == .cancelled)
                        }
                    }
                    group.addTask {
                        if number.isMultiple(of: 3) {
                            if number.isMultiple(of: 2) { await Task.yield() }
                            task.cancel()
                        }
                        _ = await task.result
                    }
                }
            }
            try await redis.ping()
            #expect(redis.lateReplies == 0 && redis.pendingRequests == 0)
        }
    }
}
