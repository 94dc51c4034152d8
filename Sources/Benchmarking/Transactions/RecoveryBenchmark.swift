import Foundation
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Threads
import Transactions

/// How long it takes to bring a graph and a Redis on that know nothing of 10 000 decided units.
struct RecoveryBenchmark {
    let benchmarker: Benchmarker

    private static let units = 10_000

    func run() async throws {
        try await RedisServer.withServer { server in
            try await TemporaryDirectory.withDirectory { folder in
                try await RedisPool.withPool(to: server.endpoint) { redis in
                    let files = Files(folder: folder.path)
                    try await open(files, redis) { coordinator in
                        guard let graph = coordinator.graph else { return }
                        try await BenchmarkStores.makeTables(coordinator.sqlite, graph)
                    }
                    try await files.backUp()
                    try await decide(files, redis)
                    try await benchmarker.measure(
                        .recoveryTime, limitedBy: "reading the journal's JSON"
                    ) {
                        try await files.restore()
                        _ = try await redis.send(RedisCommand("FLUSHALL"))
                        return try await seconds { try await open(files, redis) { _ in } }
                    }
                }
            }
        }
    }

    /// Opens the stores and closes them again, which waits for Redis.
    private func open(
        _ files: Files, _ redis: RedisPool, _ body: (Coordinator) async throws -> Void
    ) async throws {
        var configuration = CoordinatorConfiguration()
        // The graph of before has to find all it lacks in the journal.
        configuration.graphCheckpoints.transactions = .max
        configuration.graphCheckpoints.memory = 1
        configuration.graphCheckpoints.mostMemory = 2
        try await Coordinator.withCoordinator(
            sqlite: files.sqlite, graph: files.graph, redis: redis, configuration: configuration, body)
    }

    private func decide(_ files: Files, _ redis: RedisPool) async throws {
        try await open(files, redis) { coordinator in
            for id in 1...Self.units {
                if id.isMultiple(of: 500) { benchmarker.prepare("\(id) of \(Self.units) units to recover") }
                try await coordinator.addUser(id)
            }
        }
    }

    /// The graph's files, and a copy of them from before.
    private struct Files: Sendable {
        let folder: String
        var sqlite: String { folder + "/records.sqlite" }
        var graph: String { folder + "/graph.kuzu" }
        private var copy: String { folder + "/before.kuzu" }

        func backUp() async throws { try await copy(graph, to: copy) }
        func restore() async throws { try await copy(copy, to: graph) }

        private func copy(_ source: String, to target: String) async throws {
            try await onThread("trivet-copy") {
                for suffix in ["", ".wal", ".wal.seal"] {
                    try? FileManager.default.removeItem(atPath: target + suffix)
                    guard FileManager.default.fileExists(atPath: source + suffix) else { continue }
                    try FileManager.default.copyItem(atPath: source + suffix, toPath: target + suffix)
                }
            }
        }
    }
}
