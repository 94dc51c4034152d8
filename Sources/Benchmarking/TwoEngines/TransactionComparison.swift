import GraphClient

/// Transactions over three stores, of which one is the engine's.
struct TransactionComparison {
    let comparer: EngineComparer
    let engines: EnginePair<GraphEngine>

    func run() async throws {
        comparer.prepare("stores")
        try await engines.with(BenchmarkStores.with) { stores in
            let units = 50
            try await comparer.compare(.alone) { try await stores[$0].addAlone(units) / Double(units) * 1_000 }
            let together = Double(BenchmarkStores.tasks * BenchmarkStores.rounds)
            try await comparer.compare([.together, .plain, .ratio]) { kind in
                let ours = try await stores[kind].addTogether()
                let theirs = try await stores[kind].addTogetherPlain()
                return [together / ours, together / theirs, theirs / ours]
            }
            try await comparer.compare(.batched) {
                together / (try await stores[$0].addTogether(isBatched: true))
            }
            let known = EnginePair(
                kuzu: try await stores.kuzu.addKnown(), ladybug: try await stores.ladybug.addKnown())
            try await comparer.compare(.snapshot) { kind in
                let (last, reads) = (known[kind], 200)
                return try await seconds {
                    for step in 0..<reads { try await stores[kind].coordinator.readUser(last - step % 100) }
                } / Double(reads) * 1_000
            }
            let operations = Double(BenchmarkStores.readers * BenchmarkStores.writes * 10)
            try await comparer.compare(.readMostly) { kind in
                let subject = stores[kind]
                return operations
                    / (try await subject.mix(
                        known: known[kind], read: { try await subject.coordinator.readUser($0) },
                        write: { try await subject.coordinator.addUser($0) }))
            }
        }
    }
}
