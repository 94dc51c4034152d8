import Benchmark
import Foundation
import LocalEngines
import NIOPosix
import Trivet

/// Thousandths, since a metric is a whole number: 800 is 0.8.
private let ratio = BenchmarkMetric.custom(
    "requests/s against redis-benchmark × 1000", polarity: .prefersLarger, useScalingFactor: false)

let benchmarks: @Sendable () -> Void = {
    let configuration = Benchmark.Configuration(
        metrics: [ratio], warmupIterations: 1, maxDuration: .seconds(60), maxIterations: 11)

    for (id, load) in [
        ("bench.redis.ratio: 50 connections, GET", Load(connections: 50, depth: 1, requests: 200_000)),
        (
            "bench.redis.pipelineRatio: 1 connection, pipelines of 100, GET",
            Load(connections: 1, depth: 100, requests: 1_500_000)
        ),
    ] {
        Benchmark(id, configuration: configuration) { benchmark in
            try await RedisServer.withServer(RedisServer.Configuration(transport: .tcp)) { server in
                let users = try await load.connect(to: server.endpoint)
                for _ in benchmark.scaledIterations {
                    // In turns on the same server, so that the machine's moods meet both.
                    let reference = try await load.redisBenchmark(server.endpoint)
                    let own = try await load.run(users)
                    benchmark.measurement(ratio, Int(own / reference * 1_000))
                }
                for user in users { await user.close() }
            }
        }
    }
}

/// A number of GETs of a three-byte value, over so many connections, so many of them at once on each.
private struct Load {
    let connections: Int
    let depth: Int
    let requests: Int

    func connect(to endpoint: RedisEndpoint) async throws -> [RedisConnection] {
        // One event loop, as redis-benchmark has one: the other core is the server's.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var users: [RedisConnection] = []
        for _ in 0..<connections {
            users.append(try await RedisConnection.connect(to: endpoint, eventLoop: group.next()))
        }
        _ = try await users[0].send(RedisCommand("SET", "key", "abc"))
        return users
    }

    /// Requests a second.
    func run(_ users: [RedisConnection]) async throws -> Double {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            for user in users {
                group.addTask(executorPreference: user.taskExecutor) { try await self.act(user) }
            }
            try await group.waitForAll()
        }
        return Double(requests) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private func act(_ user: RedisConnection) async throws {
        let rounds = requests / connections / depth
        if depth == 1 {
            for _ in 0..<rounds { blackHole(try await user.send(RedisCommand("GET", "key"))) }
        } else {
            for _ in 0..<rounds {
                let commands = (0..<depth).map { _ in RedisCommand("GET", "key") }
                for reply in await user.pipeline(commands) { blackHole(try reply.get()) }
            }
        }
    }

    /// Requests a second of the server's own benchmark, which is installed with it.
    func redisBenchmark(_ endpoint: RedisEndpoint) async throws -> Double {
        guard case .tcp(_, let port) = endpoint else { return .nan }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "redis-benchmark", "-p", "\(port)", "-c", "\(connections)", "-P", "\(depth)", "-n", "\(requests)", "-d",
            "3", "-t", "get",
            "--csv",
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard let row = text.split(separator: "\n").last, let field = row.split(separator: ",").dropFirst().first,
            let rate = Double(field.trimmingCharacters(in: ["\""]))
        else { throw NoFigure(output: text) }
        return rate
    }

    private struct NoFigure: Error {
        let output: String
    }
}
