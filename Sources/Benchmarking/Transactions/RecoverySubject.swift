import Foundation
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Threads
import Transactions

/// Stores with 10 000 decided units, of which the graph and Redis can be made to know nothing.
struct RecoverySubject: Sendable {
    private static let units = 10_000

    private let files: Files
    private let redis: RedisPool
    private let engine: GraphEngine?

    /// - Parameters:
    ///   - engine: the graph's; nil for the one that the environment names.
    ///   - prepare: is told how far the units are.
    static func with(
        _ engine: GraphEngine? = nil, prepare: (String) -> Void, _ body: (RecoverySubject) async throws -> Void
    ) async throws {
        try await RedisServer.withServer { server in
            try await TemporaryDirectory.withDirectory { folder in
                try await RedisPool.withPool(to: server.endpoint) { redis in
                    let subject = RecoverySubject(files: Files(folder: folder.path), redis: redis, engine: engine)
                    try await subject.open { coordinator in
                        guard let graph = coordinator.graph else { return }
                        try await BenchmarkStores.makeTables(coordinator.sqlite, graph)
                    }
                    try await subject.files.backUp()
                    try await subject.decide(prepare)
                    try await body(subject)
                }
            }
        }
    }

    /// Seconds.
    func recover() async throws -> Double {
        try await files.restore()
        _ = try await redis.send(RedisCommand("FLUSHALL"))
        return try await seconds { try await open { _ in } }
    }

    /// Opens the stores and closes them again, which waits for Redis.
    private func open(_ body: (Coordinator) async throws -> Void) async throws {
        var configuration = CoordinatorConfiguration()
        // The graph of before has to find all it lacks in the journal.
        configuration.graphCheckpoints.transactions = .max
        configuration.graphCheckpoints.memory = 1
        configuration.graphCheckpoints.mostMemory = 2
        try await Coordinator.withCoordinator(
            sqlite: files.sqlite, graph: files.graph, redis: redis, configuration: configuration, graphEngine: engine,
            body)
    }

    private func decide(_ prepare: (String) -> Void) async throws {
        try await open { coordinator in
            for id in 1...Self.units {
                if id.isMultiple(of: 500) { prepare("\(id) of \(Self.units) units to recover") }
                try await coordinator.addUser(id)
            }
        }
    }

    /// The graph's files, and a copy of them from before.
    private struct Files: Sendable {
        let folder: String
        var sqlite: String { folder + "/records.sqlite" }
        var graph: String { folder + "/graph" }
        private var copy: String { folder + "/before" }

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
