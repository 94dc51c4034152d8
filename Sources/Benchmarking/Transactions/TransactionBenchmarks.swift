import GRDB
import LoadTesting
import Measurement
import Transactions

/// Transactions over three stores, against the same work without anything that keeps the stores together.
struct TransactionBenchmarks {
    let benchmarker: Benchmarker

    func run() async throws {
        benchmarker.prepare("stores")
        try await BenchmarkStores.with { stores in
            try await alone(stores)
            try await together(stores, .transactionsTogether, isBatched: false)
            try await byHand(stores)
            try await together(stores, .transactionsBatched, isBatched: true)
            try await readMostly(stores)
        }
        try await CacheLagBenchmark(benchmarker: benchmarker).run()
        try await RecoveryBenchmark(benchmarker: benchmarker).run()
    }

    private func alone(_ stores: BenchmarkStores) async throws {
        let (ours, theirs) = (PhaseTimes(), PhaseTimes())
        try await benchmarker.compare(
            .transactionAlone, .time, limitedBy: "\(ours.medians); uncoordinated: \(theirs.medians)",
            subject: { try await stores.addAlone(100, ours) },
            reference: { try await stores.addAlonePlain(100, theirs) })
    }

    /// Tasks that write at the same time, so that units share commits.
    private func together(_ stores: BenchmarkStores, _ target: Target, isBatched: Bool) async throws {
        let (ours, theirs) = (PhaseTimes(), PhaseTimes())
        try await benchmarker.compare(
            target, .speed, limitedBy: "\(ours.medians); uncoordinated: \(theirs.medians)",
            subject: { try await stores.addTogether(ours, isBatched: isBatched) },
            reference: { try await stores.addTogetherPlain(theirs) })
    }

    /// The same against the commits alone, which no coordinator can do without.
    private func byHand(_ stores: BenchmarkStores) async throws {
        let (ours, count) = (PhaseTimes(), BenchmarkStores.tasks * BenchmarkStores.rounds)
        let theirs = PhaseTimes()
        try await benchmarker.compare(
            .transactionsByHand, .speed, limitedBy: "\(ours.medians); in C, \(count) units: \(theirs.medians)",
            subject: { try await stores.addTogether(ours) },
            reference: {
                let first = stores.ids.next(count)
                return try await seconds {
                    try await theirs.measure("all") {
                        try await stores.byHand.write(from: first, count, perCommit: BenchmarkStores.tasks)
                    }
                }
            })
    }

    /// Tasks that read nine times as often as they write.
    private func readMostly(_ stores: BenchmarkStores) async throws {
        let known = try await stores.addKnown()
        let (ours, theirs) = (PhaseTimes(), PhaseTimes())
        try await benchmarker.compare(
            .readMostly, .speed, limitedBy: "\(ours.medians); uncoordinated: \(theirs.medians)",
            subject: {
                try await stores.mix(
                    known: known,
                    read: { id in try await ours.measure("snapshot") { try await stores.coordinator.readUser(id) } },
                    write: { id in try await stores.coordinator.addUser(id, ours) })
            },
            reference: {
                try await stores.mix(
                    known: known,
                    read: { id in try await theirs.measure("reads") { try await stores.plain.readUser(id) } },
                    write: { id in try await stores.plain.addUser(id, theirs) })
            })
    }
}
