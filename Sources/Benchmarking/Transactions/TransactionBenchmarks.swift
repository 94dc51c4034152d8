import GRDB
import LoadTesting
import Measurement
import RedisClient
import Transactions

/// Transactions over three stores, against the same work without anything that keeps the stores together.
struct TransactionBenchmarks {
    let benchmarker: Benchmarker

    func run() async throws {
        benchmarker.prepare("stores")
        try await BenchmarkStores.with { stores in
            let ids = IDs()
            try await alone(stores, ids)
            try await together(stores, ids, .transactionsTogether, isBatched: false)
            try await together(stores, ids, .transactionsBatched, isBatched: true)
            try await readMostly(stores, ids)
        }
        try await CacheLagBenchmark(benchmarker: benchmarker).run()
        try await RecoveryBenchmark(benchmarker: benchmarker).run()
    }

    private func alone(_ stores: BenchmarkStores, _ ids: IDs) async throws {
        let count = 100
        let (ours, theirs) = (PhaseTimes(), PhaseTimes())
        try await benchmarker.compare(
            .transactionAlone, .time, limitedBy: "\(ours.medians); uncoordinated: \(theirs.medians)",
            subject: {
                try await seconds { for _ in 0..<count { try await stores.coordinator.addUser(ids.next(), ours) } }
            },
            reference: {
                try await seconds { for _ in 0..<count { try await stores.plain.addUser(ids.next(), theirs) } }
            })
    }

    /// Tasks that write at the same time, so that units share commits.
    private func together(_ stores: BenchmarkStores, _ ids: IDs, _ target: Target, isBatched: Bool) async throws {
        let (tasks, rounds) = (25, 8)
        let (ours, theirs) = (PhaseTimes(), PhaseTimes())
        try await benchmarker.compare(
            target, .speed, limitedBy: "\(ours.medians); uncoordinated: \(theirs.medians)",
            subject: {
                try await seconds {
                    try await inParallel(tasks) { _ in
                        for _ in 0..<rounds {
                            try await stores.coordinator.addUser(ids.next(), ours, isBatched: isBatched)
                        }
                    }
                }
            },
            reference: {
                try await seconds {
                    try await inParallel(tasks) { _ in
                        for _ in 0..<rounds { try await stores.plain.addUser(ids.next(), theirs) }
                    }
                }
            })
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
        let (ours, theirs) = (PhaseTimes(), PhaseTimes())
        try await benchmarker.compare(
            .readMostly, .speed, limitedBy: "\(ours.medians); uncoordinated: \(theirs.medians)",
            subject: {
                try await mix(
                    read: { id in try await ours.measure("snapshot") { try await stores.coordinator.readUser(id) } },
                    write: { id in try await ours.measure("unit") { try await stores.coordinator.addUser(id) } })
            },
            reference: {
                try await mix(
                    read: { id in try await theirs.measure("reads") { try await stores.plain.readUser(id) } },
                    write: { id in try await theirs.measure("writes") { try await stores.plain.addUser(id) } })
            })
    }
}
