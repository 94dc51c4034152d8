import GraphClient

/// How long it takes to bring a graph and a Redis on that know nothing of 10 000 decided units.
struct RecoveryComparison {
    let comparer: EngineComparer
    let engines: EnginePair<GraphEngine>

    func run() async throws {
        try await engines.with { engine, body in
            try await RecoverySubject.with(engine, prepare: comparer.prepare, body)
        } _: { (subjects: EnginePair<RecoverySubject>) in
            try await comparer.compare(.recovery) { try await subjects[$0].recover() }
        }
    }
}
