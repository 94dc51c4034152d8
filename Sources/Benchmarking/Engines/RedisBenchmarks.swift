import LoadTesting
import LocalEngines
import NIOPosix
import RedisClient

/// What the client costs, against redis-benchmark on the same server: a program in C that does nothing with the replies.
struct RedisBenchmarks {
    let benchmarker: Benchmarker

    func run() async throws {
        try await RedisServer.withServer(RedisServer.Configuration(transport: .tcp)) { server in
            let tool = try RedisBenchmarkTool(beside: server.executable)
            try await measure(
                .redisRatio, Load(connections: 50, depth: 1, requests: 100_000), server, tool,
                limitedBy: "one event loop, and a task for each connection")
            try await measure(
                .redisPipelineRatio, Load(connections: 1, depth: 100, requests: 1_000_000), server, tool,
                limitedBy: "a reply's value for each command, which redis-benchmark doesn't make")
        }
    }

    private func measure(
        _ target: Target, _ load: Load, _ server: RedisServer, _ tool: RedisBenchmarkTool, limitedBy limit: String
    ) async throws {
        // One event loop, as redis-benchmark has one: the other core is the server's.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var users: [RedisConnection] = []
        for _ in 0..<load.connections {
            users.append(try await RedisConnection.connect(to: server.endpoint, eventLoop: group.next()))
        }
        _ = try await users[0].send(RedisCommand("SET", "key", "abc"))
        let connections = users
        try await benchmarker.compare(
            target, .speed, limitedBy: limit,
            subject: { try await seconds { try await load.run(on: connections) } },
            reference: {
                let rate = try await tool.get(
                    from: server.endpoint, connections: load.connections, depth: load.depth, requests: load.requests)
                return Double(load.requests) / rate
            })
        for user in users { await user.close() }
        try await group.shutdownGracefully()
    }
}

/// A number of GETs of a value of three bytes, over so many connections, so many of them at once on each.
private struct Load: Sendable {
    let connections: Int
    let depth: Int
    let requests: Int

    func run(on users: [RedisConnection]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for user in users {
                group.addTask(executorPreference: user.taskExecutor) { try await act(user) }
            }
            try await group.waitForAll()
        }
    }

    private func act(_ user: RedisConnection) async throws {
        let get = RedisCommand("GET", "key")
        let rounds = requests / connections / depth
        if depth == 1 {
            for _ in 0..<rounds { _ = try await user.send(get) }
        } else {
            for _ in 0..<rounds {
                let commands = (0..<depth).map { _ in RedisCommand("GET", "key") }
                for reply in await user.pipeline(commands) { _ = try reply.get() }
            }
        }
    }
}
