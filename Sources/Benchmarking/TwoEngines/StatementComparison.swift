import GraphClient
import LocalEngines

/// Statements, commits, checkpoints and openings, through Trivet's client.
struct StatementComparison {
    let comparer: EngineComparer
    let engines: EnginePair<GraphEngine>

    func run() async throws {
        comparer.prepare("graphs")
        try await engines.with(GraphSubject.with) { graphs in
            try await comparer.compare(.pointRead) { try await graphs[$0].readByKey() }
            try await comparer.compare(.neighbours) { try await graphs[$0].countNeighbours() }
            try await comparer.compare(.aggregate) { try await graphs[$0].aggregate() }
            try await comparer.compare([.insertion, .commit]) { try await graphs[$0].insert() }
            try await comparer.compare(.relationship) { try await graphs[$0].relate() }
            try await comparer.compare(.rows) { try await graphs[$0].insertRows() }
            try await comparer.compare(.aloneCommit) { try await graphs[$0].commitEach() }
            try await comparer.compare(.checkpoint) { try await graphs[$0].checkpoint() }
        }
        comparer.prepare("a log to read back")
        try await engines.with(LogSubject.with) { logs in
            try await comparer.compare(.opening) { try await logs[$0].open() }
        }
    }
}
