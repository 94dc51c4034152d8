import NIOCore
import RedisClient
import Testing

/// Peers that no redis-server would be. Each gives an error that names the cause, and nothing is left behind.
@Suite struct MisbehavingPeerTests {
    private static let hello = ScriptedServer.Step.say("%1\r\n+proto\r\n:3\r\n")

    private func connectError(_ server: ScriptedServer) async throws -> RedisError? {
        try await redisError { try await RedisConnection.connect(to: server.endpoint) }
    }

    /// Connects properly, sends GET, and returns its error and the connection, which has ended.
    private func getError(_ steps: [ScriptedServer.Step]) async throws -> RedisError? {
        try await ScriptedServer.withServer([[Self.hello], steps]) { server async throws in
            try await RedisConnection.withConnection(to: server.endpoint) { redis async throws in
                let error = try await redisError { try await redis.get("k") }
                #expect(!redis.isOpen)
                #expect(redis.closeReason?.code == error?.code)
                #expect(try await redisError { try await redis.get("k") }?.mayHaveRun == false)
                #expect(error?.command == "GET" && error?.endpoint == server.endpoint && error?.remedy.isEmpty == false)
                return error
            }
        }
    }

    @Test(
        "P2: servers that speak another protocol",
        arguments: [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"), ("<html>", "HTTP"), ("SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
            ("\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}\u{28}", "TLS"),
        ])
    func otherProtocols(bytes: String, name: String) async throws {
        try await ScriptedServer.withServer([[.say(bytes)]]) { server async throws in
            let error = try await self.connectError(server)
            #expect(error?.code == .notRedis)
            #expect(error?.message.contains(name) == true)
        }
    }

    @Test("P2: an SSH server greets by itself")
    func greeting() async throws {
        try await ScriptedServer.withServer(atOnce: "SSH-2.0-OpenSSH_9.2\r\n", []) { server async throws in
            #expect(try await self.connectError(server)?.code == .notRedis)
        }
    }

    @Test("P2: a server that closes while connecting, or answers HELLO with something else")
    func handshake() async throws {
        try await ScriptedServer.withServer([[.close]]) { server async throws in
            #expect(try await self.connectError(server)?.code == .connectionClosed)
        }
        try await ScriptedServer.withServer([[.say("+OK\r\n")]]) { server async throws in
            #expect(try await self.connectError(server)?.code == .notRedis)
        }
        try await ScriptedServer.withServer([[.say("-ERR unknown command\r\n")], [.say("+PONG\r\n")]]) {
            server async throws in
            try await RedisConnection.withConnection(to: server.endpoint) { redis async throws in
                #expect(redis.protocolVersion == .resp2)
            }
        }
        try await ScriptedServer.withServer([[.say("-ERR max number of clients reached\r\n"), .close]]) {
            server async throws in
            #expect(try await self.connectError(server)?.code == .connectionClosed)
        }
    }

    @Test("P2: a server that closes half-way through a reply")
    func halfReply() async throws {
        let error = try await self.getError([.say("$10\r\nabc"), .close])
        #expect(error?.code == .connectionClosed && error?.mayHaveRun == true)
        #expect(error?.message.contains("middle of a reply") == true)
        #expect(try await self.getError([.close])?.code == .connectionClosed)
    }

    @Test("P2: a reply of 1 GB announced")
    func announcedSize() async throws {
        let error = try await self.getError([.say("$1073741824\r\nabc")])
        #expect(error?.code == .limitExceeded && error?.mayHaveRun == true)
        #expect(try await self.getError([.say("*1000000000\r\n")])?.code == .limitExceeded)
    }

    @Test("P2: a reply nested 100 000 deep")
    func nesting() async throws {
        #expect(try await self.getError([.repeatedly("*1\r\n", times: 100_000)])?.code == .limitExceeded)
    }

    @Test("P2: garbage bytes")
    func garbage() async throws {
        #expect(try await self.getError([.say("\u{0}\u{1}garbage")])?.code == .protocolViolation)
        #expect(try await self.getError([.say(":12x\r\n")])?.code == .protocolViolation)
        #expect(try await self.getError([.repeatedly("a", times: 1_000_000)])?.code == .protocolViolation)
    }

    @Test("P2: replies that nobody asked for end the connection; the one that was asked for arrives")
    func tooManyReplies() async throws {
        try await ScriptedServer.withServer([[Self.hello], [.say("$1\r\na\r\n$1\r\nb\r\n")]]) { server async throws in
            try await RedisConnection.withConnection(to: server.endpoint) { redis async throws in
                #expect(try await redis.get("k") == "a")
                let (ends, continuation) = AsyncStream<RedisError>.makeStream()
                redis.onClose { reason in
                    continuation.yield(reason)
                    continuation.finish()
                }
                #expect(await ends.first { _ in true }?.code == .protocolViolation)
            }
        }
    }

    @Test("P2: a task on the event loop is told too when the connection breaks within a read")
    func onEventLoop() async throws {
        try await ScriptedServer.withServer([[Self.hello], [.say("$1\r\na\r\nX")]]) { server async throws in
            let redis = try await RedisConnection.connect(to: server.endpoint)
            try await withTaskExecutorPreference(redis.taskExecutor) {
                async let first = redis.get("k")
                async let second = redisError { try await redis.get("k") }
                _ = try? await first
                _ = try await second
            }
            await redis.close()
        }
    }

    @Test("P2: the peer's silence ends at the command's own timeout, a pipeline's with the replies that came")
    func silence() async throws {
        try await ScriptedServer.withServer([[Self.hello], [.say(":1\r\n")]]) { server async throws in
            // Long enough for the first reply to arrive while all other tests run beside this one.
            let configuration = RedisConnection.Configuration(commandTimeout: .seconds(2))
            try await RedisConnection.withConnection(to: server.endpoint, configuration: configuration) {
                redis async throws in
                let replies = await redis.pipeline([RedisCommand("A1"), RedisCommand("B1")])
                #expect((try? replies[0].get()) == .integer(1))
                guard case .failure(let error) = replies[1] else {
                    Issue.record("no failure")
                    return
                }
                #expect(error.code == .timeout && error.command == "B1" && error.mayHaveRun)
                #expect(redis.isOpen && redis.lateReplies == 1)
            }
        }
    }
}
