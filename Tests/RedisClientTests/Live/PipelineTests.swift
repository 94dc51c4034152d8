import LocalEngines
import RedisClient
import Testing
import TrivetTesting

/// Many commands at once, transactions and optimistic locking.
@Suite(.redisServer) struct PipelineTests {
    @Test("P2: a pipeline's replies stand in order, errors beside them")
    func pipeline() async throws {
        try await withRedis { redis async throws in
            let replies = await redis.pipeline { commands in
                commands.append("SET", "p:text", "x")
                commands.append("INCR", "p:text")
                for number in 0..<1000 { commands.append("ECHO", number) }
            }
            #expect(replies.count == 1002)
            #expect((try? replies[0].get()) == .simpleString("OK"))
            #expect(throws: RedisError.self) { try replies[1].get() }
            let numbers = try replies.dropFirst(2).map { try $0.get().decode(as: Int.self) }
            #expect(numbers == Array(0..<1000))
            let refused = await redis.pipeline([RedisCommand("GET", "p:text"), RedisCommand("SUBSCRIBE", "c")])
            for reply in refused { #expect(throws: RedisError.self) { try reply.get() } }
        }
    }

    @Test(
        "P2: many tasks on one connection get their own replies, off and on its event loop", arguments: [false, true])
    func shared(onEventLoop: Bool) async throws {
        try await withRedis { redis async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<50 {
                    group.addTask(executorPreference: onEventLoop ? redis.taskExecutor : nil) {
                        for number in 0..<40 {
                            let text = "\(task)-\(number)"
                            let reply = try await redis.send("ECHO", text)
                            #expect(reply.string == text)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(redis.isReusable && redis.pendingRequests == 0)
        }
    }

    @Test("P2: a transaction's errors: refused when queued, failed when run")
    func transaction() async throws {
        try await withRedis { redis async throws in
            let results = try await redis.transaction { commands in
                commands.append("SET", "t:a", 1)
                commands.append("LPUSH", "t:a", 1)
                commands.append("INCR", "t:a")
            }
            #expect((try? results[2].get()) == .integer(2))
            guard case .failure(let error) = results[1] else {
                Issue.record("no failure")
                return
            }
            #expect(error.reply?.code == "WRONGTYPE" && error.command == "LPUSH")
            let aborted = try await redisError {
                try await redis.transaction([RedisCommand("SET", "t:a", 9), RedisCommand("INCR")])
            }
            #expect(aborted?.code == .transactionAborted && aborted?.command == "INCR" && aborted?.mayHaveRun == false)
            #expect(try await redis.get("t:a") == "2")
            #expect(try await redis.transaction([]).isEmpty)
            for name in ["MULTI", "WATCH", "SUBSCRIBE", "MONITOR"] {
                #expect(try await redisError { try await redis.send(name, "x") }?.code == .refused)
            }
        }
    }

    @Test("P2: WATCH aborts when a key has changed, and others wait for the scope")
    func watch() async throws {
        try await withRedis { redis async throws in
            try await redis.set("w:a", 1)
            let aborted = try await redisError {
                try await redis.watch("w:a") { watch async throws in
                    let value = try await watch.get("w:a", as: Int.self) ?? 0
                    try await withRedis { other in _ = try await other.incr("w:a") }
                    return try await watch.transaction { $0.append("SET", "w:a", value + 10) }
                }
            }
            #expect(aborted?.code == .transactionAborted && aborted?.mayHaveRun == false)
            #expect(try await redis.get("w:a", as: Int.self) == 2)

            let waiting = try await redis.watch("w:a") { watch async throws in
                let value = try await watch.get("w:a", as: Int.self) ?? 0
                let waiting = Task { try await redis.incr("w:a") }
                while redis.pendingRequests == 0 { await Task.yield() }
                _ = try await watch.transaction { $0.append("SET", "w:a", value + 10) }
                // Still within the scope: the other task's command has not been sent.
                #expect(try await watch.get("w:a", as: Int.self) == 12)
                return waiting
            }
            #expect(try await waiting.value == 13)
        }
    }

    @Test("P2: an error within a WATCH scope leaves nothing watched and nobody waiting")
    func watchError() async throws {
        struct Failure: Error {}
        try await withRedis { redis async throws in
            await #expect(throws: Failure.self) {
                try await redis.watch("w:b") { _ in throw Failure() }
            }
            try await redis.set("w:b", 1)
            #expect(try await redis.transaction([RedisCommand("INCR", "w:b")]).count == 1)
            let used = try await redis.watch("w:b") { watch in watch }
            #expect(try await redisError { try await used.get("w:b") }?.code == .refused)
        }
    }

    @Test("P2: twenty tasks that count with WATCH on one connection lose nothing")
    func counting() async throws {
        try await withRedis { redis async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        for _ in 0..<5 {
                            try await redis.watch("w:count") { watch async throws in
                                let value = try await watch.get("w:count", as: Int.self) ?? 0
                                _ = try await watch.transaction { $0.append("SET", "w:count", value + 1) }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await redis.get("w:count", as: Int.self) == 100)
        }
    }
}
