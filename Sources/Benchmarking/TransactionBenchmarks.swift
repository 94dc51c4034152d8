import GRDB
import Measurement
import RedisClient
import Synchronization
import Transactions

/// Transactions over three stores, against the same work without anything that keeps the stores together.
struct TransactionBenchmarks {
    let benchmarker: Benchmarker

    func run() async throws {
        benchmarker.prepare("stores")
        try await BenchmarkStores.with { stores in
            let ids = IDs()
            try await alone(stores, ids)
            try await readMostly(stores, ids)
        }
        try await CacheLagBenchmark(benchmarker: benchmarker).run()
        try await RecoveryBenchmark(benchmarker: benchmarker).run()
    }

    /// Numbers for users, each once.
    final class IDs: Sendable {
        private let last = Atomic<Int>(0)
        func next() -> Int { last.add(1, ordering: .relaxed).newValue }
        /// The last one that was given out.
        var latest: Int { last.load(ordering: .relaxed) }
    }

    private func alone(_ stores: BenchmarkStores, _ ids: IDs) async throws {
        let count = 100
        try await benchmarker.compare(
            .transactionAlone, .time, limitedBy: "the graph's statements and two commits to disk",
            subject: { try await seconds { for _ in 0..<count { try await stores.coordinator.addUser(ids.next()) } } },
            reference: { try await seconds { for _ in 0..<count { try await stores.plain.addUser(ids.next()) } } })
    }

    /// Tasks that read nine times as often as they write.
    private func readMostly(_ stores: BenchmarkStores, _ ids: IDs) async throws {
        let (tasks, rounds) = (10, 5)
        // Both have the same users.
        for _ in 0..<100 {
            let id = ids.next()
            try await stores.coordinator.addUser(id)
            try await stores.plain.addUser(id)
        }
        let known = ids.latest
        func mix(
            read: @escaping @Sendable (Int) async throws -> Void, write: @escaping @Sendable (Int) async throws -> Void
        ) async throws -> Double {
            try await seconds {
                try await inParallel(tasks) { task in
                    for round in 0..<rounds {
                        for step in 0..<9 { try await read(known - (task * 9 + round + step) % 100) }
                        try await write(ids.next())
                    }
                }
            }
        }
        try await benchmarker.compare(
            .readMostly, .speed, limitedBy: "the graph's point reads",
            subject: {
                try await mix(
                    read: { try await stores.coordinator.readUser($0) },
                    write: { try await stores.coordinator.addUser($0) })
            },
            reference: {
                try await mix(
                    read: { try await stores.plain.readUser($0) }, write: { try await stores.plain.addUser($0) })
            })
    }
}
